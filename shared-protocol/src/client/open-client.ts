/**
 * From a WebSocket that is still opening to a client: what a script in Node or in a browser starts with.
 *
 * Who makes the socket decides how it proves itself: Node's `ws` sets the Authorization header, browsers offer a ticket as
 * a subprotocol (docs/protocol.md). Reconnecting is not done here.
 */
import { ProtocolError } from '../errors.js';
import type { CancelSignal } from '../peer/cancel.js';
import { webSocketTransport, type WebSocketLike } from '../peer/socket.js';
import { DeltaClient, type ClientOptions, type Sha256 } from './client.js';

/** A WebSocket of Node's `ws` or of a browser, from the moment it is made. */
export interface OpeningWebSocket extends WebSocketLike {
  /** 0 while it opens, 1 when it is open, 3 when it is closed. */
  readonly readyState: number;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

/**
 * Waits until the socket is open and the daemon has said hello. The client owns the socket from then on.
 * @param options `signal` gives up: the socket is closed.
 * @throws ProtocolError `connection_lost` when the daemon refuses or is not there, `cancelled`, `unsupported_protocol`.
 */
export async function openClient(
  socket: OpeningWebSocket,
  { signal, ...options }: ClientOptions & { readonly signal?: CancelSignal },
): Promise<DeltaClient> {
  const giveUp = (): void => socket.close();
  if (signal?.aborted === true) giveUp();
  signal?.addEventListener('abort', giveUp);
  try {
    await untilOpen(socket);
    return await DeltaClient.connect(webSocketTransport(socket), options);
  } catch (cause) {
    if (signal?.aborted !== true) throw cause;
    throw new ProtocolError('cancelled', 'cancelled while the connection was opening', { cause });
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/** The part of `crypto.subtle` that is used, which Node and browsers have alike. */
export interface DigestSource {
  digest(algorithm: 'SHA-256', data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

/** The client's `sha256` from the platform's `crypto.subtle`. */
export function sha256With(subtle: DigestSource): Sha256 {
  return async (bytes) => {
    const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  };
}

/** Values of `readyState`. */
const states = { open: 1, closed: 3 } as const;

function untilOpen(socket: OpeningWebSocket): Promise<void> {
  if (socket.readyState === states.open) return Promise.resolve();
  if (socket.readyState === states.closed) {
    return Promise.reject(new ProtocolError('connection_lost', 'the connection is closed already'));
  }
  return new Promise((resolve, reject) => {
    let why = '';
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', ({ message = '' }) => (why = message)); // 'close' follows, also in browsers
    socket.addEventListener('close', ({ code }) => {
      const words = why === '' ? `close code ${code}` : why;
      reject(new ProtocolError('connection_lost', `the daemon did not open the connection: ${words}`));
    });
  });
}
