/**
 * A value that changes and whoever wants to know. Listeners are called at once, in the order they came; one that throws
 * stops nobody else, and its error is thrown to whoever changed the value, after all of them.
 */
export interface Observable<Value> {
  readonly value: Value;
  /** Calls back at every change from now on, not for the value as it is. The function that it returns ends that. */
  subscribe(listener: (value: Value) => void): () => void;
}

/** The side that sets the value. */
export class Subject<Value> implements Observable<Value> {
  readonly #listeners = new Set<{ readonly call: (value: Value) => void }>();
  #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    const failures: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener.call(value);
      } catch (failure) {
        failures.push(failure);
      }
      if (!Object.is(this.#value, value)) break; // a listener set it again and told everybody
    }
    if (failures.length > 0) throw failures[0];
  }

  subscribe(listener: (value: Value) => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }
}
