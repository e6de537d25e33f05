/**
 * The blob store of a data folder: what is there, how much room is left, what gives way.
 *
 * Keeps an index of sizes and last use in memory; the files are the truth (blob-files.ts). When the total would exceed
 * its limit, the least recently used blobs that no live job needs are deleted, and interrupted uploads that are older than
 * those. Bounds are per blob and in total. What an earlier process left is looked at before its first use: a power cut may
 * have left a name without its bytes.
 */
import { createHash } from 'node:crypto';
import { open, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { ProtocolError, type Digest } from '@deltaspace/shared-protocol';
import {
  asStorageError,
  blobMissing,
  blobPath,
  digestOfFile,
  digestOfFileName,
  isNoFile,
  syncToDisk,
  temporaryFile,
  temporaryPrefix,
} from './blob-files.js';
import { BlobIndex } from './blob-index.js';
import { DiskSpace, freeBytesOf, type MeasureFreeBytes } from './disk-space.js';
import { digestOfPartialName, PartialUploads, type UploadFile } from './partial-uploads.js';
import { Upload } from './upload.js';

/** A slider uses the same layer many times a second; its file need not know each time. */
const touchIntervalMs = 10_000;

export interface BlobLimits {
  readonly blobBytes: number;
  /** All blobs and interrupted uploads together. */
  readonly storeBytes: number;
  /** Uploads up to this size are sent whole again when they are interrupted: nothing of them is kept. */
  readonly eagerUploadBytes: number;
  /** How long an interrupted upload waits for its client. */
  readonly partialUploadMs: number;
  /** Bytes of the disk that uploads leave free. */
  readonly freeFloorBytes: number;
}

/** What a collection deleted, or would delete. */
export interface Collected {
  readonly blobs: { readonly count: number; readonly sizeBytes: number };
  readonly partials: { readonly count: number; readonly sizeBytes: number };
  readonly kept: { readonly count: number; readonly sizeBytes: number };
}

export class BlobStore {
  readonly directory: string;
  readonly #limits: BlobLimits;
  readonly #nowMs: () => number;
  readonly #index = new BlobIndex();
  readonly #partials: PartialUploads;
  readonly #disk: DiskSpace;
  /** Blobs of an earlier process whose bytes nobody has compared with their digest yet. */
  readonly #unverified = new Set<string>();
  readonly #syncing = new Set<Promise<void>>();
  /** When the time of a blob's file was last set, in milliseconds. */
  readonly #touchedMs = new Map<string, number>();
  /** Uploads that are ending, by digest: the next one of the same digest may go on where they stopped. */
  readonly #ending = new Map<Digest, Promise<void>>();
  #reservedBytes = 0;

  private constructor(directory: string, limits: BlobLimits, nowMs: () => number, measure: MeasureFreeBytes) {
    this.directory = directory;
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#partials = new PartialUploads(directory);
    this.#disk = new DiskSpace(directory, measure, nowMs);
  }

  /** Indexes the folder and removes what an earlier process left half written and nobody can go on with. */
  static async open(
    directory: string,
    limits: BlobLimits,
    nowMs: () => number = Date.now,
    measure: MeasureFreeBytes = freeBytesOf,
  ): Promise<BlobStore> {
    const store = new BlobStore(directory, limits, nowMs, measure);
    const found: { name: string; sizeBytes: number; usedMs: number }[] = [];
    for (const name of await readdir(directory)) {
      if (name.startsWith(temporaryPrefix)) {
        await rm(path.join(directory, name), { force: true });
        continue;
      }
      const { size, mtimeMs } = await stat(path.join(directory, name));
      found.push({ name, sizeBytes: size, usedMs: mtimeMs });
    }
    found.sort((a, b) => a.usedMs - b.usedMs);
    for (const file of found) store.#takeNoteOf(file);
    await store.#removeOldPartials();
    return store;
  }

  get usage(): { count: number; sizeBytes: number; limitBytes: number; partialBytes: number } {
    return {
      count: this.#index.count,
      sizeBytes: this.#index.totalBytes,
      limitBytes: this.#limits.storeBytes,
      partialBytes: this.#partials.totalBytes,
    };
  }

  /** Whether the blob is held; counts as use. */
  has(digest: string): boolean {
    if (!this.#index.use(digest, this.#nowMs())) return false;
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
    const actual = await digestOfFile(file).catch((error: unknown) => {
      if (!isNoFile(error)) throw asStorageError(error); // Nothing is known of the bytes: they stay.
      return undefined;
    });
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
   * Opens an upload and reserves its room; what an interrupted one of the same digest left is taken up.
   * Call `finishUpload` once, whatever becomes of it.
   * @throws ProtocolError `blob_empty`, `blob_too_large`, `storage_full`, `storage_unavailable`.
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
      if (sizeBytes <= this.#limits.eagerUploadBytes) return await this.#uploadInto(digest, sizeBytes, undefined);
      await this.#ending.get(digest);
      await this.#removeOldPartials();
      return await this.#uploadInto(digest, sizeBytes, await this.#partials.take(digest, sizeBytes));
    } catch (error) {
      this.#reservedBytes -= sizeBytes;
      throw asStorageError(error);
    }
  }

  /** Publishes an upload, or ends it unfinished when `commit` is false: what came of a large one is kept for a while. */
  async finishUpload(upload: Upload, commit: boolean): Promise<void> {
    const ending = commit ? this.#publish(upload) : this.#interrupt(upload);
    if (!upload.file.staysWhenInterrupted) return ending;
    const settled = ending.catch(() => undefined);
    this.#ending.set(upload.digest, settled);
    await settled;
    if (this.#ending.get(upload.digest) === settled) this.#ending.delete(upload.digest);
    return ending;
  }

  /** Takes note of a blob that the worker wrote into the folder. */
  async adopt(digest: string, sizeBytes: number): Promise<void> {
    this.#insert(digest, sizeBytes);
    await this.#makeRoom(false).catch(() => undefined); // Everything pinned: over the limit for a moment, still correct.
  }

  /**
   * Reads one range, shortened at the end of the blob.
   * @throws ProtocolError `blob_missing`, `range_invalid`, `storage_unavailable`.
   */
  async read(digest: string, offset: number, length: number): Promise<{ sizeBytes: number; payload: Uint8Array }> {
    if (!(await this.verify(digest))) throw blobMissing(digest);
    const sizeBytes = this.#index.sizeOf(digest);
    if (sizeBytes === undefined) throw blobMissing(digest);
    if (offset >= sizeBytes) {
      throw new ProtocolError('range_invalid', `offset ${offset} is past the end of a blob of ${sizeBytes} bytes`);
    }
    const payload = new Uint8Array(Math.min(length, sizeBytes - offset));
    const handle = await open(blobPath(this.directory, digest), 'r').catch((error: unknown) => {
      if (!isNoFile(error)) throw asStorageError(error);
      this.#forget(digest); // Someone emptied the folder while the daemon runs.
      throw blobMissing(digest);
    });
    try {
      const { bytesRead } = await handle.read(payload, 0, payload.length, offset);
      if (bytesRead !== payload.length) throw blobMissing(digest);
    } finally {
      await handle.close();
    }
    return { sizeBytes, payload };
  }

  /**
   * Deletes every blob that is not pinned and every interrupted upload that nobody goes on with.
   * @throws ProtocolError `storage_unavailable`.
   */
  async collect(dryRun: boolean): Promise<Collected> {
    const blobs = [...this.#index.unpinned()];
    const partials = this.#partials.all();
    const [blobsGone, partialsGone] = [sumOf(blobs), sumOf(partials)];
    const kept = {
      count: this.#index.count - blobsGone.count,
      sizeBytes: this.#index.totalBytes - blobsGone.sizeBytes,
    };
    try {
      for (const { digest } of dryRun ? [] : blobs) if (!this.#index.isPinned(digest)) await this.#remove(digest);
      for (const { digest } of dryRun ? [] : partials) await this.#partials.remove(digest);
    } catch (error) {
      throw asStorageError(error);
    }
    return { blobs: blobsGone, partials: partialsGone, kept };
  }

  /** Keeps blobs from giving way until the returned function is called. */
  pin(digests: readonly string[]): () => void {
    return this.#index.pin(digests);
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

  async #uploadInto(digest: Digest, sizeBytes: number, partial: UploadFile | undefined): Promise<Upload> {
    try {
      await this.#makeRoom(sizeBytes > this.#limits.eagerUploadBytes);
    } catch (error) {
      if (partial !== undefined) this.#partials.giveBack(digest, partial.heldBytes, this.#nowMs());
      throw error;
    }
    return new Upload(this.directory, digest, sizeBytes, partial ?? ownFile(this.directory));
  }

  async #publish(upload: Upload): Promise<void> {
    try {
      await upload.commit();
      this.#insert(upload.digest, upload.sizeBytes);
      this.#syncLater(upload.digest);
    } finally {
      this.#end(upload, 0);
    }
  }

  async #interrupt(upload: Upload): Promise<void> {
    let leftBytes = 0;
    try {
      leftBytes = await upload.interrupt();
    } finally {
      this.#end(upload, leftBytes);
    }
    if (this.#index.sizeOf(upload.digest) !== undefined) await this.#partials.remove(upload.digest); // another was faster
  }

  #end(upload: Upload, leftBytes: number): void {
    this.#reservedBytes -= upload.sizeBytes;
    if (upload.file.staysWhenInterrupted) this.#partials.giveBack(upload.digest, leftBytes, this.#nowMs());
  }

  /**
   * Makes the total fit, within the limit and above the floor of the disk. What was used least recently goes first, blobs and
   * interrupted uploads alike.
   */
  async #makeRoom(exact: boolean): Promise<void> {
    let freedBytes = 0;
    const freeBytes = await this.#disk.freeBytes(exact);
    const missing = (): number => {
      const onDisk = this.#limits.freeFloorBytes + this.#reservedBytes - freeBytes - freedBytes;
      return Math.max(this.#takenBytes - this.#limits.storeBytes, this.#reservedBytes === 0 ? 0 : onDisk);
    };
    if (missing() <= 0) return;
    const blobs = [...this.#index.unpinned()];
    while (missing() > 0) {
      const partial = this.#partials.oldest;
      const blob = blobs[0];
      if (partial !== undefined && partial.usedMs <= (blob?.usedMs ?? Infinity)) {
        freedBytes += partial.sizeBytes;
        await this.#partials.remove(partial.digest);
      } else if (blob !== undefined) {
        blobs.shift();
        if (this.#index.isPinned(blob.digest)) continue; // by a job that came meanwhile
        freedBytes += blob.sizeBytes;
        await this.#remove(blob.digest);
      } else throw this.#full(freeBytes + freedBytes);
    }
  }

  #full(freeBytes: number): ProtocolError {
    const { storeBytes, freeFloorBytes } = this.#limits;
    const words =
      this.#takenBytes > storeBytes
        ? `the blob store has no room within its ${storeBytes} bytes; wait for running jobs to end`
        : `the disk of the data folder has ${freeBytes} bytes left, of which ${freeFloorBytes} stay free; free some space`;
    return new ProtocolError('storage_full', words);
  }

  async #remove(digest: string): Promise<void> {
    this.#forget(digest);
    await rm(blobPath(this.directory, digest), { force: true });
  }

  get #takenBytes(): number {
    return this.#index.totalBytes + this.#partials.totalBytes + this.#reservedBytes;
  }

  async #removeOldPartials(): Promise<void> {
    const newest = this.#nowMs() - this.#limits.partialUploadMs;
    for (let old = this.#partials.oldest; old !== undefined && old.usedMs < newest; old = this.#partials.oldest)
      await this.#partials.remove(old.digest);
  }

  /** A file of an earlier process. Those of other names are none of the store's business. */
  #takeNoteOf({ name, sizeBytes, usedMs }: { name: string; sizeBytes: number; usedMs: number }): void {
    const digest = digestOfFileName(name);
    const partial = digestOfPartialName(name);
    if (partial !== undefined) this.#partials.add(partial, sizeBytes, usedMs);
    if (digest === undefined) return;
    this.#index.insert(digest, sizeBytes, usedMs);
    this.#unverified.add(digest);
  }

  #insert(digest: string, sizeBytes: number): void {
    this.#forget(digest);
    this.#index.insert(digest, sizeBytes, this.#nowMs());
  }

  #forget(digest: string): void {
    this.#index.forget(digest);
    this.#touchedMs.delete(digest);
    this.#unverified.delete(digest);
  }
}

/** A new file for one upload, of which nothing stays. */
function ownFile(directory: string): UploadFile {
  return { path: temporaryFile(directory), heldBytes: 0, hash: createHash('sha256'), staysWhenInterrupted: false };
}

function sumOf(files: readonly { readonly sizeBytes: number }[]): { count: number; sizeBytes: number } {
  return { count: files.length, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}
