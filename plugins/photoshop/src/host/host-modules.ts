/**
 * The members of the modules `photoshop` and `uxp` that this plugin uses, by their published types.
 *
 * Kept as one list so that a reader sees the whole surface, and so that the double in the tests knows what to implement:
 * it throws on anything else. Holds types only; `modules.ts` has the modules themselves.
 */
import type { action, app, core, imaging } from 'photoshop';

/** `recordAction` is missing from @types/photoshop 25.0.4; Photoshop has it since 25.0. */
export interface ActionRecording {
  recordAction(
    options: { name: string; methodName: string },
    parameters: Readonly<Record<string, string>>,
  ): Promise<void>;
}

/** The second argument of `executeAsModal` as Photoshop 25.10 reads it; older ones ignore `timeOut` (seconds). */
export type ModalOptions = Parameters<typeof core.executeAsModal>[1] & { timeOut?: number };

export interface HostModules {
  readonly app: Pick<typeof app, 'documents' | 'activeDocument'>;
  readonly core: Pick<typeof core, 'executeAsModal' | 'showAlert'>;
  readonly action: Pick<typeof action, 'batchPlay' | 'addNotificationListener' | 'removeNotificationListener'> &
    ActionRecording;
  readonly imaging: Pick<
    typeof imaging,
    'getPixels' | 'putPixels' | 'getSelection' | 'putLayerMask' | 'createImageDataFromBuffer'
  >;
  /** Where Photoshop looks for the function that a recorded step names: the plugin's global object. */
  readonly globals: Record<string, unknown>;
  readonly wait: (durationMs: number) => Promise<void>;
}

export type HostDocument = NonNullable<(typeof app)['activeDocument']>;
export type HostLayer = HostDocument['layers'][number];
export type HostImageData = Awaited<ReturnType<typeof imaging.createImageDataFromBuffer>>;
export type HostExecution = Parameters<Parameters<typeof core.executeAsModal>[0]>[0];
