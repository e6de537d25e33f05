/**
 * Evaluations, analyses and checks as jobs of a real daemon with the real workers, on a pack of random weights: beside edits,
 * cancelled, killed, refused.
 */
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '@deltaspace/daemon';
import { writeNpy } from '@deltaspace/models';
import type { DeltaClient, JobOptions, ParamsInput } from '@deltaspace/shared-protocol';
import { deltaspace, type CommandResult } from '../fakes/command.js';
import { startScriptedDaemon, temporaryFolder, type TestDaemon } from '../fakes/daemon-process.js';
import { connectWith, pairPlugin } from '../fakes/plugin.js';
import { tinyEditParams, tinyPixels } from '../fakes/tiny-edits.js';
import { saveJudgedPack } from '../fixtures/judged-pack.js';
import { buildTinyPack } from '../fixtures/tiny-pack.js';

/** An evaluation takes half a minute when the machine has nothing else to do. */
const timeoutMs = 600_000;
const patience = { timeout: 300_000, interval: 50 };

let folder: string;
let daemon: TestDaemon;
let client: DeltaClient;
beforeAll(async () => {
  folder = await temporaryFolder();
  await saveJudgedPack(path.join(folder, 'packs', 'tiny'));
  await buildTinyPack(path.join(folder, 'packs', 'broken'), { id: 'broken' });
  await appendFile(path.join(folder, 'packs', 'broken', 'mapper.safetensors'), 'x');
  daemon = await startScriptedDaemon(folder, { realWorker: true });
  client = await daemon.connect();
  await client.upload(tinyPixels());
}, timeoutMs);
afterAll(async () => {
  client.close();
  await daemon.dispose();
});

const edit = (text: string, options: JobOptions = {}) =>
  client.call('edit', { ...tinyEditParams(text, options), pack: 'tiny' });

const evaluation = (options: JobOptions = {}): ParamsInput<'evaluate'> => ({
  ...{ pack: 'tiny', methods: ['deltaedit'], avatars: 1, seed: 7 },
  ...options,
});

const job = (jobId: string) => client.call('job.get', { jobId });

/** Begins an evaluation and returns once it computes. */
async function beginEvaluation(jobId: string): Promise<{ answer: Promise<unknown> }> {
  const answer = client.call('evaluate', evaluation({ jobId }));
  answer.catch(() => undefined);
  const stage = async (): Promise<string | undefined> => (await job(jobId).catch(() => undefined))?.progress?.stage;
  await expect.poll(stage, patience).toMatch(/rendering|embedding|reconstructing|editing/);
  return { answer };
}

describe('an evaluation', () => {
  it(
    'goes on beside edits, through the death of its worker, and is answered with figures and a page',
    async () => {
      const before = await client.call('server.status', {});
      const { answer } = await beginEvaluation('evaluation');
      const events: string[] = [];
      void answer.then(() => events.push('evaluation'));
      for (const text of ['hat', 'glasses']) {
        await edit(text);
        events.push(text);
      }
      const { background, worker } = await client.call('server.status', {});
      process.kill(background?.pid as number, 'SIGKILL');
      await expect.poll(async () => (await job('evaluation')).crashes, patience).toBe(1);
      await edit('red hair');
      events.push('red hair');
      const result = (await answer) as { figures: unknown; files: { report: { digest: string } } };
      expect(events).toEqual(['hat', 'glasses', 'red hair', 'evaluation']);
      expect(await job('evaluation')).toMatchObject({
        ...{ state: 'succeeded', attempts: 2, crashes: 1, priority: 'bulk', method: 'evaluate' },
        lastCrash: { signal: 'SIGKILL' },
      });
      expect(result.figures).toMatchObject({ pack: { id: 'tiny' }, seed: 7, edits: { cases: 18 } });
      const page = Buffer.from(await client.download(result.files.report.digest)).toString();
      expect(page).toContain('<caption>deltaedit<span');
      const after = await client.call('server.status', {});
      expect(after.worker).toMatchObject({ pid: before.worker.pid, restarts: 0 });
      expect(worker.pid).toBe(before.worker.pid);
      expect(after.background).toMatchObject({ restarts: 1 });
    },
    timeoutMs,
  );

  it(
    'is cancelled while it computes, and so is one that waits for it',
    async () => {
      const { answer } = await beginEvaluation('first');
      const waiting = client.call('evaluate', evaluation({ jobId: 'second' }));
      waiting.catch(() => undefined);
      await expect.poll(async () => (await job('second').catch(() => undefined))?.state, patience).toBe('queued');
      for (const jobId of ['second', 'first']) await client.call('job.cancel', { jobId });
      await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
      await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
      expect(await job('second')).toMatchObject({ state: 'cancelled', attempts: 0 });
      expect(await job('first')).toMatchObject({ state: 'cancelled', attempts: 1 });
    },
    timeoutMs,
  );
});

