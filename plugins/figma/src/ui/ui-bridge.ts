/**
 * The UI's end of the bridge: requests with answers, and the selection as it changes.
 *
 * Figma wraps what the iframe sends and receives in `pluginMessage`. The page has no origin of its own (`null`), so that
 * messages go out to `*`; nothing that crosses is secret to Figma itself, which embeds the page. Messages that are not
 * ours are ignored.
 */
import {
  bridgeVersion,
  readToUi,
  type Answer,
  type FailureCode,
  type BridgeFailure,
  type Params,
  type RequestName,
  type Selection,
  type ToMain,
} from '../bridge/index.js';

/** The two windows, as far as the bridge needs them. In the plugin: `window` and `window.parent`. */
export interface BridgeWindows {
  readonly own: {
    addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
    removeEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  };
  readonly parent: { postMessage(message: unknown, targetOrigin: string): void };
}

/** A request that the main side refused. `message` is for the user. */
export class BridgeError extends Error {
  readonly code: FailureCode;

  constructor({ code, message }: BridgeFailure) {
    super(message);
    this.name = 'BridgeError';
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: BridgeError) => void;
}

/** The bridge, until it is closed. One per page. */
export class UiBridge {
  readonly #windows: BridgeWindows;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(selection: Selection) => void>();
  #lastId = 0;

  constructor(windows: BridgeWindows) {
    this.#windows = windows;
    windows.own.addEventListener('message', this.#receive);
  }

  /** The first request: versions, how the plugin was started, what is selected. */
  hello(): Promise<Answer<'hello'>> {
    return this.request('hello', { bridgeVersion });
  }

  /**
   * Asks the main side for something.
   * @throws BridgeError with words for the user.
   */
  request<N extends RequestName>(type: N, params: Params<N>): Promise<Answer<N>> {
    const requestId = ++this.#lastId;
    const message = { type, requestId, params } as unknown as ToMain;
    return new Promise<Answer<N>>((resolve, reject) => {
      this.#waiting.set(requestId, { resolve, reject });
      this.#windows.parent.postMessage({ pluginMessage: message }, '*');
    });
  }

  /** Calls back with the selection each time it changes. Gives what ends that. */
  onSelection(listener: (selection: Selection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops listening; requests that wait fail. */
  close(): void {
    this.#windows.own.removeEventListener('message', this.#receive);
    const closed = new BridgeError({ code: 'internal_error', message: 'The plugin’s window was closed.' });
    for (const { reject } of this.#waiting.values()) reject(closed);
    this.#waiting.clear();
    this.#listeners.clear();
  }

  readonly #receive = ({ data }: { readonly data: unknown }): void => {
    if (typeof data !== 'object' || data === null || !('pluginMessage' in data)) return;
    const reading = readToUi(data.pluginMessage);
    if (!reading.ok) return;
    const { message } = reading;
    if (message.type === 'selection') {
      for (const listener of this.#listeners) listener(message.selection);
      return;
    }
    const waiting = this.#waiting.get(message.requestId);
    this.#waiting.delete(message.requestId);
    if (message.type === 'done') waiting?.resolve(message.result as never);
    else waiting?.reject(new BridgeError(message.failure));
  };
}
