/** What the queue is built from, as interfaces: who runs jobs, who stores them, who hears of them. */
import type { CancelSignal, JobMetrics } from '@deltaspace/shared-protocol';
import type { JobRequest, JobResult, JobView, WorkerDeath } from './job.js';
import type { JobStore } from './job-store.js';
import type { TrackName } from './track.js';

export interface JobHooks {
  /** @param metrics what a long job measures as it goes; those told last when left out. */
  progress(stage: string, fraction: number, metrics?: JobMetrics): void;
  readonly signal: CancelSignal;
}

/**
 * Runs one job at a time. Rejects with a ProtocolError; a worker that died of the job rejects with a WorkerDiedError, a
 * cancelled job with code `cancelled`.
 */
export interface JobExecutor {
  execute(id: string, request: JobRequest, hooks: JobHooks): Promise<JobResult>;
}

/** The worker ended while it ran the job. */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError';
  constructor(readonly death: WorkerDeath) {
    super(death.reason);
  }
}

export interface QueueParts {
  readonly store: JobStore;
  /** Who runs the jobs of each track. */
  readonly executors: Readonly<Record<TrackName, JobExecutor>>;
  /** Jobs that may wait on one track. */
  readonly maximumQueued: number;
  /** Workers that may die of one job; the last of them fails it. */
  readonly maximumCrashes: number;
  /** Shortest time between two reports of a changed place in the line. */
  readonly progressIntervalMs: number;
  /** Keeps blobs from being evicted; the returned function lets them go. */
  readonly pin: (digests: readonly string[]) => () => void;
  /** Takes the blobs of a result into the store, before the job counts as succeeded. */
  readonly keepResult: (result: JobResult) => void;
  /** Hears of every change of a job, and of its progress. */
  readonly changed: (view: JobView) => void;
  /** A change could not be committed: something for the log. The job goes on in memory. */
  readonly uncommitted: (jobId: string, error: unknown) => void;
  readonly nowMs: () => number;
  readonly newId: () => string;
}
