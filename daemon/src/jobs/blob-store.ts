/**
 * The blob store of a data folder: what is there, how much room is left, what gives way.
 *
 * Keeps an index of sizes and last use in memory; the files are the truth (blob-files.ts). When the total would exceed
 * its limit, the least recently used blobs that no live job needs are deleted. Bounds are per blob and in total. What an
 * earlier process left is looked at before its first use: a power cut may have left a name without its bytes.
 */
import { open, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { ProtocolError, type Digest } from '@deltaspace/shared-protocol';
import { blobMissing, blobPath, digestOfFile, digestOfFileName, syncToDisk, temporaryPrefix } from './blob-files.js';
import { Upload } from './upload.js';

/** A slider uses the same layer many times a second; its file need not know each time. */
const touchIntervalMs = 10_000;

export interface BlobLimits {
  readonly blobBytes: number;
  readonly storeBytes: number;
}

export class BlobStore {
  readonly directory: string;
  readonly #limits: BlobLimits;
  /** Sizes by digest, least recently used first (a Map keeps insertion order; use re-inserts). */
  readonly #sizes = new Map<string, number>();
  readonly #pins = new Map<string, number>();
  /** Blobs of an earlier process whose bytes nobody has compared with their digest yet. */
  readonly #unverified = new Set<string>();
  readonly #syncing = new Set<Promise<void>>();
  /** When the time of a blob's file was last set, in milliseconds. */
  readonly #touchedMs = new Map<string, number>();
  #totalBytes = 0;
  #reservedBytes = 0;

  private constructor(directory: string, limits: BlobLimits) {
    this.directory = directory;
    this.#limits = limits;
  }

  /** Indexes the folder and removes what an earlier process left half written. */
  static async open(directory: string, limits: BlobLimits): Promise<BlobStore> {
    const store = new BlobStore(directory, limits);
    const found: { digest: Digest; size: number; usedMs: number }[] = [];
    for (const name of await readdir(directory)) {
      const digest = digestOfFileName(name);
      if (digest !== undefined) {
        const { size, mtimeMs } = await stat(path.join(directory, name));
        found.push({ digest, size, usedMs: mtimeMs });
      } else if (name.startsWith(temporaryPrefix)) {
        await rm(path.join(directory, name), { force: true });
      }
    }
    found.sort((a, b) => a.usedMs - b.usedMs);
    for (const { digest, size } of found) {
      store.#insert(digest, size);
      store.#unverified.add(digest);
    }
    return store;
  }

  get usage(): { count: number; sizeBytes: number; limitBytes: number } {
    return { count: this.#sizes.size, sizeBytes: this.#totalBytes, limitBytes: this.#limits.storeBytes };
  }

  /** Whether the blob is held; counts as use. */
  has(digest: string): boolean {
    const size = this.#sizes.get(digest);
    if (size === undefined) return false;
    this.#sizes.delete(digest);
    this.#sizes.set(digest, size);
    void this.#touch(digest);
    return true;
  }

  /**
   * Whether the blob is held and its bytes are those of its digest, which is looked at once for blobs of an earlier process;
   * what does not fit is deleted, so that it can be uploaded again. Counts as use.
   */
  async verify(digest: string): Promise<boolean> {
    if (!this.has(digest)) return false;
    if (!this.#unverified.has(digest)) return true;
    const file = blobPath(this.directory, digest);
    const actual = await digestOfFile(file).catch(() => undefined);
    this.#unverified.delete(digest);
    if (actual === digest) return true;
    this.#forget(digest);
    await rm(file, { force: true });
    return false;
  }

  /** Whether the bytes of a blob that is held need not be looked at any more. */
  isVerified(digest: string): boolean {
    return !this.#unverified.has(digest);
  }

  /** Waits until everything that was uploaded has reached the device. */
  async synced(): Promise<void> {
    await Promise.all(this.#syncing);
  }

  /**
   * Opens an upload and reserves its room. Call `finishUpload` once, whatever becomes of it.
   * @throws ProtocolError `blob_empty`, `blob_too_large`, `storage_full`.
   */
  async beginUpload(digest: Digest, sizeBytes: number): Promise<Upload> {
    if (sizeBytes === 0) throw new ProtocolError('blob_empty', 'a blob must have at least one byte');
    if (sizeBytes > this.#limits.blobBytes) {
      throw new ProtocolError(
        'blob_too_large',
        `the blob has ${sizeBytes} bytes, at most ${this.#limits.blobBytes} fit`,
        {
          details: { sizeBytes, limitBytes: this.#limits.blobBytes },
        },
      );
    }
    this.#reservedBytes += sizeBytes;
    try {
      await this.#makeRoom();
    } catch (error) {
      this.#reservedBytes -= sizeBytes;
      throw error;
    }
    return new Upload(this.directory, digest, sizeBytes);
  }

  /** Publishes an upload, or gives it up when `commit` is false. */
  async finishUpload(upload: Upload, commit: boolean): Promise<void> {
    try {
      if (commit) {
        await upload.commit();
        this.#insert(upload.digest, upload.sizeBytes);
        this.#syncLater(upload.digest);
      } else await upload.discard();
    } finally {
      this.#reservedBytes -= upload.sizeBytes;
    }
  }

  /** Takes note of a blob that the worker wrote into the folder. */
  async adopt(digest: string, sizeBytes: number): Promise<void> {
    this.#insert(digest, sizeBytes);
    await this.#makeRoom().catch(() => undefined); // Everything pinned: over the limit for a moment, still correct.
  }

  /**
   * Reads one range, shortened at the end of the blob.
   * @throws ProtocolError `blob_missing`, `range_invalid`.
   */
  async read(digest: string, offset: number, length: number): Promise<{ sizeBytes: number; payload: Uint8Array }> {
    if (!(await this.verify(digest))) throw blobMissing(digest);
    const sizeBytes = this.#sizes.get(digest);
    if (sizeBytes === undefined) throw blobMissing(digest);
    if (offset >= sizeBytes) {
      throw new ProtocolError('range_invalid', `offset ${offset} is past the end of a blob of ${sizeBytes} bytes`);
    }
    const payload = new Uint8Array(Math.min(length, sizeBytes - offset));
    const handle = await open(blobPath(this.directory, digest), 'r').catch(() => undefined);
    if (handle === undefined) {
      this.#forget(digest); // Someone emptied the folder while the daemon runs.
      throw blobMissing(digest);
    }
    try {
      const { bytesRead } = await handle.read(payload, 0, payload.length, offset);
      if (bytesRead !== payload.length) throw blobMissing(digest);
    } finally {
      await handle.close();
    }
    return { sizeBytes, payload };
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

  /** Writes the order of use to the files' times, so that the next start knows it. */
  async #touch(digest: string): Promise<void> {
    const now = new Date();
    if (now.getTime() - (this.#touchedMs.get(digest) ?? 0) < touchIntervalMs) return;
    this.#touchedMs.set(digest, now.getTime());
    await utimes(blobPath(this.directory, digest), now, now).catch(() => undefined); // Only an eviction hint.
  }

  /** A blob that the device does not take is gone: whoever needs it hears `blob_missing` and can send it again. */
  #syncLater(digest: string): void {
    const syncing = syncToDisk(blobPath(this.directory, digest)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#forget(digest); // ENOENT: it gave way meanwhile
    });
    this.#syncing.add(syncing);
    void syncing.finally(() => this.#syncing.delete(syncing));
  }

  async #makeRoom(): Promise<void> {
    if (this.#totalBytes + this.#reservedBytes <= this.#limits.storeBytes) return;
    const victims = [...this.#sizes.keys()].filter((digest) => !this.#pins.has(digest));
    while (this.#totalBytes + this.#reservedBytes > this.#limits.storeBytes) {
      const victim = victims.shift();
      if (victim === undefined) {
        throw new ProtocolError(
          'storage_full',
          `the blob store has no room within its ${this.#limits.storeBytes} bytes; wait for running jobs to end`,
        );
      }
      this.#forget(victim);
      await rm(blobPath(this.directory, victim), { force: true });
    }
  }

  #insert(digest: string, sizeBytes: number): void {
    this.#forget(digest);
    this.#sizes.set(digest, sizeBytes);
    this.#totalBytes += sizeBytes;
  }

  #forget(digest: string): void {
    this.#totalBytes -= this.#sizes.get(digest) ?? 0;
    this.#sizes.delete(digest);
    this.#touchedMs.delete(digest);
    this.#unverified.delete(digest);
  }
}
