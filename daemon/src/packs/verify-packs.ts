/**
 * `models.verify`: installed packs against their manifests, as clients and `deltaspace models verify` are told.
 */
import path from 'node:path';
import { verifyPack } from '@deltaspace/models';
import type { CheckedPack } from '@deltaspace/shared-protocol';
import { foldersOf, installedFolders } from './installed-pack.js';

export interface VerifyPacksOptions {
  /** Folder of the user's packs. */
  readonly packsDirectory: string;
  /** Id or folder name; all packs when left out. */
  readonly pack?: string;
  readonly signal?: AbortSignal;
  /** Told as it goes on: the folder at hand, and the share of all folders that is done. */
  readonly onProgress?: (folder: string, fraction: number) => void;
}

/** Checks one or all packs. @throws ProtocolError `pack_missing`; the signal's reason when aborted. */
export async function verifyPacks(options: VerifyPacksOptions): Promise<CheckedPack[]> {
  const { packsDirectory, pack, signal, onProgress = () => undefined } = options;
  const folders = pack === undefined ? await installedFolders(packsDirectory) : await foldersOf(pack, packsDirectory);
  const checked: CheckedPack[] = [];
  for (const [index, directory] of folders.entries()) {
    const folder = path.basename(directory);
    onProgress(folder, index / folders.length);
    const { sound, manifest, reason, files } = await verifyPack(directory, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (done, total) => onProgress(folder, (index + done / total) / folders.length),
    });
    checked.push({
      folder,
      ...(manifest === undefined ? {} : { pack: manifest.id, version: manifest.version }),
      sound,
      ...(reason === undefined ? {} : { reason }),
      files: files.map((file) => ({ ...file })),
    });
  }
  return checked;
}
