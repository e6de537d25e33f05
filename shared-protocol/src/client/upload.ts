/**
 * Pacing of one upload: never more than `unconfirmedChunks` ahead of what the daemon has written.
 */
import { protocolLimits } from '../limits.js';

export class UploadPacer {
  #confirmed: number;
  #waiting: { offset: number; resolve: () => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  /** @param start bytes that the daemon held before the first chunk. */
  constructor(start: number) {
    this.#confirmed = start;
  }

  /**
   * Resolves when the chunk at `offset` may be sent.
   * @throws the error given to `fail`.
   */
  waitForRoom(offset: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#hasRoom(offset)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { offset, resolve, reject };
    });
  }

  /** Every byte before `offset` has been written. Confirmations may come late but never go back. */
  confirm(offset: number): void {
    this.#confirmed = Math.max(this.#confirmed, offset);
    if (this.#waiting !== undefined && this.#hasRoom(this.#waiting.offset)) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #hasRoom(offset: number): boolean {
    return offset - this.#confirmed < protocolLimits.unconfirmedChunks * protocolLimits.chunkBytes;
  }
}
