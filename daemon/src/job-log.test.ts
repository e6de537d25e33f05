import { describe, expect, it } from 'vitest';
import type { JobRecord, JobView } from './jobs/job.js';
import { logJobs } from './job-log.js';
import type { Log } from './log/log.js';

/** A log that keeps what it is told. */
function recorded(): { log: Log; lines: object[] } {
  const lines: object[] = [];
  const keep =
    (level: string) =>
    (facts: object, msg: string): void =>
      void lines.push({ level, msg, ...facts });
  return { log: { info: keep('info'), warn: keep('warn') } as unknown as Log, lines };
}

const view = (change: Partial<JobRecord>): JobView => ({
  record: {
    id: 'j1',
    request: { kind: 'edit', params: { targets: ['secret'] } },
    attempts: 1,
    queuedAtMs: 100,
    ...change,
  } as JobRecord,
});

describe('the log of jobs', () => {
  it('tells each state once, with the id, and no texts', () => {
    const { log, lines } = recorded();
    const listen = logJobs(log);
    listen(view({ state: 'queued', attempts: 0 }));
    for (const fraction of [0.1, 0.5]) {
      listen({ ...view({ state: 'running', startedAtMs: 130 }), progress: { stage: 'work', fraction } });
    }
    listen(view({ state: 'succeeded', startedAtMs: 130, finishedAtMs: 180 }));
    expect(lines).toEqual([
      { level: 'info', msg: 'job waits', job: 'j1', kind: 'edit', attempts: 0 },
      { level: 'info', msg: 'job begins', job: 'j1', kind: 'edit', attempts: 1 },
      { level: 'info', msg: 'job ended', job: 'j1', kind: 'edit', outcome: 'succeeded', waitedMs: 30, durationMs: 50 },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('warns of a job that failed, with its code', () => {
    const { log, lines } = recorded();
    const error = { code: -1, message: 'words', data: { code: 'worker_crashed', retryable: true } } as const;
    logJobs(log)(view({ state: 'failed', startedAtMs: 130, finishedAtMs: 140, error }));
    expect(lines).toMatchObject([{ level: 'warn', outcome: 'failed', reason: 'worker_crashed' }]);
  });
});
