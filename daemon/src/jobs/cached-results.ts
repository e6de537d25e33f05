/** The worker's cache of inversions and text features, as its folder: the API process only empties it. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isNoFile } from './blob-files.js';

/** Deletes all files of the folder, unless `dryRun`. The worker takes that for forgetting. */
export async function clearCachedResults(
  directory: string,
  dryRun: boolean,
): Promise<{ count: number; sizeBytes: number }> {
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (isNoFile(error)) return [];
    throw error;
  });
  let sizeBytes = 0;
  for (const name of names) {
    const file = path.join(directory, name);
    sizeBytes += (await stat(file).catch(() => ({ size: 0 }))).size; // the worker may have been faster
    if (!dryRun) await rm(file, { force: true });
  }
  return { count: names.length, sizeBytes };
}
