/**
 * Finds installed packs by id, for the commands that read a pack themselves instead of asking a daemon.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packFolders } from '@deltaspace/models';
import { ProtocolError } from '@deltaspace/shared-protocol';
import { describeDataDirectory } from '../config/data-directory.js';

/** The folder of a pack: those that ship first, then the user's. @throws ProtocolError `pack_missing`. */
export async function installedPack(id: string, dataRoot: string): Promise<string> {
  const folders = [...(await packFolders()), ...(await packFolders(describeDataDirectory(dataRoot).packs))];
  for (const folder of folders) if ((await idOf(folder)) === id) return folder;
  throw new ProtocolError('pack_missing', `there is no pack "${id}"; "deltaspace models list" shows those there are`);
}

/** The id that a folder's pack.json states; undefined when it cannot be read, which `models list` explains. */
async function idOf(folder: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(path.join(folder, 'pack.json'), 'utf8')) as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}
