/**
 * What a blob store holds, in memory: sizes, the order of use, and the pins that keep blobs from giving way.
 *
 * Knows no files and no clock; blob-store.ts keeps it in step with the folder.
 */
export interface HeldBlob {
  readonly digest: string;
  readonly sizeBytes: number;
  /** When it was used last, in milliseconds since 1970. */
  readonly usedMs: number;
}

export class BlobIndex {
  /** Least recently used first: a Map keeps insertion order, and use inserts again. */
  readonly #held = new Map<string, HeldBlob>();
  readonly #pins = new Map<string, number>();
  #totalBytes = 0;

  get count(): number {
    return this.#held.size;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  sizeOf(digest: string): number | undefined {
    return this.#held.get(digest)?.sizeBytes;
  }

  /** Takes note of a blob, as the one that was used last. */
  insert(digest: string, sizeBytes: number, usedMs: number): void {
    this.forget(digest);
    this.#held.set(digest, { digest, sizeBytes, usedMs });
    this.#totalBytes += sizeBytes;
  }

  /** Whether the blob is held; counts as use. */
  use(digest: string, nowMs: number): boolean {
    const sizeBytes = this.sizeOf(digest);
    if (sizeBytes === undefined) return false;
    this.insert(digest, sizeBytes, nowMs);
    return true;
  }

  forget(digest: string): void {
    this.#totalBytes -= this.sizeOf(digest) ?? 0;
    this.#held.delete(digest);
  }

  isPinned(digest: string): boolean {
    return this.#pins.has(digest);
  }

  /** Blobs that may give way, least recently used first. */
  *unpinned(): Generator<HeldBlob> {
    for (const blob of this.#held.values()) if (!this.#pins.has(blob.digest)) yield blob;
  }

  /** Keeps blobs from giving way until the returned function is called. */
  pin(digests: readonly string[]): () => void {
    for (const digest of digests) this.#pins.set(digest, (this.#pins.get(digest) ?? 0) + 1);
    let pinned = true;
    return () => {
      if (!pinned) return;
      pinned = false;
      for (const digest of digests) {
        const count = (this.#pins.get(digest) ?? 1) - 1;
        if (count === 0) this.#pins.delete(digest);
        else this.#pins.set(digest, count);
      }
    };
  }
}
