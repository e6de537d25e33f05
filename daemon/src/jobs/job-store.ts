/**
 * Where job records live. In memory for now: a restart forgets them, and with them every waiting connection is gone
 * too. The interface is what a persistent store has to offer.
 */
import type { JobRecord, JobState } from './job.js';

export interface JobStore {
  /** Adds a record or replaces the one of the same id. */
  put(record: JobRecord): void;
  get(id: string): JobRecord | undefined;
  countByState(): Record<JobState, number>;
}

export class MemoryJobStore implements JobStore {
  readonly #records = new Map<string, JobRecord>();
  readonly #finished: string[] = [];
  readonly #finishedKept: number;
  readonly #totals: Record<JobState, number> = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };

  /** @param finishedKept records of ended jobs to remember; older ones are forgotten, their counts stay. */
  constructor(finishedKept: number) {
    this.#finishedKept = finishedKept;
  }

  put(record: JobRecord): void {
    const previous = this.#records.get(record.id);
    if (previous !== undefined) this.#totals[previous.state]--;
    this.#totals[record.state]++;
    this.#records.set(record.id, record);
    if (record.finishedAtMs !== undefined && previous?.finishedAtMs === undefined) this.#remember(record.id);
  }

  get(id: string): JobRecord | undefined {
    return this.#records.get(id);
  }

  countByState(): Record<JobState, number> {
    return { ...this.#totals };
  }

  #remember(id: string): void {
    this.#finished.push(id);
    while (this.#finished.length > this.#finishedKept) this.#records.delete(this.#finished.shift() as string);
  }
}
