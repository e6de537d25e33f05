import { CancelSource, ProtocolError } from '@deltaspace/shared-protocol';
import { describe, expect, it } from 'vitest';
import { MemoryJobStore } from './job-store.js';
import type { JobRequest, JobResult } from './job.js';
import { JobQueue, type JobHooks } from './queue.js';

const digest = `sha256:${'0'.repeat(64)}`;

function request(target: string): JobRequest {
  const image = { encoding: 'file', digest } as const;
  return { kind: 'edit', params: { image, targets: [target], encoding: 'png' } };
}

const result: JobResult = { pack: 'p', outputs: [], timingsMs: {} };

/** A queue over an executor whose jobs end when the test says so. */
function queueUnderTest(maximumQueued = 10) {
  const started: { target: string; hooks: JobHooks; succeed: () => void; fail: (error: Error) => void }[] = [];
  const pinned: string[] = [];
  const store = new MemoryJobStore(5);
  let ids = 0;
  const queue = new JobQueue({
    store,
    executor: {
      execute: (_id, job, hooks) =>
        new Promise((resolve, reject) => {
          const target = job.kind === 'edit' ? (job.params.targets?.[0] ?? '') : '';
          started.push({ target, hooks, succeed: () => resolve(result), fail: reject });
        }),
    },
    maximumQueued,
    pin: (digests) => {
      pinned.push(...digests);
      return () => void pinned.splice(0, digests.length);
    },
    nowMs: () => 0,
    newId: () => `job-${ids++}`,
  });
  const submit = (target: string, source = new CancelSource()) => {
    const stages: string[] = [];
    const done = queue.submit(request(target), { progress: (stage) => stages.push(stage), signal: source.signal });
    done.catch(() => undefined);
    return { done, stages, source };
  };
  return { queue, store, started, pinned, submit };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the job queue', () => {
  it('runs jobs one at a time, in the order they came', async () => {
    const { started, submit, store } = queueUnderTest();
    const jobs = ['a', 'b', 'c'].map((target) => submit(target));
    await settled();
    expect(started.map(({ target }) => target)).toEqual(['a']);
    expect(store.countByState()).toMatchObject({ running: 1, queued: 2 });
    for (let index = 0; index < 3; index++) {
      started[index]?.succeed();
      await settled();
    }
    expect(started.map(({ target }) => target)).toEqual(['a', 'b', 'c']);
    await expect(Promise.all(jobs.map(({ done }) => done))).resolves.toHaveLength(3);
    expect(store.countByState()).toMatchObject({ running: 0, queued: 0, succeeded: 3 });
  });

  it('tells a waiting job that it waits, but not one that starts at once', async () => {
    const { submit } = queueUnderTest();
    const first = submit('a');
    const second = submit('b');
    await settled();
    expect(first.stages).toEqual([]);
    expect(second.stages).toEqual(['queued']);
  });

  it('goes on after a job that failed', async () => {
    const { started, submit, store } = queueUnderTest();
    const first = submit('a');
    const second = submit('b');
    await settled();
    started[0]?.fail(new ProtocolError('worker_crashed', 'gone'));
    await expect(first.done).rejects.toMatchObject({ code: 'worker_crashed' });
    started[1]?.succeed();
    await expect(second.done).resolves.toEqual(result);
    expect(store.countByState()).toMatchObject({ failed: 1, succeeded: 1 });
  });

  it('takes a cancelled job out of the line without starting it', async () => {
    const { started, submit, store } = queueUnderTest();
    const first = submit('a');
    const second = submit('b');
    const third = submit('c');
    second.source.cancel();
    await expect(second.done).rejects.toMatchObject({ code: 'cancelled' });
    started[0]?.succeed();
    await first.done;
    await settled();
    started[1]?.succeed();
    await third.done;
    expect(started.map(({ target }) => target)).toEqual(['a', 'c']);
    expect(store.countByState()).toMatchObject({ cancelled: 1, succeeded: 2 });
  });

  it('does not start a job whose request was cancelled before', async () => {
    const { started, submit } = queueUnderTest();
    const source = new CancelSource();
    source.cancel();
    await expect(submit('a', source).done).rejects.toMatchObject({ code: 'cancelled' });
    expect(started).toEqual([]);
  });

  it('is full at its bound and takes jobs again when one has gone', async () => {
    const { started, submit } = queueUnderTest(1);
    submit('running');
    submit('waiting');
    await settled();
    await expect(submit('too many').done).rejects.toMatchObject({ code: 'queue_full', retryable: true });
    started[0]?.succeed();
    await settled();
    submit('fits again');
    await settled();
    started[1]?.succeed();
    await settled();
    expect(started.at(-1)?.target).toBe('fits again');
  });

  it('keeps the blobs of a job pinned exactly as long as it lives', async () => {
    const { started, submit, pinned } = queueUnderTest();
    const { done } = submit('a');
    expect(pinned).toEqual([digest]);
    await settled();
    started[0]?.succeed();
    await done;
    await settled();
    expect(pinned).toEqual([]);
  });

  it('refuses jobs and drops the waiting ones when it closes', async () => {
    const { queue, submit } = queueUnderTest();
    submit('running');
    const waiting = submit('waiting');
    queue.close();
    await expect(waiting.done).rejects.toMatchObject({ code: 'shutting_down' });
    await expect(submit('late').done).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('the job store', () => {
  it('forgets old finished jobs but not how many there were', async () => {
    const { started, submit, store } = queueUnderTest();
    for (let index = 0; index < 8; index++) {
      submit('a');
      await settled();
      started[index]?.succeed();
      await settled();
    }
    expect(store.get('job-0')).toBeUndefined();
    expect(store.get('job-7')).toMatchObject({ state: 'succeeded', revision: 2 });
    expect(store.countByState().succeeded).toBe(8);
  });
});
