import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseDataRoot, prepareDataDirectory } from './data-directory.js';
import { FolderInUseError, InstanceLock, readLock, type InstanceRecord } from './instance-lock.js';
import { loadOrCreateToken, readToken, tokensMatch } from './token.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is the argument, else DELTASPACE_DATA, else the place for application data', () => {
    const environment = { DELTASPACE_DATA: '/from/environment', XDG_DATA_HOME: '/xdg' };
    expect(chooseDataRoot('/from/argument', environment, 'linux')).toBe('/from/argument');
    expect(chooseDataRoot(undefined, environment, 'linux')).toBe('/from/environment');
    expect(chooseDataRoot(undefined, { XDG_DATA_HOME: '/xdg' }, 'linux')).toBe('/xdg/deltaspace');
    expect(chooseDataRoot(undefined, { DELTASPACE_DATA: '', XDG_DATA_HOME: 'relative' }, 'linux')).toBe(
      path.join(homedir(), '.local/share/deltaspace'),
    );
    expect(chooseDataRoot(undefined, {}, 'darwin')).toContain('Application Support');
  });

  it('is readable by its owner only', async () => {
    const data = await prepareDataDirectory(path.join(folder, 'data'));
    for (const place of [data.root, data.blobs, data.packs, data.logs]) {
      expect((await stat(place)).mode & 0o777).toBe(0o700);
    }
  });
});

describe('the token', () => {
  it('is made once, kept, and readable by its owner only', async () => {
    const file = path.join(folder, 'token');
    expect(await readToken(file)).toBeUndefined();
    const token = await loadOrCreateToken(file);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await loadOrCreateToken(file)).toBe(token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('loses a mode that lets others read it', async () => {
    const file = path.join(folder, 'token');
    await loadOrCreateToken(file);
    await chmod(file, 0o644);
    await loadOrCreateToken(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is not taken from a file that holds something else', async () => {
    const file = path.join(folder, 'token');
    await writeFile(file, 'short');
    await expect(readToken(file)).rejects.toThrow(/does not hold a deltaspace token/);
  });

  it('matches itself only, at any length', () => {
    expect(tokensMatch('abc', 'abc')).toBe(true);
    for (const wrong of ['', 'ab', 'abd', 'abcd']) expect(tokensMatch(wrong, 'abc')).toBe(false);
  });
});

describe('the lock', () => {
  const alive = (): Promise<boolean> => Promise.resolve(true);
  const dead = (): Promise<boolean> => Promise.resolve(false);
  const file = (): string => path.join(folder, 'daemon.json');

  it('is held once and free after its release', async () => {
    const lock = await InstanceLock.acquire(file(), 'service', alive);
    await lock.publishPort(7411);
    const refusal = await InstanceLock.acquire(file(), 'call', alive).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FolderInUseError);
    expect((refusal as FolderInUseError).record).toMatchObject({ pid: process.pid, port: 7411, lifetime: 'service' });
    await lock.release();
    expect(await readLock(file())).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of a process that is gone is taken over', async () => {
    const gone: InstanceRecord = { pid: 2 ** 22 + 1, port: 7411, instance: 'x', lifetime: 'service', startedAt: '' };
    await writeFile(file(), JSON.stringify(gone));
    const lock = await InstanceLock.acquire(file(), 'service', alive);
    expect((await readLock(file()))?.instance).toBe(lock.record.instance);
  });

  it('of a reused pid without a daemon behind it is taken over', async () => {
    const stranger: InstanceRecord = {
      pid: process.pid,
      port: 7411,
      instance: 'x',
      lifetime: 'service',
      startedAt: '',
    };
    await writeFile(file(), JSON.stringify(stranger));
    const lock = await InstanceLock.acquire(file(), 'service', dead);
    expect((await readLock(file()))?.instance).toBe(lock.record.instance);
  });

  it('that was torn is taken over', async () => {
    await writeFile(file(), '{"pid":');
    await InstanceLock.acquire(file(), 'service', alive);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('goes to exactly one of many that want it at once', async () => {
    const attempts = Array.from({ length: 8 }, () => InstanceLock.acquire(file(), 'service', alive));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is not released by one that lost it', async () => {
    const lock = await InstanceLock.acquire(file(), 'service', alive);
    await writeFile(file(), JSON.stringify({ ...lock.record, instance: 'another' }));
    await lock.release();
    expect(await readLock(file())).toMatchObject({ instance: 'another' });
  });
});
