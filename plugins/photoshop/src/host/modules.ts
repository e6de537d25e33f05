/**
 * The only file that imports the modules `photoshop` and `uxp`; they exist inside Photoshop alone.
 *
 * Everything else takes what it needs as an argument, so that the same code runs over the double in the tests.
 */
import { action, app, core, imaging } from 'photoshop';
import * as uxp from 'uxp';
import type { ActionRecording, HostModules } from './host-modules.js';
import { after, type PanelElement } from './uxp-globals.js';

/** What is used of `uxp`. Its types put `secureStorage` beside `storage` instead of into it, hence the cast below. */
interface UxpModule {
  readonly entrypoints: { setup(entryPoints: EntryPoints): void };
  readonly storage: { readonly secureStorage: SecureStorage };
  readonly host: { readonly version: string };
}

/** What Photoshop calls: commands by the ids of the manifest, and the panel's root element once it is made. */
export interface EntryPoints {
  readonly commands: Readonly<Record<string, () => Promise<void>>>;
  readonly panels?: Readonly<Record<string, { create(rootNode: PanelElement): void }>>;
}

/** Small secrets, encrypted per user by the host, which may lose them: the pairing token goes here. */
export interface SecureStorage {
  getItem(key: string): Promise<Uint8Array | null | undefined>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

const { entrypoints, host, storage } = uxp as unknown as UxpModule;

/** Tells Photoshop what to call. Must happen while the plugin's script is first run: later is an error that nobody can catch. */
export function setUpEntryPoints(entryPoints: EntryPoints): void {
  entrypoints.setup(entryPoints);
}

/** Of Photoshop. */
export const hostVersion: string = host.version;

export const secureStorage: SecureStorage = storage.secureStorage;

export const hostModules: HostModules = {
  app,
  core,
  action: action as typeof action & ActionRecording,
  imaging,
  globals: globalThis,
  wait: (durationMs) => new Promise((resolve) => void after(durationMs, resolve)),
};
