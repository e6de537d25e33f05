/** Timing for the benchmarks: the fastest of repeated runs, which is the least disturbed by whatever else the machine does. */

import { performance } from 'node:perf_hooks';

export interface MeasureOptions {
  /** Rounds before the clock counts. Default 2. */
  readonly warmUps?: number;
  /** Measured rounds at least. Default 5. */
  readonly rounds?: number;
  /** Keeps measuring for at least this long. Default 4 s. */
  readonly atLeastMs?: number;
}

/** Milliseconds of the fastest run of `action`. */
export async function fastestMs(action: () => unknown, options: MeasureOptions = {}): Promise<number> {
  const [milliseconds] = await fastestOfEachMs([action], options);
  return milliseconds as number;
}

/**
 * Milliseconds of the fastest run of each action. A round runs every action once, so that figures that are compared with
 * each other come from the same minutes of a machine whose load and clock change.
 */
export async function fastestOfEachMs(
  actions: readonly (() => unknown)[],
  options: MeasureOptions = {},
): Promise<number[]> {
  const { warmUps = 2, rounds = 5, atLeastMs = 4000 } = options;
  const best = actions.map(() => Infinity);
  let start = performance.now();
  for (let round = -warmUps; round < rounds || performance.now() - start < atLeastMs; round++) {
    if (round === 0) start = performance.now();
    for (const [index, action] of actions.entries()) {
      const before = performance.now();
      await action();
      if (round >= 0) best[index] = Math.min(best[index] as number, performance.now() - before);
    }
  }
  return best;
}
