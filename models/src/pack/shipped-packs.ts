/** Where the packs that ship with the product lie, and which folders hold a pack. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder with one sub-folder per shipped pack. */
export const packsDirectory = fileURLToPath(new URL('../../packs', import.meta.url));

/** Sub-folders of `directory` that contain a pack.json, sorted by name; none when the folder does not exist. */
export async function packFolders(directory: string = packsDirectory): Promise<string[]> {
  const names = await readdir(directory).catch(() => [] as string[]); // a missing folder simply holds no packs
  const folders = names.sort().map((name) => path.join(directory, name));
  const complete = await Promise.all(
    folders.map((folder) =>
      stat(path.join(folder, 'pack.json')).then(
        (status) => status.isFile(),
        () => false,
      ),
    ),
  );
  return folders.filter((_, i) => complete[i]);
}
