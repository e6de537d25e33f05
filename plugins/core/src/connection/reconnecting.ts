/**
 * When to try again: times that grow, with some chance in them, so that panels which lost the daemon together do not come
 * back together.
 */
export const connectionLimits = {
  /** Waits before the first, second, … attempt after a failure; the last one stays. Short: asking a loopback port is cheap. */
  retryDelaysMs: [250, 500, 1000, 2000, 4000, 8000],
  /** Share of a delay by which chance lengthens or shortens it. */
  retryJitter: 0.2,
  /** A connection that lasted this long starts again with the first delay; a shorter one goes on where it was. */
  steadyMs: 5000,
  /** From making the socket to the answer of `initialize`. */
  openMs: 8000,
  /**
   * The daemon is asked for its status this often, because a socket of a machine that slept may be dead without a word, and
   * closed when it does not answer in time. It answers without its worker, so also while it computes.
   */
  heartbeatMs: 20_000,
  heartbeatAnswerMs: 10_000,
  /** How long a request waits for a connection to come back before it fails. */
  patienceMs: 60_000,
} as const;

/** The wait after `failures` failures in a row (from 1), in milliseconds. `chance` is in [0, 1). */
export function retryDelayMs(failures: number, chance: number): number {
  const delays = connectionLimits.retryDelaysMs;
  const delay = delays[Math.min(Math.max(failures, 1), delays.length) - 1] as number;
  return Math.round(delay * (1 + connectionLimits.retryJitter * (2 * chance - 1)));
}