describe('an analysis', () => {
  const [pairs, width] = [24, 6];
  const rows = (shift: number, count = pairs): Uint8Array => {
    const data = Float32Array.from({ length: count * width }, (_, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      return column === width - 1 ? shift : Math.sin(1 + 12.9898 * row + 78.233 * column * (row + 1));
    });
    return writeNpy({ dtype: 'float32', shape: [count, width], data });
  };

  it('of feature files gives figures and a picture', async () => {
    const [imageFeatures, textFeatures] = [await client.upload(rows(4)), await client.upload(rows(-4))];
    const params = { imageFeatures, textFeatures, seed: 5 };
    const { figures, files } = await client.call('analyze', { ...params, projection: 'pca' });
    const { spaces } = figures as {
      spaces: { clip: { modalityGap: number }; delta: { imageToText: { at1: number } } };
    };
    expect(spaces.clip.modalityGap).toBeGreaterThan(1.5);
    expect(spaces.delta.imageToText.at1).toBe(1);
    const { width: wide, height } = await decodeImage(await client.download(files.picture?.digest ?? ''));
    expect([wide, height]).toEqual([1216, 652]);
    const again = await client.call('analyze', params);
    expect(again.figures).toMatchObject({ spaces });
    expect(again.files).toEqual({});
  });

  it.each([
    ['no array', () => Promise.resolve(Buffer.from('hello, hello, hello')), 'tensor_invalid', 'textFeatures'],
    ['other rows', () => Promise.resolve(rows(1, 23)), 'tensor_invalid', 'row k of one'],
    ['too few rows', () => Promise.resolve(rows(1, 3)), 'tensor_invalid', 'at least 4'],
  ])('of %s is refused and says what was wrong', async (_name, bytes, code, words) => {
    const [imageFeatures, textFeatures] = [await client.upload(rows(4)), await client.upload(await bytes())];
    const call = client.call('analyze', { imageFeatures, textFeatures });
    await expect(call).rejects.toMatchObject({ code, message: expect.stringContaining(words) as unknown });
  });

  it('of blobs that are not there is refused before it waits', async () => {
    const nothing = `sha256:${'0'.repeat(64)}`;
    const call = client.call('analyze', { imageFeatures: nothing, textFeatures: nothing });
    await expect(call).rejects.toMatchObject({ code: 'blob_missing' });
    await expect(client.call('analyze', { pack: 'nobody' })).rejects.toMatchObject({ code: 'pack_missing' });
  });
});

describe('a check of packs', () => {
  it('names the file that is damaged, and why', async () => {
    const { packs } = await client.call('models.verify', {});
    expect(packs.map(({ folder: name, sound }) => [name, sound])).toEqual([
      ['avatars', true],
      ['broken', false],
      ['tiny', true],
    ]);
    const damaged = packs[1]?.files.filter(({ verdict }) => verdict !== 'sound');
    expect(damaged).toMatchObject([
      { path: 'mapper.safetensors', verdict: 'wrong_size', reason: expect.stringContaining('bytes') as unknown },
    ]);
    await expect(client.call('models.verify', { pack: 'nobody' })).rejects.toMatchObject({ code: 'pack_missing' });
  });

  it('is a command too, which tells by its exit code', async () => {
    const verify = (...rest: string[]): Promise<CommandResult> =>
      deltaspace(['models', 'verify', ...rest], { dataRoot: folder, cwd: folder });
    const sound = await verify('tiny');
    expect([sound.exitCode, sound.stdout]).toEqual([0, expect.stringMatching(/^tiny 0\.0\.1: sound; \d+ files, /)]);
    const broken = await verify('broken', '--json');
    expect(broken.exitCode).toBe(1);
    const { packs } = await client.call('models.verify', { pack: 'broken' });
    expect(JSON.parse(broken.stdout)).toEqual({ packs });
    expect((await verify()).stdout).toMatch(/broken 0\.0\.1: damaged\n {2}mapper\.safetensors: it has \d+ bytes/);
    expect((await verify('nobody')).stderr).toContain('[pack_missing]');
  });
});

describe('a client that may only edit', () => {
  it('is refused everything of the background, by the scope that it lacks', async () => {
    const { token } = await pairPlugin(daemon, { scopes: ['edit'] });
    const { client: plugin } = await connectWith(daemon.port, token);
    const train = { what: 'pack', recipe: 'avatars', name: 'mine' } as const;
    const calls = [
      ['models', plugin.call('evaluate', {})],
      ['models', plugin.call('analyze', { pack: 'tiny' })],
      ['models', plugin.call('models.verify', {})],
      ['train', plugin.call('train.start', train)],
      ['train', plugin.call('train.resume', { of: 'evaluation' })],
    ] as const;
    for (const [scope, call] of calls)
      await expect(call).rejects.toMatchObject({ code: 'unauthorized_scope', details: { scope } });
    plugin.close();
  });
});

it('logs the jobs of the background without what was asked', async () => {
  const log = await readFile(path.join(folder, 'logs', 'daemon.log'), 'utf8');
  expect(log).toContain('"kind":"evaluate"');
  expect(log).toContain('"track":"background"');
});
