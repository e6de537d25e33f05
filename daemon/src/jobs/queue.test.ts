import { ProtocolError } from '@deltaspace/shared-protocol';
import { describe, expect, it } from 'vitest';
import type { JobExecutor } from './queue-parts.js';
import { anyDigest, QueueUnderTest, resultNamed, settled } from './queue-under-test.js';

const gone = new ProtocolError('cancelled', 'gone');

describe('the job queue', () => {
  it('runs jobs one at a time, in the order they came', async () => {
    const test = new QueueUnderTest();
    const jobs = ['a', 'b', 'c'].map((target) => test.submit(target));
    await settled();
    expect(test.order).toEqual(['a']);
    expect(test.store.countByState()).toMatchObject({ running: 1, queued: 2 });
    for (let index = 0; index < 3; index++) {
      test.running.succeed();
      await settled();
    }
    expect(test.order).toEqual(['a', 'b', 'c']);
    await expect(Promise.all(jobs.map(({ done }) => done))).resolves.toHaveLength(3);
    expect(test.store.countByState()).toMatchObject({ running: 0, queued: 0, succeeded: 3 });
  });

  it('takes interactive jobs before bulk ones and those before training, whatever came first', async () => {
    const test = new QueueUnderTest();
    test.submit('running', { priority: 'train' });
    for (const priority of ['train', 'bulk', 'interactive'] as const) test.submit(priority, { priority });
    for (let index = 0; index < 4; index++) {
      await settled();
      test.running.succeed();
    }
    expect(test.order).toEqual(['running', 'interactive', 'bulk', 'train']);
  });

  it('commits a job before it is run', async () => {
    const states: (string | undefined)[] = [];
    const executor: JobExecutor = {
      execute: (id) => {
        states.push(test.store.get(id)?.state);
        return Promise.resolve(resultNamed('p'));
      },
    };
    const test = new QueueUnderTest({ executors: { foreground: executor, background: executor } });
    await test.submit('a').done;
    expect(states).toEqual(['running']);
  });

  it('tells a waiting job that it waits and where, but not one that starts at once', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a');
    const second = test.submit('b');
    const third = test.submit('c');
    await settled();
    expect(first.told).toEqual([]);
    expect(second.told).toEqual([{ stage: 'queued', fraction: 0, queuePosition: 1 }]);
    test.running.succeed();
    await settled();
    expect(third.told.map(({ queuePosition }) => queuePosition)).toEqual([2, 1]);
  });

  it('estimates the time to the end from the jobs before', async () => {
    const test = new QueueUnderTest();
    test.submit('known');
    await settled();
    test.nowMs = 400;
    test.running.succeed();
    await settled();
    test.submit('running');
    const waiting = test.submit('waiting');
    expect(waiting.told.at(-1)).toMatchObject({ queuePosition: 1, etaMs: 800 });
    test.nowMs = 500;
    test.running.hooks.progress('work', 0.5);
    expect(test.changes.at(-1)).toMatchObject({ progress: { stage: 'work', fraction: 0.5, etaMs: 100 } });
  });

  it('goes on after a job that failed, and remembers why', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a', { jobId: 'A' });
    const second = test.submit('b');
    await settled();
    test.running.fail(new ProtocolError('edit_failed', 'no face'));
    await expect(first.done).rejects.toMatchObject({ code: 'edit_failed' });
    expect(test.record('A')).toMatchObject({ state: 'failed', error: { message: 'no face' } });
    test.running.succeed();
    await expect(second.done).resolves.toEqual(resultNamed('b'));
    expect(test.store.countByState()).toMatchObject({ failed: 1, succeeded: 1 });
  });

  it('is full at its bound and takes jobs again when one has gone', async () => {
    const test = new QueueUnderTest({ maximumQueued: 1 });
    test.submit('running');
    test.submit('waiting');
    await expect(test.submit('too many').done).rejects.toMatchObject({ code: 'queue_full', retryable: true });
    await settled();
    test.running.succeed();
    await settled();
    test.submit('fits again');
    test.running.succeed();
    await settled();
    expect(test.running.target).toBe('fits again');
  });

  it('keeps the blobs of a job pinned exactly as long as it lives', async () => {
    const test = new QueueUnderTest();
    const { done } = test.submit('a');
    expect(test.pinned).toEqual([anyDigest]);
    await settled();
    test.running.succeed();
    await done;
    expect(test.pinned).toEqual([]);
    expect(test.kept).toEqual([resultNamed('a')]);
  });

  it('answers although the disk does not take the record, and says so', async () => {
    const test = new QueueUnderTest();
    const { done } = test.submit('a', { jobId: 'A' });
    await settled();
    test.store.close();
    test.running.succeed();
    await expect(done).resolves.toEqual(resultNamed('a'));
    expect(test.uncommitted).toEqual(['A']);
  });
});

