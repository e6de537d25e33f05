/**
 * One recipe for every selected layer: the core's batch, joined to the batch of the main side.
 *
 * The main side decides what one undo takes back, and can take back by hand what was applied before a batch was cancelled. Hence a
 * batch that was cancelled half-way asks first: keep, or take back.
 */
import {
  Batch,
  recipeTitle,
  Subject,
  type BatchState,
  type DaemonLink,
  type EditingPlatform,
  type Observable,
  type Recipe,
} from '@deltaspace/plugin-core';
import { type FailureCode, type Target } from '../../bridge/index.js';
import { type UiBridge } from '../ui-bridge.js';
import { capturePicture, type CapturedPicture } from './captured-picture.js';
import { toStored } from './stored-recipe.js';

export interface BatchRunState {
  readonly batch: BatchState;
  /** `asking`: it was cancelled after something had been applied, and `keep` or `takeBack` is called next. */
  readonly phase: 'running' | 'asking' | 'closing' | 'ended';
  /** What became of it, in one sentence; empty until it ended. */
  readonly summary: string;
}

export interface BatchRunParts {
  readonly bridge: Pick<UiBridge, 'request'>;
  readonly link: DaemonLink;
  readonly platform: EditingPlatform;
  readonly recipe: Recipe;
  readonly defaultStrength: number | undefined;
  readonly targets: readonly Target[];
  readonly undo: 'once' | 'each';
}

export class BatchRun {
  readonly #bridge: Pick<UiBridge, 'request'>;
  readonly #batchId: string;
  readonly #batch: Batch;
  readonly #state: Subject<BatchRunState>;
  #wasCancelled = false;

  private constructor(parts: BatchRunParts, batchId: string) {
    this.#bridge = parts.bridge;
    this.#batchId = batchId;
    this.#batch = new Batch({
      link: parts.link,
      platform: parts.platform,
      encoding: 'png',
      recipe: parts.recipe,
      layers: parts.targets.map((target) => this.#layerOf(parts, target)),
    });
    this.#state = new Subject<BatchRunState>({ batch: this.#batch.state.value, phase: 'running', summary: '' });
    this.#batch.state.subscribe((batch) => this.#state.set({ ...this.#state.value, batch }));
    void this.#batch.finished.then(() => this.#finish());
  }

  /** Opens the batch on both sides; it runs from then on. @throws BridgeError, ProtocolError `invalid_params`. */
  static async start(parts: BatchRunParts): Promise<BatchRun> {
    const { batchId } = await parts.bridge.request('batch.open', { undo: parts.undo });
    return new BatchRun(parts, batchId);
  }

  get state(): Observable<BatchRunState> {
    return this.#state;
  }

  cancel(): void {
    this.#wasCancelled = true;
    this.#batch.cancel();
  }

  /** Leaves what was applied. */
  keep(): Promise<void> {
    return this.#close('keep');
  }

  /** Brings back what was there before the batch, where nobody changed it meanwhile. */
  takeBack(): Promise<void> {
    return this.#close('revert');
  }

  #layerOf(parts: BatchRunParts, target: Target): ConstructorParameters<typeof Batch>[0]['layers'][number] {
    let picture: CapturedPicture | undefined;
    return {
      id: target.id,
      name: target.name,
      capture: async () => {
        picture = await capturePicture(parts.bridge, target);
        return picture.layer.pixels;
      },
      deliver: async ({ image }) => {
        const { sourceKey } = picture as CapturedPicture;
        picture = undefined;
        await parts.bridge.request('batch.apply', {
          batchId: this.#batchId,
          targetId: target.id,
          sourceKey,
          image: image.bytes,
          recipe: toStored(parts.recipe),
          label: recipeTitle(parts.recipe, parts.defaultStrength),
        });
      },
    };
  }

  async #finish(): Promise<void> {
    const done = this.#batch.state.value.items.filter(({ state }) => state.kind === 'done').length;
    if (this.#wasCancelled && done > 0) this.#state.set({ ...this.#state.value, phase: 'asking' });
    else await this.#close('keep');
  }

  async #close(outcome: 'keep' | 'revert'): Promise<void> {
    if (this.#state.value.phase === 'ended' || this.#state.value.phase === 'closing') return;
    this.#state.set({ ...this.#state.value, phase: 'closing' });
    const failures = await this.#bridge.request('batch.close', { batchId: this.#batchId, outcome }).then(
      ({ failures: left }) => left.map(({ code }) => code),
      () => [], // another batch was begun, or the window closes: what was applied is kept
    );
    this.#state.set({
      ...this.#state.value,
      phase: 'ended',
      summary: summaryOf(this.#batch.state.value, outcome, failures),
    });
  }
}

/** “3 layers edited, 1 failed.” `failures` says why layers could not be taken back. */
export function summaryOf(
  { items }: BatchState,
  outcome: 'keep' | 'revert',
  failures: readonly FailureCode[] = [],
): string {
  const count = (kind: string): number => items.filter(({ state }) => state.kind === kind).length;
  const layers = (number: number): string => (number === 1 ? '1 layer' : `${number} layers`);
  if (outcome === 'revert') {
    const goneCount = failures.filter((code) => code === 'layer_gone').length;
    const leftCount = failures.length - goneCount;
    const left = leftCount === 0 ? '' : ` ${layers(leftCount)} changed meanwhile and stayed.`;
    const gone = goneCount === 0 ? '' : ` ${layers(goneCount)} ${goneCount === 1 ? 'was' : 'were'} deleted meanwhile.`;
    return `${layers(count('done') - failures.length)} as before.${left}${gone}`;
  }
  const parts = [`${layers(count('done'))} edited`];
  if (count('failed') > 0) parts.push(`${count('failed')} failed`);
  if (count('cancelled') > 0) parts.push(`${count('cancelled')} not begun`);
  return `${parts.join(', ')}.`;
}
