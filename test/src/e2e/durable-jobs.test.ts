/** Jobs as records over real sockets: asked for later, kept, cancelled, superseded, followed, and through every kind of end. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeltaClient, JobSummary } from '@deltaspace/shared-protocol';
import {
  startScriptedDaemon,
  temporaryFolder,
  type TestDaemon,
  type ScriptedDaemonOptions,
} from '../fakes/daemon-process.js';
import { connectWith, pairPlugin } from '../fakes/plugin.js';
import { expectedDigest, tinyEdit, tinyEditParams } from '../fakes/tiny-edits.js';

/** For what waits for processes: they start slowly on a busy machine. */
const patience = { timeout: 60_000 };
const containing = (part: string): unknown => expect.stringContaining(part);

let folder: string;
let daemon: TestDaemon;
let client: DeltaClient;
beforeEach(async () => {
  folder = await temporaryFolder();
  await start();
});
afterEach(async () => {
  client.close();
  await daemon.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function start(workerTimes: ScriptedDaemonOptions['workerTimes'] = {}): Promise<void> {
  daemon = await startScriptedDaemon(folder, { workerTimes });
  client = await daemon.connect();
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const gone = new Promise<number | null>((resolve) => daemon.process.once('exit', (code) => resolve(code)));
  daemon.process.kill(signal);
  return gone;
}

/** How often edits with that first target began. */
async function runsOf(target: string): Promise<number> {
  const runs = await readFile(path.join(folder, 'runs'), 'utf8').catch(() => '');
  return runs.split('\n').filter((line) => line === target).length;
}

const stateOf = async (jobId: string): Promise<string> => (await client.call('job.get', { jobId })).state;

/** Starts an edit and returns once it works; what becomes of its answer does not matter. */
function beginEdit(on: DeltaClient, target: string, options: Parameters<typeof tinyEdit>[2]): Promise<void> {
  return new Promise((resolve) => {
    tinyEdit(on, target, options, {
      onProgress: ({ stage }) => {
        if (stage === 'work') resolve();
      },
    }).catch(() => undefined);
  });
}

describe('a job that is kept', () => {
  it('goes on when its client leaves, and its result is there for the next one', async () => {
    const other = await daemon.connect();
    await beginEdit(other, 'slow 100', { jobId: 'kept', onDisconnect: 'keep' });
    other.close();
    await expect.poll(() => stateOf('kept'), patience).toBe('succeeded');
    const { result } = await client.call('job.get', { jobId: 'kept' });
    const [output] = (result as { outputs: { image: { digest: string } }[] }).outputs;
    expect(output?.image.digest).toBe(expectedDigest());
    expect(await client.download(expectedDigest())).toHaveLength(32);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'is resumed after %s of the daemon, and computed no more once it is done',
    async (signal) => {
      const options = { jobId: 'kept', onDisconnect: 'keep' } as const;
      await beginEdit(client, 'slow 300', options);
      expect(await end(signal)).toBe(signal === 'SIGTERM' ? 0 : null);
      await start();
      const { outputs } = await tinyEdit(client, 'slow 300', options);
      expect(outputs[0]?.image.digest).toBe(expectedDigest());
      expect(await runsOf('slow 300')).toBe(2);
      await tinyEdit(client, 'slow 300', options);
      expect(await end('SIGKILL')).toBeNull();
      await start();
      await tinyEdit(client, 'slow 300', options);
      expect(await runsOf('slow 300')).toBe(2);
      expect(await client.call('job.get', { jobId: 'kept' })).toMatchObject({ attempts: 2, crashes: 0 });
    },
  );
});

describe('a job that is not kept', () => {
  it('is cancelled by the death of the daemon, and says so', async () => {
    await beginEdit(client, 'slow 20000', { jobId: 'dropped' });
    await end('SIGKILL');
    await start();
    expect(await client.call('job.get', { jobId: 'dropped' })).toMatchObject({
      state: 'cancelled',
      error: { code: 'cancelled', message: containing('connection') },
    });
  });
});

describe('the jobs of a paired client', () => {
  it('are its own: others are as unknown to it as jobs that never were, and the user sees all', async () => {
    const { token } = await pairPlugin(daemon);
    const heard = new Set<string>();
    const { client: plugin } = await connectWith(daemon.port, token, { onJobChanged: ({ jobId }) => heard.add(jobId) });
    await tinyEdit(client, 'of the user', { jobId: 'user-1' });
    await plugin.call('job.subscribe', { sinceRevision: 0 });
    await plugin.call('edit', tinyEditParams('of the plugin', { jobId: 'plugin-1' }));
    for (const method of ['job.get', 'job.cancel'] as const)
      await expect(plugin.call(method, { jobId: 'user-1' })).rejects.toMatchObject({ code: 'job_unknown' });
    const ids = async (of: DeltaClient): Promise<string[]> =>
      (await of.call('job.list', {})).jobs.map(({ jobId }) => jobId);
    expect([await ids(plugin), await ids(client)]).toEqual([['plugin-1'], ['plugin-1', 'user-1']]);
    expect([...heard]).toEqual(['plugin-1']);
    plugin.close();
  });
});

describe('job ids', () => {
  it('that nobody gave are an error, not a job that is done', async () => {
    await expect(client.call('job.get', { jobId: 'never' })).rejects.toMatchObject({ code: 'job_unknown' });
    await expect(client.call('job.cancel', { jobId: 'never' })).rejects.toMatchObject({ code: 'job_unknown' });
  });

  it('of another request are refused, those of the same one computed once', async () => {
    const [first, second] = await Promise.all([
      tinyEdit(client, 'slow 50', { jobId: 'same' }),
      tinyEdit(client, 'slow 50', { jobId: 'same' }),
    ]);
    expect(second).toEqual(first);
    expect(await runsOf('slow 50')).toBe(1);
    await expect(tinyEdit(client, 'hat', { jobId: 'same' })).rejects.toMatchObject({ code: 'job_conflict' });
  });
});

describe('job.cancel', () => {
  it('ends jobs of other connections, running and waiting, with one answer each', async () => {
    const other = await daemon.connect();
    await beginEdit(other, 'slow 20000', { jobId: 'running' });
    const waiting = tinyEdit(other, 'slow 20001', { jobId: 'waiting' });
    waiting.catch(() => undefined);
    await expect.poll(() => stateOf('waiting').catch(() => 'none'), patience).toBe('queued');
    expect(await client.call('job.cancel', { jobId: 'waiting' })).toMatchObject({ state: 'cancelled' });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await client.call('job.cancel', { jobId: 'running' });
    await expect.poll(() => stateOf('running'), patience).toBe('cancelled');
    expect(await runsOf('slow 20001')).toBe(0);
    other.close();
  });
});

describe('a lane', () => {
  it('answers all but the newest request with superseded, and works on nothing else', async () => {
    const lane = 'document/layer';
    const first = tinyEdit(client, 'slow 20000', { lane });
    first.catch(() => undefined);
    await expect.poll(() => runsOf('slow 20000'), patience).toBe(1);
    const others = [20_001, 20_002, 20_003].map((ms) => tinyEdit(client, `slow ${ms}`, { lane }));
    const last = tinyEdit(client, 'hat', { lane });
    const outcomes = await Promise.allSettled([first, ...others, last]);
    expect(
      outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? 'result' : (outcome.reason as { code: string }).code,
      ),
    ).toEqual(['superseded', 'superseded', 'superseded', 'superseded', 'result']);
    const { jobs } = await client.call('server.status', {});
    expect(jobs).toMatchObject({ superseded: 4, succeeded: 1, running: 0, queued: 0 });
  });
});

describe('job.subscribe', () => {
  it('tells every change in the order of its revisions, and what was missed before it answers', async () => {
    const heard: JobSummary[] = [];
    const follower = await daemon.connect({ onJobChanged: (job) => heard.push(job) });
    const { revision, complete } = await follower.call('job.subscribe', {});
    expect({ revision, complete }).toEqual({ revision: 0, complete: true });
    await tinyEdit(client, 'hat', { jobId: 'a' });
    await expect.poll(() => heard.at(-1)?.state, patience).toBe('succeeded');
    const states = heard.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
    expect(states).toEqual(['queued', 'running', 'succeeded']);
    expect(heard.map((job) => job.revision)).toEqual(heard.map((job) => job.revision).sort((a, b) => a - b));
    const known = heard.at(-1)?.revision ?? 0;
    follower.close();

    await tinyEdit(client, 'hat', { jobId: 'missed' });
    const missed: JobSummary[] = [];
    const again = await daemon.connect({ onJobChanged: (job) => missed.push(job) });
    await expect(again.call('job.subscribe', { sinceRevision: known })).resolves.toMatchObject({ complete: true });
    expect(missed.map(({ jobId, state }) => [jobId, state])).toEqual([['missed', 'succeeded']]);
    await expect(again.call('job.subscribe', { sinceRevision: 10_000 })).resolves.toMatchObject({ complete: false });
    again.close();
  });

  it('tells of chosen jobs only, and of none after an empty choice', async () => {
    const heard: string[] = [];
    const follower = await daemon.connect({ onJobChanged: ({ jobId }) => heard.push(jobId) });
    await follower.call('job.subscribe', { jobIds: ['b'] });
    for (const jobId of ['a', 'b']) await tinyEdit(client, 'hat', { jobId });
    await expect.poll(() => heard.length, patience).toBeGreaterThan(2);
    expect(new Set(heard)).toEqual(new Set(['b']));
    await follower.call('job.subscribe', { jobIds: [] });
    heard.length = 0;
    await tinyEdit(client, 'hat', { jobId: 'c' });
    await follower.call('job.list', {});
    expect(heard).toEqual([]);
    follower.close();
  });
});

describe('job.list', () => {
  it('has the jobs of all connections, the newest change first, by state and in pages', async () => {
    for (const jobId of ['a', 'b']) await tinyEdit(client, 'hat', { jobId, priority: 'bulk' });
    await tinyEdit(client, 'fail', { jobId: 'c' }).catch(() => undefined);
    const { jobs, revision } = await client.call('job.list', {});
    expect(jobs.map(({ jobId }) => jobId)).toEqual(['c', 'b', 'a']);
    expect(jobs[0]).toMatchObject({ revision, state: 'failed', error: { code: 'internal_error' }, method: 'edit' });
    expect(JSON.stringify(jobs)).not.toContain('secrets');
    const page = await client.call('job.list', { states: ['succeeded'], limit: 1 });
    expect(page.jobs.map(({ jobId }) => jobId)).toEqual(['b']);
    const next = await client.call('job.list', { states: ['succeeded'], beforeRevision: page.jobs[0]?.revision ?? 0 });
    expect(next.jobs.map(({ jobId }) => jobId)).toEqual(['a']);
  });
});

describe('a worker that hangs', () => {
  it('is ended by the watchdog and its job done by the next one; twice, it fails the job and says why', async () => {
    await end('SIGTERM');
    await start({ workerSilenceMs: 2500, workerTickMs: 100, workerRestartDelayMs: 10 });
    const freeze = async (): Promise<void> => {
      const { worker } = await client.call('server.status', {});
      process.kill(worker.pid as number, 'SIGSTOP');
    };
    await beginEdit(client, 'slow 500', { jobId: 'once', onDisconnect: 'keep' });
    await freeze();
    await expect.poll(() => stateOf('once'), patience).toBe('succeeded');
    expect(await client.call('job.get', { jobId: 'once' })).toMatchObject({
      attempts: 2,
      crashes: 1,
      lastCrash: { stage: 'work', signal: 'SIGKILL', reason: containing('it hung') },
    });

    let restarts = 0;
    const twice = tinyEdit(
      client,
      'slow 4000',
      {},
      {
        onProgress: ({ stage }) => {
          if (stage === 'restarting') restarts++;
          if (stage === 'work') void freeze().catch(() => undefined);
        },
      },
    );
    await expect(twice).rejects.toMatchObject({
      code: 'worker_crashed',
      message: containing('it hung'),
      details: { stage: 'work', workers: 2 },
    });
    expect(restarts).toBe(1);
    await expect(tinyEdit(client, 'hat')).resolves.toMatchObject({ pack: 'scripted' });
  });
});

describe('a job database that is damaged', () => {
  it('is set aside, which the status and the log say, and the daemon serves', async () => {
    await tinyEdit(client, 'hat', { jobId: 'lost' });
    await end('SIGTERM');
    await writeFile(path.join(folder, 'jobs.db'), 'this is no database, but long enough to look like one'.repeat(50));
    await start();
    const { jobs } = await client.call('server.status', {});
    expect(jobs.damagedStores).toEqual([containing('jobs.db.damaged-')]);
    expect(await readFile(path.join(folder, 'logs', 'daemon.log'), 'utf8')).toContain(jobs.damagedStores[0]);
    await expect(client.call('job.get', { jobId: 'lost' })).rejects.toMatchObject({ code: 'job_unknown' });
    await expect(client.call('job.subscribe', { sinceRevision: 3 })).resolves.toMatchObject({ complete: false });
    await expect(tinyEdit(client, 'hat', { jobId: 'lost' })).resolves.toMatchObject({ pack: 'scripted' });
  });
});