describe('a job id', () => {
  it('makes two equal requests one job with one result', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a', { jobId: 'A' });
    const second = test.submit('a', { jobId: 'A' }, 'two');
    await settled();
    test.running.succeed();
    await expect(Promise.all([first.done, second.done])).resolves.toEqual([resultNamed('a'), resultNamed('a')]);
    await expect(test.submit('a', { jobId: 'A', priority: 'bulk' }).done).resolves.toEqual(resultNamed('a'));
    expect(test.order).toEqual(['a']);
  });

  it('is refused for another request, whether its job lives or has ended', async () => {
    const test = new QueueUnderTest();
    test.submit('a', { jobId: 'A' });
    await expect(test.submit('b', { jobId: 'A' }).done).rejects.toMatchObject({ code: 'job_conflict' });
    await settled();
    test.running.succeed();
    await settled();
    await expect(test.submit('b', { jobId: 'A' }).done).rejects.toMatchObject({ code: 'job_conflict' });
  });

  it('is refused to everyone but the sender of its job', async () => {
    const test = new QueueUnderTest();
    test.submit('a', { jobId: 'A' });
    const other = test.submit('a', { jobId: 'A' }, 'two', 'plugin');
    await expect(other.done).rejects.toMatchObject({ code: 'job_conflict' });
  });

  it('of a job that ended without result answers why, again', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a', { jobId: 'A' });
    await settled();
    test.running.fail(new ProtocolError('edit_failed', 'no face'));
    await first.done.catch(() => undefined);
    await expect(test.submit('a', { jobId: 'A' }).done).rejects.toMatchObject({
      code: 'edit_failed',
      message: 'no face',
    });
    expect(test.order).toEqual(['a']);
  });
});

describe('cancellation', () => {
  it('takes a waiting job out of the line without starting it', async () => {
    const test = new QueueUnderTest();
    test.submit('a');
    const second = test.submit('b');
    test.submit('c');
    second.cancel();
    await expect(second.done).rejects.toMatchObject({ code: 'cancelled' });
    await settled();
    test.running.succeed();
    await settled();
    expect(test.order).toEqual(['a', 'c']);
    expect(test.store.countByState()).toMatchObject({ cancelled: 1, succeeded: 1 });
  });

  it('stops a running job, which is answered once when it has stopped', async () => {
    const test = new QueueUnderTest();
    const job = test.submit('a', { jobId: 'A' });
    await settled();
    job.cancel();
    await settled();
    expect(job.answers).toEqual([]);
    expect(test.running.hooks.signal.aborted).toBe(true);
    test.running.fail(gone);
    await settled();
    expect(job.answers).toEqual(['cancelled']);
    expect(test.record('A')).toMatchObject({ state: 'cancelled' });
  });

  it('loses against a result that was made already', async () => {
    const test = new QueueUnderTest();
    const job = test.submit('a', { jobId: 'A' });
    await settled();
    job.cancel();
    test.running.succeed();
    await settled();
    expect(job.answers).toEqual(['result']);
    expect(test.record('A')).toMatchObject({ state: 'succeeded' });
  });

  it('of one request lets the job go on for the others, that of the job ends all', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a', { jobId: 'A' });
    const second = test.submit('a', { jobId: 'A' });
    await settled();
    first.cancel();
    await settled();
    expect(first.answers).toEqual(['cancelled']);
    expect(test.running.hooks.signal.aborted).toBe(false);
    expect(test.queue.cancel('A')).toBe(true);
    test.running.fail(gone);
    await settled();
    expect(second.answers).toEqual(['cancelled']);
    expect(test.queue.cancel('A')).toBe(true);
    expect(test.queue.cancel('never')).toBe(false);
  });

  it('counts for a job whose worker dies before it stops: it is not tried again', async () => {
    const test = new QueueUnderTest();
    const job = test.submit('a');
    await settled();
    job.cancel();
    test.running.killWorker();
    await settled();
    expect(job.answers).toEqual(['cancelled']);
    expect(test.order).toEqual(['a']);
  });

  it('does not start a job whose request was cancelled before', async () => {
    const test = new QueueUnderTest();
    const signal = { aborted: true, addEventListener: () => undefined, removeEventListener: () => undefined };
    const waiter = { connection: 'one', owner: 'user', signal, hasLeft: () => false, progress: () => undefined };
    const request = { kind: 'run', params: { pack: 'p', network: 'n', inputs: {} } } as const;
    await expect(test.queue.submit(request, {}, waiter)).rejects.toMatchObject({ code: 'cancelled' });
    expect(test.store.countByState()).toMatchObject({ queued: 0, cancelled: 0 });
  });
});

