/**
 * Matching of download chunks with the `blob.get` requests they belong to.
 *
 * A chunk comes before the answer of its request, so by then it waits here. Chunks that no `blob.get` expects are small
 * results, sent with the answer of their job; the newest of them are kept until they are asked for.
 */
import { ProtocolError } from '../errors.js';
import { protocolLimits } from '../limits.js';

/** Pushed results that wait for being asked for: those of a few jobs. */
const keptPushedBytes = 8 * protocolLimits.pushedResultBytes;

export class Downloads {
  readonly #pushed = new Map<string, Uint8Array>();
  #pushedBytes = 0;
  readonly #chunks = new Map<number, { offset: number; payload: Uint8Array } | undefined>();

  expect(request: number): void {
    this.#chunks.set(request, undefined);
  }

  receive(header: { request: number; digest: string; offset: number }, payload: Uint8Array): void {
    if (this.#chunks.has(header.request)) this.#chunks.set(header.request, { offset: header.offset, payload });
    else if (header.offset === 0) this.#keep(header.digest, payload);
  }

  /** A small result that came with its job's answer; whoever takes it owns the bytes. */
  takePushed(digest: string): Uint8Array | undefined {
    const payload = this.#pushed.get(digest);
    if (payload !== undefined) this.#drop(digest, payload);
    return payload;
  }

  /**
   * The chunk of an answered request.
   * @throws ProtocolError `internal_error` when it did not come or is another range than the answer says.
   */
  take(request: number, offset: number, length: number): Uint8Array {
    const chunk = this.#chunks.get(request);
    if (chunk?.offset !== offset || chunk.payload.length !== length) {
      const got = chunk === undefined ? 'none' : `${chunk.payload.length} at ${chunk.offset}`;
      throw new ProtocolError('internal_error', `expected a chunk of ${length} bytes at ${offset}, got ${got}`);
    }
    return chunk.payload;
  }

  forget(request: number): void {
    this.#chunks.delete(request);
  }

  /** Keeps a pushed result; the oldest give way, so that answers nobody reads cost a bounded amount. */
  #keep(digest: string, payload: Uint8Array): void {
    const known = this.#pushed.get(digest);
    if (known !== undefined) this.#drop(digest, known);
    this.#pushed.set(digest, payload);
    this.#pushedBytes += payload.length;
    for (const [oldest, bytes] of this.#pushed) {
      if (this.#pushedBytes <= keptPushedBytes) break;
      this.#drop(oldest, bytes);
    }
  }

  #drop(digest: string, payload: Uint8Array): void {
    this.#pushed.delete(digest);
    this.#pushedBytes -= payload.length;
  }
}
