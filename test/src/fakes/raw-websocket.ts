/**
 * A WebSocket client that sends frames as the test lays them out: for what no library would send. Speaks RFC 6455 only as far as
 * it has to: it reads what the daemon sends and answers nothing by itself.
 */
import { connect, type Socket } from 'node:net';
import { socketPath } from '@deltaspace/shared-protocol';
import { head, upgradeHeaders } from './raw-http.js';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameLayout {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** False: more fragments follow. */
  readonly final?: boolean;
  readonly reservedBits?: number;
  readonly masked?: boolean;
  /** Length to announce instead of the payload's own. */
  readonly announced?: bigint;
}

/** Bytes of one frame. The mask is zero, so that the payload stays as it is. */
export function layOut(frame: FrameLayout): Buffer {
  const { opcode, final = true, reservedBits = 0, masked = true } = frame;
  const payload = Buffer.from(frame.payload ?? '');
  const length = frame.announced ?? BigInt(payload.length);
  const lengthBytes = Buffer.alloc(length < 126n ? 1 : length < 65_536n ? 3 : 9);
  lengthBytes[0] = (masked ? 0x80 : 0) | (length < 126n ? Number(length) : length < 65_536n ? 126 : 127);
  if (lengthBytes.length === 3) lengthBytes.writeUInt16BE(Number(length), 1);
  if (lengthBytes.length === 9) lengthBytes.writeBigUInt64BE(length, 1);
  const first = (final ? 0x80 : 0) | (reservedBits << 4) | opcode;
  return Buffer.concat([Buffer.from([first]), lengthBytes, Buffer.alloc(masked ? 4 : 0), payload]);
}

export class RawWebSocket {
  /** Code of the daemon's close frame; 1006 when it hung up without one. */
  readonly closed: Promise<number>;
  readonly #socket: Socket;
  readonly #messages: unknown[] = [];
  readonly #waiting: ((message: unknown) => void)[] = [];
  #heard = Buffer.alloc(0);
  #pongs = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('data', (bytes) => {
        this.#heard = Buffer.concat([this.#heard, bytes]);
        this.#readFrames(resolve);
      });
      socket.on('error', () => undefined); // The daemon may hang up while the test still sends.
      socket.on('close', () => resolve(1006));
    });
  }

  /** Upgrades with a token, and says nothing yet. */
  static async open(port: number, token: string): Promise<RawWebSocket> {
    const socket = connect(port, '127.0.0.1');
    const headers = [
      ['Host', `127.0.0.1:${port}`],
      ['Authorization', `Bearer ${token}`],
      ['Sec-WebSocket-Protocol', 'delta.v1'],
      ...upgradeHeaders,
    ] as const;
    socket.write(head(`GET ${socketPath} HTTP/1.1`, headers));
    const answer = await new Promise<Buffer>((resolve, reject) => socket.once('data', resolve).once('error', reject));
    if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${answer.toString()}`);
    return new RawWebSocket(socket);
  }

  get pongs(): number {
    return this.#pongs;
  }

  /** Sends bytes as they are; resolves when the daemon's side of the kernel has taken them, or the daemon has hung up. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  sendText(text: string): Promise<void> {
    return this.send(layOut({ opcode: opcodes.text, payload: text }));
  }

  /** The next JSON message of the daemon. */
  message(): Promise<unknown> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Hangs up without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  #readFrames(closed: (code: number) => void): void {
    for (;;) {
      const short = (this.#heard[1] ?? 0) & 0x7f;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.#heard.length < start) return;
      const length =
        short === 126 ? this.#heard.readUInt16BE(2) : short === 127 ? Number(this.#heard.readBigUInt64BE(2)) : short;
      if (this.#heard.length < start + length) return;
      const opcode = (this.#heard[0] as number) & 15;
      const payload = this.#heard.subarray(start, start + length);
      this.#heard = this.#heard.subarray(start + length);
      if (opcode === opcodes.pong) this.#pongs++;
      if (opcode === opcodes.close) closed(payload.length < 2 ? 1005 : payload.readUInt16BE(0));
      if (opcode === opcodes.text) this.#tell(JSON.parse(payload.toString('utf8')));
    }
  }

  #tell(message: unknown): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#messages.push(message);
    else waiting(message);
  }
}
