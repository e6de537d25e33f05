/**
 * A clock that stands still until a test moves it.
 */
import type { Clock } from '../clock.js';

export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #pending = new Set<{ readonly dueMs: number; readonly action: () => void }>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#nowMs);
  }

  after(delayMs: number, action: () => void): () => void {
    const entry = { dueMs: this.#nowMs + delayMs, action };
    this.#pending.add(entry);
    return () => this.#pending.delete(entry);
  }

  /** Moves time on and runs what became due. */
  advance(byMs: number): void {
    this.#nowMs += byMs;
    for (const entry of [...this.#pending]) {
      if (entry.dueMs > this.#nowMs) continue;
      this.#pending.delete(entry);
      entry.action();
    }
  }
}
