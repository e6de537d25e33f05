/**
 * Whether the daemon can do its work right now: `/readyz`. For whoever starts it and waits; `/healthz` only says that the process
 * lives.
 */
import { statfs } from 'node:fs/promises';
import type { ServerStatus } from '@deltaspace/shared-protocol';
import { daemonSettings } from './config/settings.js';
import type { WorkerInventory } from './worker/messages.js';

export interface Readiness {
  readonly ready: boolean;
  /** Counts and words of a fixed set only: the route needs no token. */
  readonly checks: {
    readonly worker: ServerStatus['worker']['state'];
    readonly packs: { readonly sound: number; readonly damaged: number };
    readonly disk: 'ok' | 'full' | 'unreadable';
  };
}

export interface ReadinessFacts {
  readonly worker: ServerStatus['worker']['state'];
  readonly inventory: WorkerInventory | undefined;
  /** Undefined when the folder cannot be looked at. */
  readonly freeBytes: number | undefined;
}

/** Ready with a worker, at least one sound pack, and room to write results. A damaged pack beside it does not count. */
export function judgeReadiness({ worker, inventory, freeBytes }: ReadinessFacts): Readiness {
  const packs = { sound: inventory?.models.length ?? 0, damaged: inventory?.damaged.length ?? 0 };
  const room = freeBytes === undefined ? 'unreadable' : freeBytes < daemonSettings.diskFloorBytes ? 'full' : 'ok';
  const ready = worker === 'ready' && packs.sound > 0 && room === 'ok';
  return { ready, checks: { worker, packs, disk: room } };
}

/** Bytes that this user may still write in a folder. */
export async function freeBytesIn(folder: string): Promise<number | undefined> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined, // told as `unreadable`
  );
}
