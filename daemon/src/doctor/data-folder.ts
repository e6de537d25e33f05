/** The data folder: who may read it, how much room there is, and who was paired. Nothing is changed. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Access, systemClock, systemRandom } from '../access/index.js';
import { describeDataDirectory } from '../config/data-directory.js';
import { daemonSettings } from '../config/settings.js';
import { readToken } from '../config/token.js';
import { finding, gigabytes, type Finding } from './finding.js';

/** Less room than this and uploads will soon be refused; below the daemon's own floor it does not count as ready. */
export const diskFloors = { warningBytes: 2e9, brokenBytes: daemonSettings.diskFloorBytes } as const;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Modes of the folder and of the files that hold secrets. Windows protects them by the user's profile instead. */
export async function examinePermissions(root: string, platform = process.platform): Promise<Finding[]> {
  const { tokenFile, clientsFile, blobs, logs } = describeDataDirectory(root);
  const facts = await stat(root).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (facts === undefined)
    return [finding('ok', 'permissions', `${root} does not exist yet; the first start makes it`)];
  if (!facts.isDirectory()) return [finding('broken', 'permissions', `${root} is not a folder`)];
  const findings: Finding[] = [];
  for (const place of [root, blobs, logs, tokenFile, clientsFile]) {
    const problem = await problemOf(place, platform);
    if (problem !== undefined) findings.push(finding('broken', 'permissions', problem));
  }
  return findings.length > 0 ? findings : [finding('ok', 'permissions', `only you can read ${root}`)];
}

async function problemOf(place: string, platform: NodeJS.Platform): Promise<string | undefined> {
  try {
    const { mode, uid } = await stat(place);
    await access(place, constants.R_OK | constants.W_OK);
    if (platform === 'win32') return undefined;
    if (process.getuid !== undefined && uid !== process.getuid()) return `${place} belongs to another user (${uid})`;
    if ((mode & 0o077) === 0) return undefined;
    return `others can use ${place} (mode ${(mode & 0o777).toString(8)}); run: chmod go= ${JSON.stringify(place)}`;
  } catch (error) {
    return isMissing(error) ? undefined : `${place} cannot be used: ${(error as Error).message}`;
  }
}

/** Room on the disk of the folder, or of the nearest folder above that exists. */
export async function examineDisk(root: string): Promise<Finding[]> {
  return [judgeDisk(root, await freeBytesAt(root))];
}

export function judgeDisk(root: string, freeBytes: number): Finding {
  const words = `${gigabytes(freeBytes)} free for ${root}`;
  if (freeBytes < diskFloors.brokenBytes) return finding('broken', 'disk', `${words}; make room`, { freeBytes });
  const verdict = freeBytes < diskFloors.warningBytes ? 'warning' : 'ok';
  return finding(verdict, 'disk', words, { freeBytes });
}

async function freeBytesAt(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (!isMissing(error) || path.dirname(folder) === folder) throw error;
    return freeBytesAt(path.dirname(folder));
  }
}

/** The token and the paired clients, read as the daemon reads them. */
export async function examineClients(root: string): Promise<Finding[]> {
  const { tokenFile, clientsFile } = describeDataDirectory(root);
  const userToken = await readToken(tokenFile);
  const parts = { userToken: userToken ?? '', clientsFile, clock: systemClock, random: systemRandom };
  const clients = (await Access.open(parts)).clients();
  const names = clients.map(({ name, scopes }) => `"${name}" (${scopes.join(', ')})`).join(', ');
  const token = userToken === undefined ? 'no token yet; the first start makes it' : 'the token is sound';
  const paired = clients.length === 0 ? 'no plugin is paired' : `paired: ${names}`;
  return [
    finding('ok', 'clients', `${token}; ${paired}`, { hasToken: userToken !== undefined, paired: clients.length }),
  ];
}
