/** The two tracks of the queue: what runs beside what, and that neither waits for the other. */
import { ProtocolError } from '@deltaspace/shared-protocol';
import { describe, expect, it } from 'vitest';
import { evaluateRequest, QueueUnderTest, settled } from './queue-under-test.js';

describe('a job of the background', () => {
  it('runs beside an edit, and an edit beside it', async () => {
    const test = new QueueUnderTest();
    test.submitRequest(evaluateRequest('long'));
    test.submit('hat', { priority: 'train' });
    await settled();
    expect(test.started.map(({ track, target }) => [track, target])).toEqual([
      ['background', 'long'],
      ['foreground', 'hat'],
    ]);
    test.runningOn('foreground')?.succeed();
    test.submit('glasses');
    await settled();
    expect(test.order).toEqual(['long', 'hat', 'glasses']);
  });

  it('waits for the one before it, and is told its place among those of the background alone', async () => {
    const test = new QueueUnderTest();
    test.submitRequest(evaluateRequest('first'));
    for (const text of ['a', 'b', 'c']) test.submit(text);
    const second = test.submitRequest(evaluateRequest('second'));
    await settled();
    expect(second.told.at(-1)).toMatchObject({ stage: 'queued', queuePosition: 1 });
    test.runningOn('background')?.succeed();
    await settled();
    expect(test.runningOn('background')?.target).toBe('second');
    expect(test.runningOn('foreground')?.target).toBe('a');
  });

  it('is handled as its kind needs, unless the request says otherwise', async () => {
    const test = new QueueUnderTest();
    const train = { what: 'pack', recipe: 'avatars', name: 'mine' } as const;
    test.submitRequest({ kind: 'train', params: train }, { jobId: 'training' });
    test.submitRequest(evaluateRequest('p'), { jobId: 'evaluation' });
    test.submit('hat', { jobId: 'edit' });
    test.submitRequest({ kind: 'verify', params: {} }, { jobId: 'asked', priority: 'train', onDisconnect: 'keep' });
    const handling = (id: string): unknown[] => [test.record(id)?.priority, test.record(id)?.onDisconnect];
    expect(handling('training')).toEqual(['train', 'keep']);
    expect(handling('evaluation')).toEqual(['bulk', 'cancel']);
    expect(handling('edit')).toEqual(['interactive', 'cancel']);
    expect(handling('asked')).toEqual(['train', 'keep']);
    await settled();
  });

  it('leaves room for edits however many of its kind wait', async () => {
    const test = new QueueUnderTest({ maximumQueued: 2 });
    for (const pack of ['runs', 'a', 'b', 'too-many']) test.submitRequest(evaluateRequest(pack));
    const edit = test.submit('hat');
    await settled();
    expect(test.store.countByState()).toMatchObject({ running: 2, queued: 2 });
    test.runningOn('foreground')?.succeed();
    await expect(edit.done).resolves.toMatchObject({ pack: 'hat' });
  });

  it('is cancelled while it waits and while it runs, which no edit notices', async () => {
    const test = new QueueUnderTest();
    const running = test.submitRequest(evaluateRequest('running'));
    const waiting = test.submitRequest(evaluateRequest('waiting'));
    test.submit('hat');
    waiting.cancel();
    running.cancel();
    await settled();
    expect(waiting.answers).toEqual(['cancelled']);
    expect(test.runningOn('background')?.hooks.signal.aborted).toBe(true);
    expect(test.runningOn('foreground')?.hooks.signal.aborted).toBe(false);
    test.runningOn('background')?.fail(new ProtocolError('cancelled', 'stopped'));
    await settled();
    expect(running.answers).toEqual(['cancelled']);
  });

  it('is tried again when its worker dies, fails the second time, and the edit goes on', async () => {
    const test = new QueueUnderTest();
    const long = test.submitRequest(evaluateRequest('long'));
    const edit = test.submit('hat');
    await settled();
    test.runningOn('background')?.killWorker();
    await settled();
    expect(long.told).toContainEqual(expect.objectContaining({ stage: 'restarting' }));
    expect(test.order).toEqual(['long', 'hat', 'long']);
    test.runningOn('background')?.killWorker({ stage: 'editing' });
    await settled();
    expect(long.answers).toEqual(['worker_crashed']);
    test.runningOn('foreground')?.succeed();
    await settled();
    expect(edit.answers).toEqual(['result']);
  });

  it('is superseded by a newer request of its lane on the other track', async () => {
    const test = new QueueUnderTest();
    const old = test.submitRequest(evaluateRequest('old'), { lane: 'panel' });
    test.submit('new', { lane: 'panel' });
    await settled();
    test.runningOn('background')?.fail(new ProtocolError('cancelled', 'stopped'));
    await settled();
    expect(old.answers).toEqual(['superseded']);
  });

  it('tells its figures with its progress, the newest as long as there are no newer ones', async () => {
    const test = new QueueUnderTest();
    const job = test.submitRequest(evaluateRequest('p'), { jobId: 'job' });
    await settled();
    const { hooks } = test.running;
    hooks.progress('clip', 0.2, { step: 100, loss: 0.5 });
    hooks.progress('clip', 0.3);
    expect(test.queue.view('job')?.progress).toMatchObject({ fraction: 0.3, metrics: { step: 100, loss: 0.5 } });
    hooks.progress('growth', 0.4, {});
    expect(job.told.at(-1)).not.toHaveProperty('metrics');
  });
});

describe('closing the queue', () => {
  it('waits for both tracks, and leaves what is kept to the next daemon in its old order', async () => {
    const first = new QueueUnderTest();
    first.submitRequest(evaluateRequest('running'), { jobId: 'running', onDisconnect: 'keep' });
    first.submitRequest(evaluateRequest('waiting'), { jobId: 'waiting', onDisconnect: 'keep' });
    const edit = first.submit('hat');
    await settled();
    let closed = false;
    void first.queue.close().then(() => (closed = true));
    first.runningOn('foreground')?.fail(new ProtocolError('cancelled', 'the worker stops'));
    await settled();
    expect([closed, edit.answers]).toEqual([false, ['shutting_down']]);
    first.runningOn('background')?.fail(new ProtocolError('cancelled', 'the worker stops'));
    await settled();
    expect(closed).toBe(true);

    const next = new QueueUnderTest({}, first.store);
    next.queue.resume();
    await settled();
    expect(next.started.map(({ id, track }) => [id, track])).toEqual([['running', 'background']]);
    next.running.succeed();
    await settled();
    expect(next.running.id).toBe('waiting');
    expect(next.record('running')).toMatchObject({ state: 'succeeded', attempts: 2, crashes: 0 });
  });
});
