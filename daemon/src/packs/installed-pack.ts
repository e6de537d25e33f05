/**
 * Finds installed packs by id, for those who read a pack themselves instead of asking the worker that edits: commands, and jobs
 * of the background.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packFolders } from '@deltaspace/models';
import { ProtocolError } from '@deltaspace/shared-protocol';

/**
 * The folder of a pack: those that ship first, then the user's.
 * @param packsDirectory folder of the user's packs. @throws ProtocolError `pack_missing`.
 */
export async function installedPack(id: string, packsDirectory: string): Promise<string> {
  for (const folder of await installedFolders(packsDirectory)) if ((await idOf(folder)) === id) return folder;
  throw noSuchPack(id);
}

/** All pack folders, in the order in which they win over each other. */
export async function installedFolders(packsDirectory: string): Promise<string[]> {
  return [...(await packFolders()), ...(await packFolders(packsDirectory))];
}

/** The folders that a person may mean: with that id, or of that name, which a damaged pack still has. */
export async function foldersOf(asked: string, packsDirectory: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of await installedFolders(packsDirectory))
    if (path.basename(folder) === asked || (await idOf(folder)) === asked) found.push(folder);
  if (found.length === 0) throw noSuchPack(asked);
  return found;
}

function noSuchPack(id: string): ProtocolError {
  return new ProtocolError('pack_missing', `there is no pack "${id}"; "deltaspace models list" shows those there are`);
}

/** The id that a folder's pack.json states; undefined when it cannot be read, which `models list` explains. */
async function idOf(folder: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(path.join(folder, 'pack.json'), 'utf8')) as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}
