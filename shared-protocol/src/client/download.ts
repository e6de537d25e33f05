/**
 * Matching of download chunks with the `blob.get` requests they belong to.
 *
 * A chunk comes before the answer of its request, so by then it waits here. Chunks nobody expects are dropped: their
 * request was given up.
 */
import { ProtocolError } from '../errors.js';

export class Downloads {
  readonly #chunks = new Map<number, { offset: number; payload: Uint8Array } | undefined>();

  expect(request: number): void {
    this.#chunks.set(request, undefined);
  }

  receive(header: { request: number; offset: number }, payload: Uint8Array): void {
    if (this.#chunks.has(header.request)) this.#chunks.set(header.request, { offset: header.offset, payload });
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
}
