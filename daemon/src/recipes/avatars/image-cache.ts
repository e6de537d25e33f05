/**
 * Rendered pixels on disk, so that a recipe that is stopped and started again does not draw twice.
 *
 * A file is the raw pixels followed by their SHA-256. It appears under its name only when complete; a file of the wrong length or checksum counts as absent and is written again.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-file.js';

const CHECKSUM_BYTES = 32;

/** Reads the pixels stored at `path`, or null when there are none of this length with a matching checksum. */
export async function readPixels(path: string, sizeBytes: number): Promise<Uint8Array | null> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (file.length !== sizeBytes + CHECKSUM_BYTES) return null;
  const pixels = file.subarray(0, sizeBytes);
  return checksum(pixels).equals(file.subarray(sizeBytes)) ? pixels : null;
}

/** Stores pixels at `path` atomically, making the folder when needed. */
export async function writePixels(path: string, pixels: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, Buffer.concat([pixels, checksum(pixels)]));
}

function checksum(pixels: Uint8Array): Buffer {
  return createHash('sha256').update(pixels).digest();
}
