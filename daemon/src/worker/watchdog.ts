/**
 * Notices a worker that neither speaks nor dies: stopped by a signal, deadlocked in a driver, stuck on a dead disk.
 *
 * Silence is counted in ticks of a timer, not in time: after the machine slept, or this process was stopped itself, one tick
 * has passed and nobody is accused. The worker speaks once a second by itself, and falls silent when one of its computing
 * threads hangs.
 */
export class Watchdog {
  readonly #ticksAllowed: number;
  #silentTicks = 0;

  constructor(silenceMs: number, tickMs: number) {
    this.#ticksAllowed = Math.max(Math.ceil(silenceMs / tickMs), 1);
  }

  /** The worker spoke, or nothing is expected of it. */
  heard(): void {
    this.#silentTicks = 0;
  }

  /** Counts one tick; true when the worker was silent for too long. */
  tick(): boolean {
    this.#silentTicks++;
    return this.#silentTicks > this.#ticksAllowed;
  }
}
