/**
 * The order of waiting jobs: by priority, then by when they were accepted. A job that comes back (its worker died) takes
 * the place that it had.
 */
import { jobPriorities } from '@deltaspace/shared-protocol';
import type { JobRecord } from './job.js';

type Placed = Pick<JobRecord, 'priority' | 'sequence'>;

export class WaitingLine<Job extends { readonly record: Placed }> {
  /** In the order in which they run. At most `queuedJobs` of the protocol's limits, so moving them about costs nothing. */
  readonly #jobs: Job[] = [];

  get length(): number {
    return this.#jobs.length;
  }

  /** Jobs in the order in which they run. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  add(job: Job): void {
    const after = this.#jobs.findIndex((other) => isBefore(job.record, other.record));
    if (after < 0) this.#jobs.push(job);
    else this.#jobs.splice(after, 0, job);
  }

  takeFirst(): Job | undefined {
    return this.#jobs.shift();
  }

  /** Takes a job out; false when it does not wait. */
  remove(job: Job): boolean {
    const index = this.#jobs.indexOf(job);
    if (index >= 0) this.#jobs.splice(index, 1);
    return index >= 0;
  }

  takeAll(): Job[] {
    return this.#jobs.splice(0);
  }
}

function isBefore(a: Placed, b: Placed): boolean {
  const rank = jobPriorities.indexOf(a.priority) - jobPriorities.indexOf(b.priority);
  return rank < 0 || (rank === 0 && a.sequence < b.sequence);
}
