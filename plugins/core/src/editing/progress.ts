/**
 * Progress of something that consists of several jobs, as one number.
 */
import type { JobProgress } from '@deltaspace/shared-protocol';

/** How far an activity is: the newest stage of the job that reported last, and the share of the whole. */
export interface ActivityProgress extends JobProgress {
  /** Parts that have ended, of how many; absent for an activity of one job. */
  readonly done?: number;
  readonly total?: number;
}

/** Adds up the progress of parts that weigh the same. */
export class SharedProgress {
  readonly #fractions: number[];
  readonly #report: (progress: ActivityProgress) => void;
  #done = 0;

  constructor(parts: number, report: (progress: ActivityProgress) => void) {
    this.#fractions = Array.from({ length: parts }, () => 0);
    this.#report = report;
  }

  /** For `onProgress` of part `index`. The time to the end is that of a part, so it is left out with several. */
  part(index: number): (progress: JobProgress) => void {
    return ({ etaMs, ...progress }) => {
      this.#fractions[index] = Math.max(this.#fractions[index] ?? 0, progress.fraction);
      const isWhole = this.#fractions.length === 1;
      this.#tell({ ...progress, ...(isWhole && etaMs !== undefined ? { etaMs } : {}) });
    };
  }

  /** Part `index` has ended, one way or another. */
  end(index: number): void {
    this.#fractions[index] = 1;
    this.#done += 1;
    this.#tell({ stage: 'done', fraction: 1 });
  }

  #tell(progress: JobProgress): void {
    const total = this.#fractions.length;
    const fraction = this.#fractions.reduce((sum, one) => sum + one, 0) / Math.max(total, 1);
    this.#report({ ...progress, fraction, ...(total === 1 ? {} : { done: this.#done, total }) });
  }
}

/** Runs tasks, so many at a time, in their order. Settles when all have ended; the first failure is thrown then. */
export async function runSeveral<Value>(tasks: readonly (() => Promise<Value>)[], atOnce: number): Promise<Value[]> {
  const values: Value[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < tasks.length) {
      const index = next++;
      try {
        values[index] = await (tasks[index] as () => Promise<Value>)();
      } catch (failure) {
        failures.push(failure);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return values;
}
