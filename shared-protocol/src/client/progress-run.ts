/**
 * A request whose progress is read in a `for await` loop, and whose result is a promise beside it.
 *
 * Only the newest progress waits for a slow reader: what it missed is of no use to it. Leaving the loop early does not cancel
 * the request; the signal does.
 */
import type { MethodName, ParamsInput, Result } from '../messages/methods.js';
import type { CancelSignal } from '../peer/cancel.js';
import type { RequestOptions } from '../peer/peer.js';

export interface Progress {
  readonly stage: string;
  /** Of the whole request, 0 to 1. */
  readonly fraction: number;
}

/** Iterate it once, or not at all. The iteration ends with the request; `result` tells how. */
export interface ProgressRun<Value> extends AsyncIterable<Progress> {
  readonly result: Promise<Value>;
}

/** Anything that sends requests as `DeltaClient` does. */
export interface Caller {
  call<Method extends MethodName>(
    method: Method,
    params: ParamsInput<Method>,
    options?: RequestOptions,
  ): Promise<Result<Method>>;
}

/**
 * Sends a request at once and lets its progress be iterated.
 * `result` rejects as `DeltaClient.call` does; the iteration itself never throws.
 */
export function callWithProgress<Method extends MethodName>(
  client: Caller,
  method: Method,
  params: ParamsInput<Method>,
  options: { readonly signal?: CancelSignal } = {},
): ProgressRun<Result<Method>> {
  const progress = new Latest<Progress>();
  const result = client.call(method, params, { ...options, onProgress: (newest) => progress.put(newest) });
  const end = (): void => progress.end();
  result.then(end, end); // also marks a rejection as seen, which the loop comes before
  return { result, [Symbol.asyncIterator]: () => progress };
}

/** Holds the newest value until it is read. */
class Latest<Value> implements AsyncIterator<Value> {
  #value: Value | undefined;
  #ended = false;
  #wake = (): void => undefined;

  put(value: Value): void {
    this.#value = value;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    if (this.#value === undefined && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    const value = this.#value;
    this.#value = undefined;
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }
}
