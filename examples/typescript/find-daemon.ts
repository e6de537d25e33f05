/** Where the daemon of this user listens, and the token that lets the user's own programs in. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** @throws Error when no daemon was started: `deltaspace start` does. */
export async function findDaemon(): Promise<{ port: number; token: string }> {
  const folder = dataFolder();
  const lock = JSON.parse(await readFile(path.join(folder, 'daemon.json'), 'utf8')) as { port: number };
  const token = (await readFile(path.join(folder, 'token'), 'utf8')).trim();
  return { port: lock.port, token };
}

/** The data folder as the daemon chooses it; `deltaspace config show` prints it. */
function dataFolder(): string {
  const { DELTASPACE_DATA, XDG_DATA_HOME, LOCALAPPDATA } = process.env;
  if (DELTASPACE_DATA) return DELTASPACE_DATA;
  if (process.platform === 'win32') return path.join(LOCALAPPDATA ?? '', 'deltaspace');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library/Application Support/deltaspace');
  return path.join(XDG_DATA_HOME ?? path.join(homedir(), '.local/share'), 'deltaspace');
}
