/** A clock that moves only when a test says so, and lets promises settle in between. For tests. */
export class ManualClock {
  #nowMs = 1_000_000;
  #timers: { readonly dueMs: number; readonly callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that have not come due. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on, calling what comes due in its order. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > endMs) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** Turns of the microtask queue that any chain of promises here needs at most. */
const settleTurns = 50;

/** Lets everything go on that waits for nothing but promises, sockets that open included (`times` of them). */
export async function settle(times = 12): Promise<void> {
  for (let turn = 0; turn < times * settleTurns; turn++) await Promise.resolve();
}
