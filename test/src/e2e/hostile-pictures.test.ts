/**
 * Picture files that a stranger may send, to a real daemon: each gets its specific answer, and memory and disk come back. Only the
 * engine is scripted; the worker and its decoder are real.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeltaClient } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { bombs, disguises, rarities, truncations, type HostilePicture } from '../fixtures/hostile-pictures.js';

let daemon: TestDaemon;
let client: DeltaClient;
beforeAll(async () => {
  daemon = await startScriptedDaemon();
  client = await daemon.connect();
});
afterAll(async () => {
  client.close();
  await daemon.dispose();
});

const workerPid = async (): Promise<number> => (await client.call('server.status', {})).worker.pid as number;

/** Sends a file and has it edited; the answer in short: the code of the refusal, or the size of the picture. */
async function answerTo(bytes: Uint8Array): Promise<string | readonly number[]> {
  const digest = await client.upload(bytes);
  const image = { encoding: 'file', digest } as const;
  return client.call('edit', { image, targets: ['hat'], encoding: 'rgba8' }).then(
    ({ outputs }) => [outputs[0]?.image.width ?? 0, outputs[0]?.image.height ?? 0],
    (error: unknown) => (error as { code: string }).code,
  );
}

const table = (pictures: readonly HostilePicture[]) =>
  it.each(pictures.map((picture) => [picture.name, picture.code ?? picture.size, picture] as const))(
    '%s: %s',
    async (_name, expected, picture) => {
      const worker = await workerPid();
      expect(await answerTo(await picture.make())).toEqual(expected);
      expect(await workerPid()).toBe(worker);
    },
  );

describe('pictures that are larger than they look', () => table(bombs));
describe('pictures that are something else', () => table(disguises));
describe('rare pictures', () => table(rarities));
describe('pictures that were cut off', () => table(truncations));

describe('raw pixels', () => {
  const bytesFor = { right: 64, 'one too few': 63, 'one too many': 65, none: 1 };
  it.each(Object.entries(bytesFor))('with %s bytes', async (name, sizeBytes) => {
    const digest = await client.upload(new Uint8Array(sizeBytes).fill(9));
    const image = { encoding: 'rgba8', digest, width: 4, height: 4 } as const;
    const call = client.call('edit', { image, targets: ['hat'] });
    if (name === 'right') await expect(call).resolves.toMatchObject({ outputs: [{ image: { width: 4, height: 4 } }] });
    else await expect(call).rejects.toMatchObject({ code: 'image_invalid' });
  });

  it.each([
    [0, 4],
    [-4, -4],
    [2.5, 4],
    [2 ** 53, 2 ** 53],
    [16_385, 1],
  ])('of %d × %d are refused', async (width, height) => {
    const digest = await client.upload(new Uint8Array(64));
    const call = client.call('edit', { image: { encoding: 'rgba8', digest, width, height }, targets: ['hat'] });
    await expect(call).rejects.toMatchObject({ code: 'invalid_params' });
  });

  it('of more pixels than are accepted are refused', async () => {
    const digest = await client.upload(new Uint8Array(64));
    const image = { encoding: 'rgba8', digest, width: 16_000, height: 16_000 } as const;
    await expect(client.call('edit', { image, targets: ['hat'] })).rejects.toMatchObject({ code: 'image_too_large' });
  });
});

const residentBytes = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]) * 4096;

describe('after all that', () => {
  it('the worker has not been restarted, and nothing unfinished lies on the disk', async () => {
    expect((await client.call('server.status', {})).worker).toMatchObject({ restarts: 0, state: 'ready' });
    const names = await readdir(path.join(daemon.dataRoot, 'blobs'));
    expect(names.filter((name) => !name.startsWith('sha256-'))).toEqual([]);
  });

  // Linux alone tells the memory of another process without a tool.
  it.skipIf(process.platform !== 'linux')('the memory comes back when the same come again', async () => {
    const pids = [daemon.process.pid as number, await workerPid()];
    const before = await Promise.all(pids.map(residentBytes));
    for (let round = 0; round < 3; round++)
      for (const picture of [...truncations, ...bombs.filter(({ code }) => code !== undefined)])
        await answerTo(await picture.make());
    const after = await Promise.all(pids.map(residentBytes));
    // Heaps breathe by some megabytes; keeping 300 pictures and their failures would take far more.
    after.forEach((bytes, i) => expect(bytes - (before[i] as number)).toBeLessThan(64 * 2 ** 20));
  });
});
