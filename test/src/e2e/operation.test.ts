/** `/readyz` and `/metrics` of a real daemon process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeltaClient } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { pairPlugin } from '../fakes/plugin.js';
import { exchange, head, type Header, type RawAnswer } from '../fakes/raw-http.js';

function get(port: number, path: string, headers: readonly Header[] = [], host = '127.0.0.1'): Promise<RawAnswer> {
  return exchange(port, head(`GET ${path} HTTP/1.1`, [['Host', `127.0.0.1:${port}`], ...headers]), host);
}
const bearer = (token: string): Header => ['Authorization', `Bearer ${token}`];

/** The value of one sample, by its name with labels. */
async function sample(daemon: TestDaemon, name: string): Promise<number | undefined> {
  const { body } = await get(daemon.port, '/metrics', [bearer(daemon.token)]);
  const line = body.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

describe('a daemon as it is started', () => {
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

  async function edit(target: string): Promise<unknown> {
    const digest = await client.upload(Uint8Array.of(1, 2, 3, 4));
    return client.call('edit', { image: { encoding: 'rgba8', digest, width: 1, height: 1 }, targets: [target] });
  }

  it('is ready once its worker is, and says with what', async () => {
    await client.call('models.list', {});
    const answer = await get(daemon.port, '/readyz');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      ready: true,
      checks: { worker: 'ready', packs: { sound: 1, damaged: 0 }, disk: 'ok' },
    });
  });

  it('shows its metrics to tokens only', async () => {
    const { token } = await pairPlugin(daemon);
    const statuses = async (...headers: Header[]): Promise<number> =>
      (await get(daemon.port, '/metrics', headers)).status;
    expect(await statuses()).toBe(401);
    expect(await statuses(bearer('x'.repeat(43)))).toBe(401);
    expect(await statuses(bearer(daemon.token), ['Origin', 'https://evil.com'])).toBe(403);
    expect(await statuses(bearer(daemon.token))).toBe(200);
    expect(await statuses(bearer(token))).toBe(200);
    expect((await get(daemon.port, '/metrics', [bearer(daemon.token)])).headers.get('content-type')).toContain('0.0.4');
    expect(await sample(daemon, 'deltaspace_auth_failures_total{reason="unauthorized"}')).toBeGreaterThanOrEqual(2);
    expect(await sample(daemon, 'deltaspace_auth_failures_total{reason="wrong_origin"}')).toBe(1);
  });

  it('counts jobs, stages, uploads and sockets', async () => {
    await edit('hat');
    await edit('hat');
    expect(await sample(daemon, 'deltaspace_jobs_total{job="edit",outcome="succeeded"}')).toBe(2);
    expect(await sample(daemon, 'deltaspace_stage_seconds_count{job="edit",stage="work"}')).toBe(2);
    expect(await sample(daemon, 'deltaspace_upload_bytes_total')).toBe(4);
    expect(await sample(daemon, 'deltaspace_blob_lookups_total{held="false"}')).toBe(1);
    expect(await sample(daemon, 'deltaspace_blob_lookups_total{held="true"}')).toBe(1);
    expect(await sample(daemon, 'deltaspace_sockets')).toBe(1);
  });

  it('shows what waits and for how long', async () => {
    const stop = new AbortController();
    const image = {
      encoding: 'rgba8',
      digest: await client.upload(Uint8Array.of(1, 2, 3, 4)),
      width: 1,
      height: 1,
    } as const;
    const calls = ['slow 60000', 'second', 'third'].map((target) =>
      client.call('edit', { image, targets: [target] }, { signal: stop.signal }).catch((error: unknown) => error),
    );
    await expect.poll(() => sample(daemon, 'deltaspace_queue_depth')).toBe(2);
    await expect.poll(() => sample(daemon, 'deltaspace_queue_oldest_age_seconds')).toBeGreaterThan(0);
    expect(await sample(daemon, 'deltaspace_jobs_running')).toBe(1);
    stop.abort();
    await Promise.all(calls);
    expect(await sample(daemon, 'deltaspace_queue_depth')).toBe(0);
  });

  it('is not ready while its worker is gone, and counts why it went', async () => {
    const failed = edit('crash').catch((error: unknown) => error);
    await expect.poll(async () => (await get(daemon.port, '/readyz')).status, { interval: 5 }).toBe(503);
    expect((await get(daemon.port, '/healthz')).status).toBe(200);
    await failed;
    await expect.poll(async () => (await get(daemon.port, '/readyz')).status, { timeout: 20_000 }).toBe(200);
    expect(await sample(daemon, 'deltaspace_worker_restarts_total{reason="sigkill"}')).toBeGreaterThanOrEqual(1);
  });
});

describe('a daemon with --open-metrics', () => {
  it('shows them on loopback without a token, yet not to a foreign page', async () => {
    const daemon = await startScriptedDaemon(undefined, { openMetrics: true });
    expect((await get(daemon.port, '/metrics')).status).toBe(200);
    expect((await get(daemon.port, '/metrics', [['Origin', 'https://evil.com']])).status).toBe(403);
    await daemon.dispose();
  });
});
