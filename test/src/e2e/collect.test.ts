/** `deltaspace gc`, with a daemon and without. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deltaspace } from '../fakes/command.js';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startScriptedDaemon();
});
afterAll(() => daemon.dispose());

const collect = async (...flags: string[]) => {
  const { dataRoot } = daemon;
  const { stdout, exitCode } = await deltaspace(['gc', '--json', ...flags], { dataRoot, cwd: dataRoot });
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as { freedBytes: number; blobs: { count: number }; databaseBytes: number };
};
const blobFiles = (): Promise<string[]> => readdir(path.join(daemon.dataRoot, 'blobs'));

describe('deltaspace gc', () => {
  it('empties the cache of the worker, and only tells in a dry run', async () => {
    const cache = path.join(daemon.dataRoot, 'cache');
    await mkdir(cache, { recursive: true });
    await writeFile(path.join(cache, 'something.tensors'), 'twelve bytes');
    expect(await collect('--dry-run')).toMatchObject({ freedBytes: 12 });
    expect(await readdir(cache)).toHaveLength(1);
    expect(await collect()).toMatchObject({ freedBytes: 12 });
    expect(await readdir(cache)).toEqual([]);
  });

  it('frees the pictures of trainings that ended', async () => {
    const pictures = path.join(daemon.dataRoot, 'training', 'job-1', 'images');
    await mkdir(pictures, { recursive: true });
    await writeFile(path.join(pictures, 'train.bin'), new Uint8Array(500));
    expect(await collect()).toMatchObject({ freedBytes: 500, trainings: { count: 1, sizeBytes: 500 } });
    expect(await collect()).toMatchObject({ freedBytes: 0 });
  });

  it('asks the daemon that runs, which deletes what no job needs', async () => {
    const client = await daemon.connect();
    await client.upload(new Uint8Array(randomBytes(1000)));
    expect(await collect('--dry-run')).toMatchObject({ freedBytes: 1000, blobs: { count: 1 } });
    expect(await blobFiles()).toHaveLength(1);
    expect(await collect()).toMatchObject({ freedBytes: 1000, blobs: { count: 1 } });
    expect(await blobFiles()).toEqual([]);
    expect((await client.call('server.status', {})).blobs.count).toBe(0);
    client.close();
  });

  it('does it itself when none runs, and leaves the folder to the next daemon', async () => {
    const client = await daemon.connect();
    await client.upload(new Uint8Array(randomBytes(1000)));
    client.close();
    const gone = new Promise((resolve) => daemon.process.once('exit', resolve));
    daemon.process.kill('SIGKILL');
    await gone;
    expect(await collect()).toMatchObject({ blobs: { count: 1 } });
    expect(await blobFiles()).toEqual([]);
    daemon = await startScriptedDaemon(daemon.dataRoot);
    expect(await collect()).toMatchObject({ freedBytes: 0 });
  });
});
