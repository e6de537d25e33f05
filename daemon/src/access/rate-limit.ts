/**
 * A budget of attempts that fills up again with time. Loopback is limited like everything else: a web page reaches it too.
 */
import type { Clock } from './clock.js';

export interface Budget {
  /** Attempts at once. */
  readonly attempts: number;
  /** Attempts that come back per minute. */
  readonly perMinute: number;
}

export class RateLimit {
  readonly #budget: Budget;
  readonly #clock: Clock;
  #left: number;
  #countedAtMs: number;

  constructor(budget: Budget, clock: Clock) {
    this.#budget = budget;
    this.#clock = clock;
    this.#left = budget.attempts;
    this.#countedAtMs = clock.monotonicMs();
  }

  /** Spends one attempt. False when there is none left. */
  spend(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const gained = ((nowMs - this.#countedAtMs) / 60_000) * this.#budget.perMinute;
    this.#left = Math.min(this.#budget.attempts, this.#left + gained);
    this.#countedAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Whole seconds until one attempt is back, for `Retry-After`. */
  get retryAfterS(): number {
    return Math.max(1, Math.ceil(((1 - this.#left) * 60) / this.#budget.perMinute));
  }
}
