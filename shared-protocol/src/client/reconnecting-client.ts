/**
 * A client for scripts that outlive their connections: work that lost its daemon is done again with the next one.
 *
 * What makes that safe is the protocol's: an upload goes on where it stopped, and a request with a `jobId` of the script's own is the
 * same job however often it is sent. So work should make its job ids once, outside, and ask for `onDisconnect: "keep"`. Panels
 * have more to tell people than this does; they use the connection of plugins/core.
 */
import { ProtocolError } from '../errors.js';
import type { CancelSignal } from '../peer/cancel.js';
import type { DeltaClient } from './client.js';

export interface ReconnectingOptions {
  /** Finds the daemon, opens a socket and says hello; asked for each connection. `openClient` does the last two. */
  readonly open: () => Promise<DeltaClient>;
  /** Waits some milliseconds; this package knows no timers. */
  readonly wait: (ms: number) => Promise<unknown>;
  /** Waits before the second, third, … attempt; as many attempts more as there are waits. */
  readonly retryDelaysMs?: readonly number[];
}

/** Half a minute together: a daemon that is started again needs some seconds. */
export const defaultRetryDelaysMs: readonly number[] = [250, 500, 1000, 2000, 4000, 8000, 8000, 8000];

/** Whether an error says that the connection or its daemon is gone, and the same work may succeed with the next one. */
export function isConnectionGone(error: unknown): error is ProtocolError {
  return error instanceof ProtocolError && (error.code === 'connection_lost' || error.code === 'shutting_down');
}

export class ReconnectingClient {
  readonly #options: ReconnectingOptions;
  #current: Promise<DeltaClient> | undefined;
  #closed = false;

  constructor(options: ReconnectingOptions) {
    this.#options = options;
  }

  /**
   * Does some work with a connected client, and all of it again with the next one when the connection is lost meanwhile.
   * The waits start anew with each call. Whatever else the work throws is thrown.
   * @throws ProtocolError `connection_lost` or `shutting_down` when all attempts failed so, or after `close`; `cancelled`.
   */
  async run<Value>(
    work: (client: DeltaClient) => Promise<Value>,
    { signal }: { readonly signal?: CancelSignal } = {},
  ): Promise<Value> {
    const delays = this.#options.retryDelaysMs ?? defaultRetryDelaysMs;
    for (let attempt = 0; ; attempt++) {
      if (isAborted(signal)) throw new ProtocolError('cancelled', 'the work was cancelled');
      if (this.#closed) throw new ProtocolError('connection_lost', 'the client was closed');
      const opening = this.#connected();
      try {
        return await work(await opening);
      } catch (error) {
        if (this.#current === opening && isConnectionGone(error)) this.#current = undefined;
        const delay = delays[attempt];
        if (!isConnectionGone(error) || delay === undefined || isAborted(signal)) throw error;
        await this.#pause(delay, signal);
      }
    }
  }

  /** Ends the connection. Work that runs fails. */
  close(): void {
    this.#closed = true;
    void this.#current?.then(
      (client) => client.close(),
      () => undefined,
    );
    this.#current = undefined;
  }

  /** The connection that there is, or a new one, which all work shares. */
  #connected(): Promise<DeltaClient> {
    if (this.#current !== undefined) return this.#current;
    const opening = this.#options.open();
    this.#current = opening;
    opening.catch(() => {
      if (this.#current === opening) this.#current = undefined;
    });
    return opening;
  }

  async #pause(delayMs: number, signal: CancelSignal | undefined): Promise<void> {
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    signal?.addEventListener('abort', stop);
    await Promise.race([this.#options.wait(delayMs), stopped]);
    signal?.removeEventListener('abort', stop);
  }
}

/** Asked anew each time, because it changes meanwhile. */
function isAborted(signal: CancelSignal | undefined): boolean {
  return signal?.aborted === true;
}
