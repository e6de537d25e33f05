/**
 * How long jobs take, by kind, from those that ended before: enough to say when one will be done.
 */
import type { JobKind } from './job.js';

/** Share of the newest duration in the average: the last ten or so count. */
const newestShare = 0.2;
/** Progress above which the job's own pace says more than those of others. */
const ownPaceFrom = 0.15;

export class DurationEstimates {
  readonly #averagesMs = new Map<JobKind, number>();

  /** Takes note of a job that succeeded. */
  learn(kind: JobKind, durationMs: number): void {
    const known = this.#averagesMs.get(kind);
    this.#averagesMs.set(kind, known === undefined ? durationMs : known + newestShare * (durationMs - known));
  }

  /** Milliseconds that a job takes which has not begun. Undefined before the first of its kind. */
  ofWhole(kind: JobKind): number | undefined {
    return this.#averagesMs.get(kind);
  }

  /** Milliseconds that a running job still takes. */
  ofRest(kind: JobKind, elapsedMs: number, fraction: number): number | undefined {
    if (fraction >= ownPaceFrom) return (elapsedMs * (1 - fraction)) / fraction;
    const average = this.#averagesMs.get(kind);
    return average === undefined ? undefined : Math.max(average - elapsedMs, 0);
  }
}
