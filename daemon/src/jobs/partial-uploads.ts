/**
 * Interrupted uploads: the first bytes of blobs in files `partial-HEX`, named by the digest that they should lead to.
 *
 * One writer per digest: while an upload has the file, others of the same digest go to files of their own. What is there is
 * hashed when an upload takes it up, so that the hash at commit covers every byte on the disk, whoever wrote it. This is the
 * book of what lies on the disk and how old it is; blob-store.ts decides when to make room.
 */
import { createHash, type Hash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '@deltaspace/shared-protocol';
import { asStorageError, blobPath, hashFile, isNoFile } from './blob-files.js';

const fileNamePattern = /^partial-([0-9a-f]{64})$/;

/** The file of an upload, and what it holds so far. */
export interface UploadFile {
  readonly path: string;
  readonly heldBytes: number;
  /** Of the bytes that are held; the upload goes on with it. */
  readonly hash: Hash;
  /** Whether the file stays when the upload is interrupted. */
  readonly staysWhenInterrupted: boolean;
}

export interface PartialUpload {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** When it was written to last, in milliseconds since 1970. */
  readonly usedMs: number;
}

/** The digest that a partial file should lead to, or undefined for other files. */
export function digestOfPartialName(name: string): Digest | undefined {
  const match = fileNamePattern.exec(name);
  return match === null ? undefined : `sha256:${match[1] as string}`;
}

export class PartialUploads {
  readonly #directory: string;
  /** Those that no upload has taken, oldest first. */
  readonly #waiting = new Map<Digest, PartialUpload>();
  readonly #taken = new Set<Digest>();
  #totalBytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Bytes of the partial uploads that wait for their client. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** The one that waits longest. */
  get oldest(): PartialUpload | undefined {
    return this.#waiting.values().next().value;
  }

  all(): readonly PartialUpload[] {
    return [...this.#waiting.values()];
  }

  /** Takes note of a file that waits. Call in the order of age. */
  add(digest: Digest, sizeBytes: number, usedMs: number): void {
    this.#forget(digest);
    this.#waiting.set(digest, { digest, sizeBytes, usedMs });
    this.#totalBytes += sizeBytes;
  }

  /**
   * Gives the file of a digest to one upload, with what it holds; undefined when another upload has it. What cannot lead to
   * the digest is deleted. Call `giveBack` once the upload has ended.
   * @throws ProtocolError `storage_unavailable`.
   */
  async take(digest: Digest, sizeBytes: number): Promise<UploadFile | undefined> {
    if (this.#taken.has(digest)) return undefined;
    this.#taken.add(digest);
    const waits = this.#waiting.has(digest);
    const file = { path: this.#pathOf(digest), staysWhenInterrupted: true };
    const held = waits ? await this.#read(digest, file.path) : undefined;
    if (held !== undefined && canLeadTo(digest, sizeBytes, held))
      return { ...file, heldBytes: held.sizeBytes, hash: held.hash };
    await rm(file.path, { force: true });
    return { ...file, heldBytes: 0, hash: createHash('sha256') };
  }

  /** The upload has ended and left so many bytes in the file; 0 when the file is gone. */
  giveBack(digest: Digest, sizeBytes: number, nowMs: number): void {
    this.#taken.delete(digest);
    if (sizeBytes > 0) this.add(digest, sizeBytes, nowMs);
  }

  /** Deletes one that waits. */
  async remove(digest: Digest): Promise<void> {
    if (!this.#waiting.has(digest)) return;
    this.#forget(digest);
    await rm(this.#pathOf(digest), { force: true });
  }

  /** What the file holds; undefined when someone deleted it. One that cannot be read now goes on waiting. */
  async #read(digest: Digest, file: string): Promise<{ hash: Hash; sizeBytes: number } | undefined> {
    const known = this.#waiting.get(digest);
    this.#forget(digest);
    try {
      return await hashFile(file);
    } catch (error) {
      if (isNoFile(error)) return undefined;
      this.#taken.delete(digest);
      if (known !== undefined) this.add(digest, known.sizeBytes, known.usedMs);
      throw asStorageError(error);
    }
  }

  #forget(digest: Digest): void {
    this.#totalBytes -= this.#waiting.get(digest)?.sizeBytes ?? 0;
    this.#waiting.delete(digest);
  }

  #pathOf(digest: Digest): string {
    return path.join(this.#directory, path.basename(blobPath(this.#directory, digest)).replace('sha256', 'partial'));
  }
}

/** A file of fewer bytes may; one of all bytes is whole or worthless. */
function canLeadTo(digest: Digest, sizeBytes: number, held: { hash: Hash; sizeBytes: number }): boolean {
  if (held.sizeBytes < sizeBytes) return true;
  return held.sizeBytes === sizeBytes && `sha256:${held.hash.copy().digest('hex')}` === digest;
}
