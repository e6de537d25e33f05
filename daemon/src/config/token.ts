/**
 * The bearer token by which programs of this user prove that they may use the daemon: whoever can read the file may.
 *
 * It has every scope and is for the command line and the user's own scripts; plugins get tokens of their own (access/).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, open, readFile, stat } from 'node:fs/promises';

const tokenBytes = 32;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** The token, or undefined when the file does not exist. @throws Error when the file holds something else. */
export async function readToken(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const token = text.trim();
  if (!tokenPattern.test(token)) {
    throw new Error(`${file} does not hold a deltaspace token; delete it and start the daemon again to make a new one`);
  }
  return token;
}

/** Reads the token, making one on first use. Tightens the file's mode when others could read it. */
export async function loadOrCreateToken(file: string): Promise<string> {
  const existing = await readToken(file);
  if (existing !== undefined) {
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600);
    return existing;
  }
  const token = randomBytes(tokenBytes).toString('base64url');
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return token;
}

/** Whether two tokens are equal, in time that depends on neither. Hashing first makes the lengths equal. */
export function tokensMatch(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
