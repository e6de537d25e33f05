/** Jobs over a real socket to a real daemon process; only the engine is scripted. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeltaClient, EditResult } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';

/** Matches a text with that part; typed, unlike vitest's own. */
const containing = (part: string): unknown => expect.stringContaining(part);

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

const width = 4;
const height = 2;
const pixels = Uint8Array.from({ length: width * height * 4 }, (_, index) => index * 7);

async function edit(
  targets: string[],
  options: Parameters<DeltaClient['call']>[2] = {},
  on: DeltaClient = client,
): Promise<EditResult> {
  const digest = await on.upload(pixels);
  return on.call('edit', { image: { encoding: 'rgba8', digest, width, height }, targets, encoding: 'rgba8' }, options);
}

describe('edit', () => {
  it('returns one picture per target, in order', async () => {
    const stages: string[] = [];
    const result = await edit(['red hat', 'blue xyzzy'], { onProgress: ({ stage }) => stages.push(stage) });
    expect(result.outputs.map((output) => output.target)).toEqual(['red hat', 'blue xyzzy']);
    expect(result.outputs[1]?.unknownWords).toEqual(['xyzzy']);
    const bytes = await client.download(result.outputs[0]?.image.digest ?? '');
    expect([...bytes]).toEqual([...pixels].map((value, index) => (index % 4 === 3 ? value : 255 - value)));
    expect(stages.every((stage) => ['loading', 'queued', 'decode', 'work', 'compose', 'encode'].includes(stage))).toBe(
      true,
    );
  });

  it('reports every stage that takes time, once per stage and interval', async () => {
    const reports: [string, number][] = [];
    await edit(['slow 120'], { onProgress: ({ stage, fraction }) => reports.push([stage, fraction]) });
    expect(reports.some(([stage]) => stage === 'work')).toBe(true);
    expect(reports.length).toBeLessThan(8);
    expect(reports.map(([, fraction]) => fraction)).toEqual(
      reports.map(([, fraction]) => fraction).sort((a, b) => a - b),
    );
  });

  it('asks for the image again when the daemon does not hold it', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const call = client.call('edit', { image: { encoding: 'file', digest }, targets: ['hat'] });
    await expect(call).rejects.toMatchObject({ code: 'blob_missing' });
  });

  it('refuses raw pixels of another size than declared', async () => {
    const digest = await client.upload(pixels);
    const call = client.call('edit', { image: { encoding: 'rgba8', digest, width: 5, height }, targets: ['hat'] });
    await expect(call).rejects.toMatchObject({ code: 'image_invalid', message: containing('40 bytes') });
  });

  it('names the member that does not fit', async () => {
    await expect(edit([])).rejects.toMatchObject({
      code: 'invalid_params',
      message: containing('targets'),
    });
    await expect(edit(['  '])).rejects.toMatchObject({ code: 'invalid_params' });
  });

  it('lists the packs when asked for one that is not installed', async () => {
    const digest = await client.upload(pixels);
    const image = { encoding: 'rgba8', digest, width, height } as const;
    const call = client.call('edit', { image, targets: ['hat'], pack: 'cats' });
    await expect(call).rejects.toMatchObject({ code: 'pack_missing', message: containing('scripted') });
  });

  it('answers a defect without its text, which goes to the log; what people type does not', async () => {
    const failure = await edit(['fail']).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'internal_error' });
    expect(String(failure)).not.toContain('secrets');
    const log = await readFile(path.join(daemon.dataRoot, 'logs', 'daemon.log'), 'utf8');
    expect(log).toContain('a defect with secrets in its text');
    expect(log).not.toContain('red hat');
  });
});

describe('cancellation', () => {
  it('stops a running job before its end, and the next job runs', async () => {
    const abort = new AbortController();
    const startedMs = performance.now();
    const call = edit(['slow 20000'], {
      signal: abort.signal,
      onProgress: ({ stage }) => {
        if (stage === 'work') abort.abort();
      },
    });
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - startedMs).toBeLessThan(5000);
    await expect(edit(['hat'])).resolves.toMatchObject({ pack: 'scripted' });
  });

  it('takes a waiting job out of the queue and leaves the running one alone', async () => {
    const abort = new AbortController();
    const first = edit(['slow 300']);
    const second = edit(['slow 20000'], {
      signal: abort.signal,
      onProgress: ({ stage }) => {
        if (stage === 'queued') abort.abort();
      },
    });
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    await expect(first).resolves.toMatchObject({ pack: 'scripted' });
  });

  it('cancels the jobs of a client that leaves', async () => {
    const other = await daemon.connect();
    const call = edit(
      ['slow 20000'],
      {
        onProgress: ({ stage }) => {
          if (stage === 'work') other.close();
        },
      },
      other,
    );
    await expect(call).rejects.toMatchObject({ code: 'connection_lost' });
    const startedMs = performance.now();
    await edit(['hat']);
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});

describe('a worker that dies', () => {
  it.each(['SIGKILL', 'SIGSEGV'])(
    'twice of one job fails it with signal %s and stage, and the daemon goes on',
    async (signal) => {
      const before = await client.call('server.status', {});
      const failure = edit(['slow 20', signal === 'SIGKILL' ? 'crash' : 'segfault']);
      await expect(failure).rejects.toMatchObject({
        code: 'worker_crashed',
        retryable: true,
        message: containing(signal),
        details: { stage: 'work', signal, workers: 2 },
      });
      await expect(edit(['hat'])).resolves.toMatchObject({ pack: 'scripted' });
      const { worker } = await client.call('server.status', {});
      expect(worker).toMatchObject({
        state: 'ready',
        restarts: before.worker.restarts + 2,
        lastExit: containing(signal),
      });
    },
  );

  it('from outside in the middle of a job does so once: the job is told and done by the next worker', async () => {
    const { worker } = await client.call('server.status', {});
    let killed = false;
    const stages: string[] = [];
    const call = edit(['slow 300'], {
      onProgress: ({ stage }) => {
        stages.push(stage);
        if (stage === 'work' && !killed) killed = process.kill(worker.pid as number, 'SIGKILL');
      },
    });
    await expect(call).resolves.toMatchObject({ pack: 'scripted' });
    expect(stages.slice(stages.indexOf('restarting'))).toContain('work');
  });
});
