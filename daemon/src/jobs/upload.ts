/**
 * One upload in progress: chunks in order into a temporary file, hashed on the way, published at commit.
 *
 * A wrong chunk spoils the upload but not the connection: the error is told at commit, where the client waits for an
 * answer. Every upload has its own temporary file, so two clients sending the same blob cannot disturb each other.
 */
import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { ProtocolError, type Digest } from '@deltaspace/shared-protocol';
import { asStorageError, blobPath, temporaryFile, writeWhole } from './blob-files.js';

export class Upload {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly #directory: string;
  readonly #temporary: string;
  readonly #hash = createHash('sha256');
  #handle: FileHandle | undefined;
  #writes: Promise<void> = Promise.resolve();
  #received = 0;
  #written = 0;
  #failure: Error | undefined;
  #published = false;

  constructor(directory: string, digest: Digest, sizeBytes: number) {
    this.#directory = directory;
    this.#temporary = temporaryFile(directory);
    this.digest = digest;
    this.sizeBytes = sizeBytes;
  }

  /** Bytes received but not yet written: bounded by the connection through the client's pacing. */
  get unwrittenBytes(): number {
    return this.#received - this.#written;
  }

  /**
   * Takes the next chunk; `written` is called with the offset up to which everything is written.
   * The payload must not change afterwards.
   */
  write(offset: number, payload: Uint8Array, written: (offset: number) => void): void {
    if (this.#failure !== undefined) return;
    if (offset !== this.#received || offset + payload.length > this.sizeBytes) {
      this.#failure = new ProtocolError(
        'upload_incomplete',
        `a chunk of ${payload.length} bytes came at ${offset}; expected offset ${this.#received} ` +
          `and at most ${this.sizeBytes - this.#received} bytes`,
      );
      return;
    }
    this.#received += payload.length;
    this.#hash.update(payload);
    this.#writes = this.#writes.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        this.#handle ??= await open(this.#temporary, 'wx', 0o600);
        await writeWhole(this.#handle, payload, offset);
        this.#written = offset + payload.length;
        written(this.#written);
      } catch (error) {
        this.#failure = asStorageError(error);
      }
    });
  }

  /**
   * Publishes the blob. The temporary file is gone afterwards, whatever happens.
   * @throws ProtocolError `upload_incomplete`, `digest_mismatch`, `storage_full`.
   */
  async commit(): Promise<void> {
    await this.#writes;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#received !== this.sizeBytes || this.#handle === undefined) {
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
      await this.#handle.close();
      this.#handle = undefined;
      renameSync(this.#temporary, blobPath(this.#directory, this.digest)); // in memory: no need for the thread pool
      this.#published = true;
    } catch (error) {
      throw asStorageError(error);
    } finally {
      await this.discard();
    }
  }

  /** Gives the upload up and removes its file. */
  async discard(): Promise<void> {
    this.#failure ??= new ProtocolError('upload_unknown', 'the upload has ended');
    await this.#writes;
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
    if (!this.#published) await rm(this.#temporary, { force: true });
  }
}