describe('a connection that closes', () => {
  it('cancels its jobs, running or not, unless they are kept', async () => {
    const test = new QueueUnderTest();
    const jobs = [
      test.submit('running', { jobId: 'R' }),
      test.submit('kept', { jobId: 'K', onDisconnect: 'keep' }),
      test.submit('waiting', { jobId: 'W' }),
    ];
    await settled();
    for (const job of jobs) job.disconnect();
    expect(test.record('W')).toMatchObject({ state: 'cancelled' });
    test.running.fail(gone);
    await settled();
    expect(test.record('R')).toMatchObject({ state: 'cancelled' });
    test.running.succeed();
    await settled();
    expect(test.record('K')).toMatchObject({ state: 'succeeded', result: resultNamed('kept') });
  });

  it('leaves a job to another connection that waits for it', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a', { jobId: 'A' }, 'one');
    const second = test.submit('a', { jobId: 'A' }, 'two');
    await settled();
    first.disconnect();
    expect(test.running.hooks.signal.aborted).toBe(false);
    second.disconnect();
    expect(test.running.hooks.signal.aborted).toBe(true);
  });
});

describe('a lane', () => {
  it('lets the newest request take the place of the waiting one and stop the running one', async () => {
    const test = new QueueUnderTest();
    const [first, second, third] = ['a', 'b', 'c'].map((target) => test.submit(target, { lane: 'slider' }));
    await settled();
    expect(second?.answers).toEqual(['superseded']);
    expect(test.running.hooks.signal.aborted).toBe(true);
    test.running.fail(gone);
    await settled();
    expect(first?.answers).toEqual(['superseded']);
    expect(test.order).toEqual(['a', 'c']);
    test.running.succeed();
    await settled();
    expect(third?.answers).toEqual(['result']);
    expect(test.store.countByState()).toMatchObject({ superseded: 2, succeeded: 1 });
  });

  it('of another name, or of another connection, is another lane', async () => {
    const test = new QueueUnderTest();
    test.submit('a', { lane: 'slider' }, 'one');
    test.submit('b', { lane: 'slider' }, 'two');
    test.submit('c', { lane: 'other' }, 'one');
    await settled();
    expect(test.store.countByState()).toMatchObject({ running: 1, queued: 2 });
    expect(test.running.hooks.signal.aborted).toBe(false);
  });

  it('has the first word: a job that is superseded and then cancelled is superseded', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a', { lane: 'slider' });
    await settled();
    test.submit('b', { lane: 'slider' });
    first.cancel();
    test.running.fail(gone);
    await settled();
    expect(first.answers).toEqual(['superseded']);
  });

  it('is not left by the same request sent again', async () => {
    const test = new QueueUnderTest();
    const first = test.submit('a', { lane: 'slider', jobId: 'A' });
    test.submit('a', { lane: 'slider', jobId: 'A' });
    await settled();
    test.running.succeed();
    await settled();
    expect(first.answers).toEqual(['result']);
  });

  it('counts the place that it frees when the line is full, and supersedes nothing when it is refused', async () => {
    const test = new QueueUnderTest({ maximumQueued: 1 });
    const running = test.submit('running', { lane: 'refused' });
    test.submit('a', { lane: 'slider' });
    test.submit('b', { lane: 'slider' });
    await expect(test.submit('c', { lane: 'refused' }).done).rejects.toMatchObject({ code: 'queue_full' });
    await settled();
    expect(test.running.hooks.signal.aborted).toBe(false);
    test.running.succeed();
    await settled();
    expect(running.answers).toEqual(['result']);
    expect(test.order).toEqual(['running', 'b']);
  });
});

