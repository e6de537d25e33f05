/**
 * Replacing a file so that a process killed at any instant leaves either the old content or the new one, never a part.
 */

import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ends the name of a file that is still being written; a leftover one may be deleted. */
export const TEMPORARY_SUFFIX = '.partial';

/**
 * Writes `content` to `path`: temporary file, fsync, rename, fsync of the folder.
 * @param options.mode permission bits of the file; the process's default when left out. No meaning on Windows.
 */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${path}${TEMPORARY_SUFFIX}`;
  try {
    const file = await open(temporary, 'w', options.mode);
    try {
      if (options.mode !== undefined) await file.chmod(options.mode); // A leftover one keeps the mode it had.
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a rename in `folder` durable. Windows cannot open folders and makes renames durable by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
