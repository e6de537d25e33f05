/**
 * Content-addressed files in one folder: `sha256-HEX`, written whole or not at all.
 *
 * A file under its final name is always complete: bytes go to a temporary name in the same folder and are renamed.
 * Used by the API process (uploads) and by the worker (results), which therefore never send pixels to each other.
 */
import { createHash, randomBytes, type Hash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ProtocolError, type Digest } from '@deltaspace/shared-protocol';

const digestPattern = /^sha256:([0-9a-f]{64})$/;
const fileNamePattern = /^sha256-([0-9a-f]{64})$/;
export const temporaryPrefix = 'incoming-';

/** File of a digest. @throws ProtocolError on anything that is no digest: no client text ever becomes a path. */
export function blobPath(directory: string, digest: string): string {
  const match = digestPattern.exec(digest);
  if (match === null) throw new ProtocolError('invalid_params', 'expected a digest: sha256: and 64 hexadecimal digits');
  return path.join(directory, `sha256-${match[1] as string}`);
}

/** The digest that a file name stands for, or undefined for other files. */
export function digestOfFileName(name: string): Digest | undefined {
  const match = fileNamePattern.exec(name);
  return match === null ? undefined : `sha256:${match[1] as string}`;
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Reads a whole blob as a plain array (a Buffer's `slice` would share memory). Blocks: for the worker, which has
 * nothing else to do, and for small files that were written a moment ago; on a busy machine every trip through the thread pool
 * costs more than reading a layer.
 * @throws ProtocolError `blob_missing`, `storage_unavailable`.
 */
export function readBlobFile(directory: string, digest: string): Uint8Array {
  try {
    const { buffer, byteOffset, byteLength } = readFileSync(blobPath(directory, digest));
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw isNoFile(error) ? blobMissing(digest) : asStorageError(error);
  }
}

/**
 * Writes a result of the worker; blocks, as `readBlobFile` does. Not synced to the device: what a power cut destroys can
 * be computed again, and a sync costs more than a small edit.
 * @throws ProtocolError `storage_full`, `storage_unavailable`.
 */
export function writeDerivedBlob(directory: string, bytes: Uint8Array): { digest: Digest; sizeBytes: number } {
  const digest = digestOf(bytes);
  const file = blobPath(directory, digest);
  if (statSync(file, { throwIfNoEntry: false })?.size !== bytes.length) {
    const temporary = temporaryFile(directory);
    try {
      writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o600 });
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw asStorageError(error);
    }
  }
  return { digest, sizeBytes: bytes.length };
}

/** A new name in the same folder, so that the rename to the final name is atomic. */
export function temporaryFile(directory: string): string {
  return path.join(directory, `${temporaryPrefix}${randomBytes(12).toString('hex')}`);
}

/**
 * Writes all bytes at a position. A single write may be short, on a disk that fills up for instance: what the hash covers
 * must be what the file holds.
 * @throws ProtocolError `storage_full` when a write makes no progress; the system's error otherwise.
 */
export async function writeWhole(
  handle: Pick<FileHandle, 'write'>,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new ProtocolError('storage_full', 'the disk of the data folder takes no more bytes');
    done += bytesWritten;
  }
}

const syncToDevice = promisify(fsync);

/**
 * Makes a blob and its name survive a power cut. The device takes milliseconds, so nobody waits for it: until then the blob
 * outlives every death of a process, and what a power cut leaves of it is found out by its digest (`BlobStore.verify`).
 */
export async function syncToDisk(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.sync().finally(() => handle.close());
  if (process.platform === 'win32') return; // Windows cannot open folders; NTFS journals the rename.
  const folder = openSync(path.dirname(file), 'r');
  await syncToDevice(folder).finally(() => closeSync(folder));
}

/** Hashes what a file holds, read piece by piece. The hash is open: more bytes can follow. */
export async function hashFile(file: string): Promise<{ hash: Hash; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of createReadStream(file)) {
    hash.update(piece as Buffer);
    sizeBytes += (piece as Buffer).length;
  }
  return { hash, sizeBytes };
}

/** The digest of what a file holds. */
export async function digestOfFile(file: string): Promise<Digest> {
  const { hash } = await hashFile(file);
  return `sha256:${hash.digest('hex')}`;
}

export function blobMissing(digest: string): ProtocolError {
  return new ProtocolError('blob_missing', `the daemon does not hold ${digest.slice(0, 19)}…; upload it again`);
}

/** A full disk or an unusable folder is the caller's business, everything else a defect. */
export function asStorageError(error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (fullDisk.includes(code)) {
    return new ProtocolError('storage_full', 'the disk of the data folder is full; free some space and try again', {
      cause: error,
    });
  }
  const reason = unusable[code];
  if (reason !== undefined)
    return new ProtocolError('storage_unavailable', `the data folder cannot be used: ${reason}`, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

const fullDisk: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

const unusable: Readonly<Record<string, string>> = {
  EMFILE: 'the daemon has too many open files',
  ENFILE: 'the system has too many open files',
  EROFS: 'it is read-only',
  EACCES: 'there is no permission to write in it',
  EPERM: 'there is no permission to write in it',
  EIO: 'the disk reports an error',
};

/** Whether a file is not there, as opposed to one that cannot be read now. */
export function isNoFile(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