describe('a worker that dies', () => {
  it('is followed by another try, ahead of jobs that came later', async () => {
    const test = new QueueUnderTest();
    const job = test.submit('a', { jobId: 'A' });
    test.submit('b');
    await settled();
    test.running.killWorker({ stage: 'synthesis' });
    await settled();
    expect(test.order).toEqual(['a', 'a']);
    expect(job.told.map(({ stage }) => stage)).toContain('restarting');
    expect(test.record('A')).toMatchObject({
      attempts: 2,
      crashes: 1,
      lastCrash: { stage: 'synthesis', signal: 'SIGSEGV' },
    });
    test.running.succeed();
    await settled();
    expect(job.answers).toEqual(['result']);
  });

  it('twice of one job fails that job with signal and stage, and the next one runs', async () => {
    const test = new QueueUnderTest();
    const job = test.submit('a', { jobId: 'A' });
    test.submit('b');
    for (let death = 0; death < 2; death++) {
      await settled();
      test.running.killWorker({ stage: 'synthesis' });
    }
    await expect(job.done).rejects.toMatchObject({
      code: 'worker_crashed',
      message: expect.stringContaining('SIGSEGV') as string,
      details: { stage: 'synthesis', signal: 'SIGSEGV', workers: 2 },
    });
    await settled();
    expect(test.order).toEqual(['a', 'a', 'b']);
    expect(test.record('A')).toMatchObject({ state: 'failed', crashes: 2, attempts: 2 });
  });
});

describe('a queue that closes', () => {
  it('refuses jobs, and drops the waiting ones that are not kept', async () => {
    const test = new QueueUnderTest();
    test.submit('running');
    const waiting = test.submit('waiting', { jobId: 'W' });
    void test.queue.close();
    await expect(waiting.done).rejects.toMatchObject({ code: 'shutting_down' });
    await expect(test.submit('late').done).rejects.toMatchObject({ code: 'shutting_down' });
    expect(test.record('W')).toMatchObject({ state: 'cancelled' });
  });

  it('says so to who asks again for a job that it put off', async () => {
    const test = new QueueUnderTest();
    test.submit('running');
    test.submit('waiting', { jobId: 'W', onDisconnect: 'keep' });
    void test.queue.close();
    const again = test.submit('waiting', { jobId: 'W', onDisconnect: 'keep' });
    await expect(again.done).rejects.toMatchObject({ code: 'shutting_down' });
    expect(test.record('W')).toMatchObject({ state: 'queued' });
  });

  it('leaves the kept ones to the next queue, in their order, whatever becomes of the worker', async () => {
    const test = new QueueUnderTest();
    const running = test.submit('running', { jobId: 'R', onDisconnect: 'keep' });
    test.submit('bulk', { jobId: 'B', onDisconnect: 'keep', priority: 'bulk' });
    test.submit('waiting', { jobId: 'W', onDisconnect: 'keep' });
    await settled();
    const idle = test.queue.close();
    test.running.killWorker();
    await idle;
    await settled();
    expect(running.answers).toEqual(['shutting_down']);
    expect(test.record('R')).toMatchObject({ state: 'queued', crashes: 0 });
    const heir = new QueueUnderTest({}, test.store);
    heir.queue.resume();
    const again = heir.submit('running', { jobId: 'R', onDisconnect: 'keep' });
    for (let index = 0; index < 3; index++) {
      heir.running.succeed();
      await settled();
    }
    expect(heir.order).toEqual(['running', 'waiting', 'bulk']);
    expect(again.answers).toEqual(['result']);
  });
});

describe('a queue after a daemon that was killed', () => {
  it('runs what was running or waiting, and cancels what nobody can wait for any more', async () => {
    const killed = new QueueUnderTest();
    killed.submit('kept', { jobId: 'K', onDisconnect: 'keep' });
    killed.submit('dropped', { jobId: 'D' });
    await settled();
    const heir = new QueueUnderTest({}, killed.store);
    heir.queue.resume();
    expect(heir.record('D')).toMatchObject({ state: 'cancelled', error: { data: { code: 'cancelled' } } });
    expect(heir.record('K')).toMatchObject({ state: 'running', attempts: 2, crashes: 0 });
    expect(heir.pinned).toEqual([anyDigest]);
    expect(heir.queue.hasKeptJobs).toBe(true);
    heir.running.succeed();
    await settled();
    expect(heir.queue.hasKeptJobs).toBe(false);
  });
});
