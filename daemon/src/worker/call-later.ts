/** A timer that keeps no process alive, for parts that read no clock themselves. */

/** Longest delay of a timer; Node fires longer ones at once. */
const longestMs = 2 ** 31 - 1;

/** Calls `action` once after `delayMs`, unless the returned function was called before. */
export function callLater(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, Math.min(delayMs, longestMs)).unref();
  return () => clearTimeout(timer);
}
