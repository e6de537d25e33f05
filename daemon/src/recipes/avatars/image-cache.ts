/**
 * Rendered pixels on disk, so that a recipe that is stopped and started again does not draw twice.
 *
 * A file is the raw pixels followed by their SHA-256. It appears under its name only when complete (temporary file,
 * fsync, rename); a file of the wrong length or checksum counts as absent and is written again.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

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
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(pixels);
      await handle.writeFile(checksum(pixels));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function checksum(pixels: Uint8Array): Buffer {
  return createHash('sha256').update(pixels).digest();
}
