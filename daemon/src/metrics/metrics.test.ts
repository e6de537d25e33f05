import { describe, expect, it } from 'vitest';
import { createMetrics, exitLabel, type MetricSources } from './metrics.js';

const sources: MetricSources = {
  version: '1.2.3',
  queue: () => ({ waitingSinceMs: [7_000, 4_000], running: 1 }),
  sockets: () => 3,
  blobBytes: () => 5,
  nowMs: () => 10_000,
};

/** Samples of a scrape, without comments. */
async function scrape(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.render()).body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('metrics', () => {
  it('look up the queue, its age and the sockets at the scrape', async () => {
    expect(await scrape(createMetrics(sources))).toEqual(
      expect.arrayContaining([
        'deltaspace_queue_depth 2',
        'deltaspace_queue_oldest_age_seconds 6',
        'deltaspace_jobs_running 1',
        'deltaspace_sockets 3',
        'deltaspace_info{version="1.2.3"} 1',
      ]),
    );
    const idle = createMetrics({ ...sources, queue: () => ({ waitingSinceMs: [], running: 0 }) });
    expect(await scrape(idle)).toContain('deltaspace_queue_oldest_age_seconds 0');
  });

  it('count uploads, blobs that were held, jobs and stages', async () => {
    const metrics = createMetrics(sources);
    metrics.uploaded(100);
    metrics.uploaded(28);
    metrics.blobAsked(true);
    metrics.jobEnded({ kind: 'edit', outcome: 'succeeded', timingsMs: { synthesis: 20 } });
    metrics.jobEnded({ kind: 'edit', outcome: 'failed', timingsMs: {} });
    expect(await scrape(metrics)).toEqual(
      expect.arrayContaining([
        'deltaspace_upload_bytes_total 128',
        'deltaspace_blob_lookups_total{held="true"} 1',
        'deltaspace_jobs_total{job="edit",outcome="failed"} 1',
        'deltaspace_stage_seconds_bucket{le="0.01",job="edit",stage="synthesis"} 0',
        'deltaspace_stage_seconds_bucket{le="0.025",job="edit",stage="synthesis"} 1',
        'deltaspace_stage_seconds_sum{job="edit",stage="synthesis"} 0.02',
      ]),
    );
  });

  it('count attempts to get in, not other refusals', async () => {
    const metrics = createMetrics(sources);
    for (const code of ['unauthorized', 'unauthorized', 'not_found']) metrics.refused(code);
    const lines = (await scrape(metrics)).filter((line) => line.startsWith('deltaspace_auth_failures_total'));
    expect(lines).toEqual(['deltaspace_auth_failures_total{reason="unauthorized"} 2']);
  });

  it('count restarts of the worker by reason, not its orderly end', async () => {
    const metrics = createMetrics(sources);
    metrics.workerExited({ reason: 'it was killed by SIGKILL (often: …)', restarting: true });
    metrics.workerExited({ reason: 'it ended with exit code 0', restarting: false });
    const lines = (await scrape(metrics)).filter((line) => line.startsWith('deltaspace_worker_restarts_total'));
    expect(lines).toEqual(['deltaspace_worker_restarts_total{reason="sigkill"} 1']);
  });

  it('bound the number of stage labels', async () => {
    const metrics = createMetrics(sources);
    for (let i = 0; i < 100; i++)
      metrics.jobEnded({ kind: 'run', outcome: 'succeeded', timingsMs: { [`stage${i}`]: 1 } });
    const counts = (await scrape(metrics)).filter((line) => line.startsWith('deltaspace_stage_seconds_count'));
    expect(counts).toHaveLength(65);
    expect(counts).toContain('deltaspace_stage_seconds_count{job="run",stage="other"} 36');
  });
});

describe('exitLabel', () => {
  it.each([
    ['it was ended by SIGSEGV', 'sigsegv'],
    ['it ended with exit code 134', 'exit_134'],
    ['pack avatars: no such file', 'other'],
  ])('makes of "%s": %s', (reason, label) => expect(exitLabel(reason)).toBe(label));
});
