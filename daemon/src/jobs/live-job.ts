/**
 * A job that has not ended, in memory: its newest record, who waits for it, and how it is told to stop.
 *
 * Every waiter gets exactly one outcome: when the job ends, or when it leaves before.
 */
import { CancelSource, type CancelSignal, type JobMetrics, type JobProgress } from '@deltaspace/shared-protocol';
import type { JobRecord, JobResult } from './job.js';

/** One request that waits for a job. */
export interface JobWaiter {
  /** The connection it came on: lanes of different connections are different lanes. */
  readonly connection: string;
  /** Who is behind that connection: a job belongs to its sender, and nobody else can join it. */
  readonly owner: string;
  /** Fires when the request is cancelled or its connection closes. */
  readonly signal: CancelSignal;
  /** Whether `signal` fired because the connection closed. */
  hasLeft(): boolean;
  progress(progress: JobProgress): void;
}

/** Why a job is being stopped. */
export type Ending = 'cancelled' | 'superseded';

interface Entry {
  readonly waiter: JobWaiter;
  readonly settle: (outcome: { result: JobResult } | { error: Error }) => void;
}

export class LiveJob {
  record: JobRecord;
  /** Connection and name of the lane; undefined for jobs without one, and for those of an earlier daemon. */
  readonly lane: string | undefined;
  /** Set once it is asked to stop; the first reason counts. */
  ending: Ending | undefined;
  /** What the worker said last, while it runs. */
  stage = 'queued';
  fraction = 0;
  metrics: JobMetrics = {};
  /** Position last told to those who wait, and when. */
  told: { position: number; atMs: number } | undefined;
  readonly stop = new CancelSource();
  readonly #entries = new Set<Entry>();
  readonly #unpin: () => void;

  /** @param unpin lets the job's inputs go; called when it ends. */
  constructor(record: JobRecord, connection: string | undefined, unpin: () => void) {
    this.record = record;
    this.lane = record.lane === undefined || connection === undefined ? undefined : `${connection}/${record.lane}`;
    this.#unpin = unpin;
  }

  get isAwaited(): boolean {
    return this.#entries.size > 0;
  }

  /** Waits for the outcome. `abandoned` is called when the waiter's signal fires; it may call `dismiss`. */
  join(waiter: JobWaiter, abandoned: () => void): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        waiter,
        settle: (outcome) => {
          this.#entries.delete(entry);
          waiter.signal.removeEventListener('abort', abandoned);
          if ('result' in outcome) resolve(outcome.result);
          else reject(outcome.error);
        },
      };
      this.#entries.add(entry);
      waiter.signal.addEventListener('abort', abandoned);
    });
  }

  /** Whether anyone but this waiter waits. */
  isAwaitedBesides(waiter: JobWaiter): boolean {
    return [...this.#entries].some((entry) => entry.waiter !== waiter);
  }

  /** Lets one waiter go with an error; the job goes on. */
  dismiss(waiter: JobWaiter, error: Error): void {
    for (const entry of this.#entries) if (entry.waiter === waiter) entry.settle({ error });
  }

  tell(progress: JobProgress): void {
    for (const { waiter } of this.#entries) waiter.progress(progress);
  }

  /** Ends the job for everyone who waits. */
  settle(outcome: { result: JobResult } | { error: Error }): void {
    this.#unpin();
    for (const entry of [...this.#entries]) entry.settle(outcome);
  }
}
