/**
 * Checking a pack folder file by file and saying of each what is wrong, where `loadPack` stops at the first fault.
 *
 * Digests are computed from a stream, in pieces that let timers and signals in between; what a file holds is looked at only
 * when its bytes are those of the manifest. Nothing is kept in memory but the file at hand.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkContent, readManifest } from './load-pack.js';
import type { PackFile, PackManifest } from './manifest.js';
import { PackError } from './pack-error.js';

/** `wrong_content`: the right bytes, but not what the networks need. */
export type FileVerdict = 'sound' | 'missing' | 'wrong_size' | 'wrong_digest' | 'wrong_content';

export interface VerifiedFile {
  /** Inside the pack. */
  readonly path: string;
  /** As the manifest states it. */
  readonly sizeBytes: number;
  readonly verdict: FileVerdict;
  /** What was found and what was expected; undefined when it is sound. */
  readonly reason?: string;
}

export interface PackVerdict {
  readonly sound: boolean;
  /** Undefined when the manifest cannot be used; `reason` then says why and no file is looked at. */
  readonly manifest?: PackManifest;
  readonly reason?: string;
  readonly files: readonly VerifiedFile[];
}

export interface VerifyOptions {
  /** Looked at between pieces. */
  readonly signal?: AbortSignal;
  /** Told after each file: how many bytes of the pack were looked at, and how many there are. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** Bytes of one piece. */
const pieceBytes = 1024 * 1024;

/** Checks the pack in a folder. Throws only the signal's reason: faults of the pack are the result. */
export async function verifyPack(
  directory: string,
  { signal, onProgress = () => undefined }: VerifyOptions = {},
): Promise<PackVerdict> {
  signal?.throwIfAborted();
  let manifest: PackManifest;
  try {
    ({ manifest } = await readManifest(directory));
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return { sound: false, reason: error.message, files: [] };
  }
  const totalBytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  const files: VerifiedFile[] = [];
  for (const file of manifest.files) {
    const { path: name, sizeBytes } = file;
    files.push({ path: name, sizeBytes, ...(await judgeFile(directory, manifest, file, signal)) });
    doneBytes += sizeBytes;
    onProgress(doneBytes, totalBytes);
  }
  return { sound: files.every(({ verdict }) => verdict === 'sound'), manifest, files };
}

type Judgement = Pick<VerifiedFile, 'verdict' | 'reason'>;

async function judgeFile(
  directory: string,
  manifest: PackManifest,
  file: PackFile,
  signal: AbortSignal | undefined,
): Promise<Judgement> {
  const location = path.join(directory, file.path);
  try {
    const status = await lstat(location);
    if (!status.isFile()) return { verdict: 'missing', reason: 'it is not a regular file' };
    if (status.size !== file.sizeBytes)
      return { verdict: 'wrong_size', reason: `it has ${status.size} bytes, the manifest says ${file.sizeBytes}` };
    const digest = await digestOf(location, signal);
    if (digest !== file.sha256)
      return { verdict: 'wrong_digest', reason: `its sha256 is ${digest}, the manifest says ${file.sha256}` };
    checkContent(manifest, file.path, await readFile(location));
    return { verdict: 'sound' };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PackError) return { verdict: 'wrong_content', reason: error.message };
    if (isFileError(error)) return { verdict: 'missing', reason: `it cannot be read (${error.code})` };
    throw error;
  }
}

async function digestOf(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  const stream = createReadStream(file, { highWaterMark: pieceBytes, ...(signal === undefined ? {} : { signal }) });
  for await (const piece of stream) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

/** A failure of the file system: its code is one of the system's, in capitals. */
const isFileError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && /^E[A-Z]+$/.test(String((error as { code?: unknown }).code));
