/**
 * Trainings as jobs of a real daemon: begun, followed, cancelled, gone on with, killed, and their packs installed. Only what is
 * trained is small.
 */
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeltaClient, JobSummary, ParamsInput, TrainResult } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, temporaryFolder, type TestDaemon } from '../fakes/daemon-process.js';
import { tinyEdit, tinyEditParams, tinyPixels } from '../fakes/tiny-edits.js';

/** For what waits for processes: they start slowly on a busy machine. */
const patience = { timeout: 120_000, interval: 20 };
const timeoutMs = 240_000;
const stage = 'autoencoder';

let folder: string;
let daemon: TestDaemon;
let client: DeltaClient;

async function start(): Promise<void> {
  daemon = await startScriptedDaemon(folder, { smallTraining: true });
  client = await daemon.connect();
}

async function kill(signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => daemon.process.once('exit', resolve));
  daemon.process.kill(signal);
  await gone;
}

const job = (jobId: string) => client.call('job.get', { jobId });
const runFolder = (jobId: string, ...rest: string[]): string => path.join(folder, 'training', jobId, ...rest);

/** The steps that a run went on from, one for each time that it began. */
async function startsOf(jobId: string): Promise<number[]> {
  const text = await readFile(runFolder(jobId, 'starts'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).map(Number);
}

async function checkpointsOf(jobId: string): Promise<number[]> {
  const names = await readdir(runFolder(jobId, 'runs', stage)).catch(() => []);
  return names.flatMap((name) => /^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? []).map(Number);
}

/** What the weights of an installed pack are told apart by. */
async function weightsOf(name: string): Promise<unknown> {
  const manifest = JSON.parse(await readFile(path.join(folder, 'packs', name, 'pack.json'), 'utf8')) as {
    provenance: { weights: string };
  };
  return manifest.provenance.weights;
}

type Start = ParamsInput<'train.start'>;
const training = (name: string, rest: Partial<Start> = {}): Start => ({
  what: 'pack',
  recipe: 'avatars',
  name,
  ...rest,
});

/** Begins a training, whose answer does not matter, and returns once there is a checkpoint. */
async function begin(name: string, rest: Partial<Start>): Promise<void> {
  client.call('train.start', training(name, { jobId: name, ...rest })).catch(() => undefined);
  await expect.poll(async () => (await checkpointsOf(name)).length, patience).toBeGreaterThan(0);
}

beforeEach(async () => {
  folder = await temporaryFolder();
  await start();
});
afterEach(async () => {
  client.close();
  await daemon.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('a training', () => {
  it(
    'goes on after kill -9 of the daemon and of its worker, and ends with the weights of an unbroken run',
    async () => {
      const steps = 100;
      const whole = await client.call('train.start', training('whole', { jobId: 'whole', steps }));
      expect(whole).toMatchObject({ run: 'whole', pack: { id: 'whole', version: '0.0.1' } });
      expect(await startsOf('whole')).toEqual([0]);

      await begin('broken', { steps });
      await kill('SIGKILL');
      await start();
      await expect.poll(async () => (await startsOf('broken')).length, patience).toBe(2);
      const { background } = await client.call('server.status', {});
      process.kill(background?.pid as number, 'SIGKILL');
      await expect.poll(async () => (await job('broken')).state, patience).toBe('succeeded');
      expect(await job('broken')).toMatchObject({ attempts: 3, crashes: 1, lastCrash: { signal: 'SIGKILL' } });
      const starts = await startsOf('broken');
      expect(starts).toHaveLength(3);
      expect(starts[1]).toBeGreaterThan(0);
      expect(await weightsOf('broken')).toBe(await weightsOf('whole'));
    },
    timeoutMs,
  );

  it(
    'is put off by an orderly stop, and needs no client to go on from its newest checkpoint',
    async () => {
      await begin('mine', { steps: 400 });
      await kill('SIGTERM');
      const saved = Math.max(...(await checkpointsOf('mine')));
      await start();
      await expect.poll(async () => (await startsOf('mine')).length, patience).toBe(2);
      expect((await startsOf('mine'))[1]).toBe(saved);
      expect(await job('mine')).toMatchObject({ state: 'running', onDisconnect: 'keep', priority: 'train' });
      await client.call('job.cancel', { jobId: 'mine' });
    },
    timeoutMs,
  );

  it(
    'tells step and loss as it goes, saves a checkpoint when it is cancelled, and is gone on with from there',
    async () => {
      const heard: JobSummary[] = [];
      const follower = await daemon.connect({ onJobChanged: (change) => heard.push(change) });
      await follower.call('job.subscribe', {});
      const answer = client.call('train.start', training('mine', { jobId: 'first', steps: 150 }));
      answer.catch(() => undefined);
      const figures = (): unknown => heard.at(-1)?.progress?.metrics;
      await expect.poll(figures, patience).toMatchObject({ steps: 150, loss: expect.any(Number) as number });
      expect(await job('first')).toMatchObject({ progress: { stage, metrics: { steps: 150 } } });
      await client.call('job.cancel', { jobId: 'first' });
      await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
      const saved = Math.max(...(await checkpointsOf('first')));
      expect(saved).toBeGreaterThan(0);

      const { run, pack } = await client.call('train.resume', { of: 'first', jobId: 'second', steps: 60 });
      expect([run, pack?.id]).toEqual(['first', 'mine']);
      expect(await startsOf('first')).toEqual([0, saved]);
      await client.call('train.start', training('whole', { steps: 60 }));
      expect(await weightsOf('mine')).toBe(await weightsOf('whole'));
      follower.close();
    },
    timeoutMs,
  );

  it(
    'lets edits be answered while it runs',
    async () => {
      await begin('mine', { steps: 2000 });
      for (const text of ['hat', 'glasses']) await tinyEdit(client, text);
      expect(await job('mine')).toMatchObject({ state: 'running', attempts: 1 });
      await client.call('job.cancel', { jobId: 'mine' });
      await expect.poll(async () => (await job('mine')).state, patience).toBe('cancelled');
    },
    timeoutMs,
  );

  it(
    'is refused under the name of a pack that there is, and gone on with only when there is something to go on with',
    async () => {
      await client.call('train.start', training('mine', { jobId: 'done', steps: 5 }));
      await expect(client.call('train.start', training('mine', { steps: 5 }))).rejects.toMatchObject({
        code: 'pack_exists',
      });
      await expect(client.call('train.start', training('avatars', { steps: 5 }))).rejects.toMatchObject({
        code: 'pack_exists',
      });
      const resume = (of: string): Promise<TrainResult> => client.call('train.resume', { of });
      await expect(resume('done')).rejects.toMatchObject({ code: 'training_not_resumable' });
      await expect(resume('nobody')).rejects.toMatchObject({ code: 'job_unknown' });
      await tinyEdit(client, 'hat', { jobId: 'edit' });
      await expect(resume('edit')).rejects.toMatchObject({ code: 'training_not_resumable' });
      const single = await client.call('train.start', training('single', { steps: 5, stages: [stage] }));
      expect(single).not.toHaveProperty('pack');
      expect(await readdir(path.join(folder, 'packs'))).not.toContain('single');
    },
    timeoutMs,
  );
});

describe('a pack that was trained', () => {
  let other: TestDaemon;
  beforeAll(async () => {
    other = await startScriptedDaemon(undefined, { smallTraining: true, realWorker: true });
  });
  afterAll(() => other.dispose());

  it(
    'is listed and edits at once, in the same worker, and every connection hears of it',
    async () => {
      const told: string[][] = [];
      const user = await other.connect({ onModelsChanged: (models) => told.push(models.map(({ id }) => id)) });
      const { worker } = await user.call('server.status', {});
      await user.call('train.start', training('mine', { steps: 5 }));
      const { models } = await user.call('models.list', {});
      expect(models.map(({ id }) => id)).toContain('mine');
      expect(told).toEqual([models.map(({ id }) => id)]);
      await user.upload(tinyPixels());
      const { outputs } = await user.call('edit', { ...tinyEditParams('face with hat'), pack: 'mine' });
      expect(outputs).toHaveLength(1);
      expect((await user.call('server.status', {})).worker).toMatchObject({ pid: worker.pid, restarts: 0 });
      user.close();
    },
    timeoutMs,
  );
});
