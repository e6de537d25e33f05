/**
 * One upload in progress: chunks in order into a file, hashed on the way, published at commit.
 *
 * A wrong chunk spoils the upload but not the connection: the error is told at commit, where the client waits for an
 * answer. No two uploads share a file, so two clients sending the same blob cannot disturb each other. An upload may begin with
 * bytes that an interrupted one left (partial-uploads.ts), and leave its own when it is interrupted.
 */
import type { Hash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { ProtocolError, type Digest } from '@deltaspace/shared-protocol';
import { asStorageError, blobPath, writeWhole } from './blob-files.js';
import type { UploadFile } from './partial-uploads.js';

export class Upload {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly file: UploadFile;
  readonly #directory: string;
  readonly #hash: Hash;
  #handle: FileHandle | undefined;
  #writes: Promise<void> = Promise.resolve();
  #received: number;
  #written: number;
  #failure: Error | undefined;

  constructor(directory: string, digest: Digest, sizeBytes: number, file: UploadFile) {
    this.#directory = directory;
    this.digest = digest;
    this.sizeBytes = sizeBytes;
    this.file = file;
    this.#hash = file.hash;
    this.#received = file.heldBytes;
    this.#written = file.heldBytes;
  }

  /** Bytes received but not yet written: bounded by the connection through the client's pacing. */
  get unwrittenBytes(): number {
    return this.#received - this.#written;
  }

  /**
   * Takes the next chunk; `written` is called with the offset up to which everything is written. Bytes that were held from the
   * start are passed over: who does not wait for the answer to `blob.begin` sends them again.
   * The payload must not change afterwards.
   */
  write(offset: number, payload: Uint8Array, written: (offset: number) => void): void {
    if (this.#failure !== undefined) return;
    const known = Math.min(payload.length, Math.max(0, this.file.heldBytes - offset));
    const from = offset + known;
    const fresh = known === 0 ? payload : payload.subarray(known);
    if (fresh.length === 0 && known > 0) return written(this.#written);
    if (from !== this.#received || from + fresh.length > this.sizeBytes) {
      this.#failure = new ProtocolError(
        'upload_incomplete',
        `a chunk of ${payload.length} bytes came at ${offset}; expected offset ${this.#received} ` +
          `and at most ${this.sizeBytes - this.#received} bytes`,
      );
      return;
    }
    this.#received += fresh.length;
    this.#hash.update(fresh);
    this.#writes = this.#writes.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        await writeWhole(await this.#opened(), fresh, from);
        this.#written = from + fresh.length;
        written(this.#written);
      } catch (error) {
        this.#failure = asStorageError(error);
      }
    });
  }

  /**
   * Publishes the blob. The upload's own file is gone afterwards, whatever happens.
   * @throws ProtocolError `upload_incomplete`, `digest_mismatch`, `storage_full`.
   */
  async commit(): Promise<void> {
    await this.#writes;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#received !== this.sizeBytes) {
        throw new ProtocolError(
          'upload_incomplete',
          `${this.#received} of ${this.sizeBytes} bytes came before the commit`,
        );
      }
      const actual = `sha256:${this.#hash.digest('hex')}`;
      if (actual !== this.digest) {
        throw new ProtocolError(
          'digest_mismatch',
          'the bytes received do not have the announced digest; send them again',
        );
      }
      await this.#close();
      renameSync(this.file.path, blobPath(this.#directory, this.digest)); // in memory: no need for the thread pool
    } catch (error) {
      await this.#close().catch(() => undefined); // the first error counts
      await rm(this.file.path, { force: true });
      throw asStorageError(error);
    }
  }

  /** Ends the upload without publishing it. Returns how many bytes stay for another one to go on with. */
  async interrupt(): Promise<number> {
    const sound = this.#failure === undefined;
    this.#failure ??= new ProtocolError('upload_unknown', 'the upload has ended');
    await this.#writes;
    await this.#close().catch(() => undefined); // what the file holds is hashed before anyone goes on with it
    if (this.file.staysWhenInterrupted && sound && this.#written > 0) return this.#written;
    await rm(this.file.path, { force: true });
    return 0;
  }

  async #opened(): Promise<FileHandle> {
    this.#handle ??= await open(this.file.path, this.file.heldBytes === 0 ? 'wx' : 'r+', 0o600);
    return this.#handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
