/**
 * What the API process and its worker child say to each other over the fork's channel.
 *
 * Control only: pixels and latents travel as files of the blob folder. Both ends are this code base, so the messages
 * are typed but not validated.
 */
import type { JobMetrics, PackSummary, WireError } from '@deltaspace/shared-protocol';
import type { JobRequest, JobResult } from '../jobs/job.js';

export interface WorkerConfiguration {
  readonly blobDirectory: string;
  /** Folder of the runs that jobs of the background train. */
  readonly trainingDirectory: string;
  /** Folder of the packs that the user trained or imported. Those that ship are the worker's own to find. */
  readonly packsDirectory: string;
  /** Whether image files are sure to come, as when a command started the daemon for its call. */
  readonly expectsFiles: boolean;
  /** Folder for inversions and text features that outlive the worker, and how many bytes it may hold. */
  readonly cacheDirectory: string;
  readonly cacheBytes: number;
  readonly models: ModelLimits;
}

/** How long, and how much of, networks stay in memory. */
export interface ModelLimits {
  readonly keepAliveMs: number;
  readonly limitBytes: number;
}

/** A pack whose networks are in memory, and how much they take. */
export interface LoadedPack {
  readonly id: string;
  readonly sizeBytes: number;
}

export interface DamagedPack {
  /** Folder name without its path. */
  readonly folder: string;
  readonly reason: string;
}

export interface WorkerInventory {
  readonly models: readonly PackSummary[];
  readonly damaged: readonly DamagedPack[];
}

export type ToWorker =
  | ({ readonly kind: 'configure' } & WorkerConfiguration)
  | { readonly kind: 'run'; readonly id: string; readonly request: JobRequest }
  | { readonly kind: 'cancel'; readonly id: string }
  /** Packs were installed: load them too. Answered with `ready`. */
  | { readonly kind: 'reload' }
  | { readonly kind: 'stop' };

export type FromWorker =
  /** The module is loaded and listens; nothing is loaded yet. */
  | { readonly kind: 'listening' }
  | ({ readonly kind: 'ready' } & WorkerInventory)
  /** The networks in memory changed. */
  | { readonly kind: 'loaded'; readonly packs: readonly LoadedPack[] }
  /** Said once a second while packs are loaded or jobs run. */
  | { readonly kind: 'alive' }
  /** The worker cannot serve at all; it exits after saying so. */
  | { readonly kind: 'unusable'; readonly reason: string }
  | {
      readonly kind: 'progress';
      readonly id: string;
      readonly stage: string;
      readonly fraction: number;
      readonly metrics?: JobMetrics;
    }
  | { readonly kind: 'done'; readonly id: string; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly id: string; readonly error: WireError; readonly stack?: string };
