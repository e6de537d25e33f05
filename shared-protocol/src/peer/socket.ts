/**
 * What a peer needs of a socket, and the adapter for anything shaped like a WebSocket.
 *
 * The browser's WebSocket and Node's `ws` both fit `WebSocketLike`, on either side of the connection, so this package
 * never imports one.
 */
export interface MessageSocket {
  sendText(text: string): void;
  sendBinary(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Bytes accepted for sending but not yet handed to the network. */
  readonly bufferedBytes: number;
  /** Set once by the peer that owns the socket; called for each whole message and once at the end. */
  listen(listener: SocketListener): void;
}

export interface SocketListener {
  text(text: string): void;
  binary(bytes: Uint8Array): void;
  closed(code: number, reason: string): void;
}

/** The members of a WebSocket that are used here. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

/** Longest close reason that fits a close frame, in bytes; reasons here are ASCII. */
const maxCloseReasonBytes = 123;

/** Wraps an open WebSocket. The wrapper owns it: nobody else may send, or change its binary type. */
export function webSocketTransport(socket: WebSocketLike): MessageSocket {
  socket.binaryType = 'arraybuffer';
  return {
    sendText: (text) => socket.send(text),
    sendBinary: (bytes) => socket.send(bytes as Uint8Array<ArrayBuffer>),
    close: (code, reason) => socket.close(code, asciiPrefix(reason)),
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    listen(listener) {
      socket.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') listener.text(data);
        else if (data instanceof ArrayBuffer) listener.binary(new Uint8Array(data));
        else throw new TypeError('WebSocket delivered neither text nor an ArrayBuffer; was binaryType changed?');
      });
      socket.addEventListener('close', ({ code, reason }) => listener.closed(code, reason));
    },
  };
}

function asciiPrefix(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, maxCloseReasonBytes);
}

/**
 * Two sockets joined in memory: what one sends the other receives, in order, in a later microtask.
 * For tests of both sides without a network.
 */
export function socketPair(): [MessageSocket, MessageSocket] {
  const left = new MemorySocket();
  const right = new MemorySocket();
  left.other = right;
  right.other = left;
  return [left, right];
}

class MemorySocket implements MessageSocket {
  other: MemorySocket | undefined;
  readonly bufferedBytes = 0;
  #listener: SocketListener | undefined;
  #closed = false;

  sendText(text: string): void {
    if (!this.#closed) this.other?.deliver((listener) => listener.text(text));
  }

  sendBinary(bytes: Uint8Array): void {
    const copy = bytes.slice();
    if (!this.#closed) this.other?.deliver((listener) => listener.binary(copy));
  }

  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.deliver((listener) => listener.closed(code, reason));
    this.other?.closeByOther(code, reason);
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  private closeByOther(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.deliver((listener) => listener.closed(code, reason));
  }

  private deliver(event: (listener: SocketListener) => void): void {
    void Promise.resolve().then(() => {
      if (this.#listener !== undefined) event(this.#listener);
    });
  }
}
