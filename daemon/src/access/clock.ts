/**
 * Time for everything in this folder that expires. Injected, so that tests move it instead of waiting.
 */
export interface Clock {
  /** Milliseconds that never jump, whatever happens to the date. */
  monotonicMs(): number;
  /** The date, for people. */
  date(): Date;
  /** Runs an action later, once. Returns what takes it back. Does not keep the process alive. */
  after(delayMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  date: () => new Date(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
