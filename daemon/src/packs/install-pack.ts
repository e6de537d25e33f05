/**
 * Installing a pack: a folder beside the installed ones, checked whole, then renamed. Killed at any time, this leaves either
 * no pack or a sound one; what it left half done has no pack.json where packs are looked for, and is removed the next time.
 */
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { loadPack } from '@deltaspace/models';
import { ProtocolError } from '@deltaspace/shared-protocol';
import { foldersOf } from './installed-pack.js';

/** What is known of a pack that is installed. */
export interface InstalledPack {
  readonly id: string;
  readonly version: string;
  /** sha256 of pack.json, hexadecimal. */
  readonly digest: string;
}

/** @throws ProtocolError `pack_exists` when a pack or a folder of that name is installed. */
export async function requireNewName(name: string, packsDirectory: string): Promise<void> {
  const folders = await foldersOf(name, packsDirectory).catch(() => []);
  if (folders.length === 0) return;
  throw new ProtocolError('pack_exists', `a pack "${name}" is installed already; choose another name, or remove it`);
}

/**
 * Copies the pack in `source` into the folder of the user's packs, under its id, with every digest and shape checked after the copy.
 * The same pack again is no error: a job that is tried again installs what it installed before.
 * @throws ProtocolError `pack_exists`; PackError when the copy is not sound.
 */
export async function installPack(source: string, packsDirectory: string): Promise<InstalledPack> {
  const { manifest, digest } = await loadPack(source);
  const { id, version } = manifest;
  const target = path.join(packsDirectory, id);
  if ((await digestAt(target)) === digest) return { id, version, digest };
  await requireNewName(id, packsDirectory);
  // One level deeper than packs are looked for, on the same file system.
  const draft = path.join(packsDirectory, '.incoming', id);
  await rm(draft, { recursive: true, force: true });
  await mkdir(path.dirname(draft), { recursive: true });
  await cp(source, draft, { recursive: true });
  const copied = await loadPack(draft);
  if (copied.digest !== digest) throw new Error(`pack ${id} changed while it was copied`);
  await rename(draft, target);
  return { id, version, digest };
}

/** The digest of the pack in a folder; undefined when there is no sound one. */
async function digestAt(folder: string): Promise<string | undefined> {
  return loadPack(folder).then(
    ({ digest }) => digest,
    () => undefined,
  );
}
