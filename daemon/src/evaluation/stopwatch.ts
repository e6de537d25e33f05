/** Wall-clock seconds by part of an evaluation: the only figures of a report that differ from run to run. */

export interface Timings {
  readonly totalSeconds: number;
  /** By part, in the order they first ran. A part that ran several times has the sum. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Runs work and adds its time to a part. */
export type Timed = <Result>(part: string, work: () => Promise<Result>) => Promise<Result>;

/** For callers that measure no time. */
export const untimed: Timed = (_part, work) => work();

export class Stopwatch {
  readonly #started = performance.now();
  readonly #spentMs = new Map<string, number>();

  readonly time: Timed = async (part, work) => {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.#spentMs.set(part, (this.#spentMs.get(part) ?? 0) + performance.now() - started);
    }
  };

  timings(): Timings {
    const parts = [...this.#spentMs].map(([part, spentMs]) => [part, tenths(spentMs)] as const);
    return { totalSeconds: tenths(performance.now() - this.#started), parts: Object.fromEntries(parts) };
  }
}

/** Milliseconds as seconds with one decimal. */
const tenths = (spentMs: number): number => Math.round(spentMs / 100) / 10;
