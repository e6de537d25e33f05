import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../testing/manual-clock.js';
import { editResult, resultImage, ScriptedLink } from '../testing/scripted-link.js';
import { EditSession } from './edit-session.js';
import { runnerLimits } from './job-runner.js';
import { laneLimits } from './preview-lane.js';

let link: ScriptedLink;
let session: EditSession;

beforeEach(() => {
  link = new ScriptedLink();
  session = new EditSession({
    link,
    platform: link.platform,
    layer: { id: 'l', name: 'Layer', pixels: { encoding: 'rgba8', bytes: new Uint8Array(4), width: 1, height: 1 } },
    encoding: 'rgba8',
    previewSide: 64,
  });
});

/** Answers the newest `edit` with one picture per target. */
async function answerEdit(name?: string): Promise<void> {
  link.last.answer(editResult(link.last.params['targets'] as string[], name));
  await settle();
}

describe('an edit session', () => {
  it('previews what is typed and dragged, small and on its lane', async () => {
    session.change({ texts: ['face with hat'] }, 'type');
    await link.clock.advance(laneLimits.typeMs);
    const { lane, ...params } = link.last.params;
    expect(params).toMatchObject({ targets: ['face with hat'], previewSide: 64, encoding: 'rgba8' });
    for (const strength of [1, 2, 3]) session.change({ strength }, 'drag');
    await answerEdit('first');
    expect(session.state.value).toMatchObject({
      preview: { image: { digest: 'sha256:first-0' } },
      isPreviewStale: true,
    });
    await link.clock.advance(laneLimits.dragMs);
    expect(link.last.params).toMatchObject({ strength: 3, lane });
    await answerEdit('second');
    expect(link.calls).toHaveLength(2);
    expect(session.state.value).toMatchObject({ isPreviewStale: false, activity: undefined });
    expect(link.uploads).toHaveLength(1);
  });

  it('asks an older daemon for full size, without ids and lanes', async () => {
    for (const name of Object.keys(link.capabilities)) link.capabilities[name] = false;
    session.change({ texts: ['hat'] });
    await settle();
    expect(Object.keys(link.last.params).sort()).toEqual(['encoding', 'image', 'targets']);
  });

  it('adds a heat map to previews while it is shown', async () => {
    session.change({ texts: ['hat'] });
    await settle();
    expect(link.last.params).not.toHaveProperty('heatmap');
    await answerEdit();
    session.showHeatmap(true);
    await settle();
    expect(link.calls).toHaveLength(2);
    expect(link.last.params).toMatchObject({ heatmap: true, previewSide: 64 });
    await answerEdit();
    session.showHeatmap(false);
    await settle();
    expect(link.calls).toHaveLength(2);
    session.change({ strength: 2 });
    await settle();
    expect(link.last.params).not.toHaveProperty('heatmap');
  });

  it('asks for nothing without a text', async () => {
    session.change({ strength: 2 });
    await settle();
    expect(link.calls).toEqual([]);
    await expect(session.render()).rejects.toMatchObject({ code: 'invalid_params' });
    expect(session.state.value.failure?.explanation).toContain('say what to change');
  });

  it('takes a member back to the default of the pack', () => {
    session.change({ strength: 2, threshold: 0.1 });
    session.change({ strength: undefined });
    expect(session.state.value.recipe).not.toHaveProperty('strength');
    expect(session.state.value.recipe).toHaveProperty('threshold', 0.1);
  });

  it('renders at full size and ends the preview for it', async () => {
    session.change({ texts: ['hat'] });
    await settle();
    const edit = session.render({ heatmap: true });
    await settle();
    expect(link.calls).toHaveLength(2);
    expect(link.last.params).toMatchObject({ heatmap: true });
    expect(link.last.params).not.toHaveProperty('previewSide');
    link.last.options.onProgress?.({ stage: 'queued', fraction: 0, queuePosition: 2, etaMs: 3000 });
    expect(session.state.value.activity).toMatchObject({ kind: 'render', progress: { queuePosition: 2, etaMs: 3000 } });
    await answerEdit();
    await expect(edit).resolves.toMatchObject({ target: 'hat', image: { width: 1 } });
    expect(session.state.value.activity).toBeUndefined();
  });

  it('is cancelled without a word', async () => {
    session.change({ texts: ['hat'] });
    const edit = session.render();
    await settle();
    session.cancel();
    await expect(edit).rejects.toMatchObject({ code: 'cancelled' });
    expect(session.state.value).toMatchObject({ activity: undefined, failure: undefined });
  });

  it('tells a failure in words, and forgets it with the next success', async () => {
    session.change({ texts: ['hat'] });
    await settle();
    link.last.fail('queue_full');
    await settle();
    expect(session.state.value.failure).toMatchObject({ code: 'queue_full', canRetry: true });
    session.preview();
    await settle();
    await answerEdit();
    expect(session.state.value.failure).toBeUndefined();
  });

  it('does nothing after close', async () => {
    session.close();
    session.change({ texts: ['hat'] });
    await settle();
    expect(link.calls).toEqual([]);
    await expect(session.render()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a request that loses its connection', () => {
  it.each(['connection_lost', 'shutting_down'] as const)('goes out again under its id after %s', async (code) => {
    session.change({ texts: ['hat'] });
    const edit = session.render();
    await settle();
    const { jobId } = link.last.params;
    link.last.fail(code);
    link.reconnect();
    await link.clock.advance(runnerLimits.resendDelayMs);
    expect(link.last.params).toMatchObject({ jobId, onDisconnect: 'keep' });
    expect(link.uploads).toHaveLength(2); // once per connection
    await answerEdit();
    await expect(edit).resolves.toBeDefined();
  });

  it('gives up after some times', async () => {
    session.change({ texts: ['hat'] }, 'type');
    const edit = session.render();
    const failed = expect(edit).rejects.toMatchObject({ code: 'connection_lost' });
    for (let loss = 0; loss <= runnerLimits.reconnects; loss++) {
      await link.clock.advance(runnerLimits.resendDelayMs);
      link.last.fail('connection_lost');
    }
    await failed;
  });

  it('sends the layer again, under a new id, when the daemon has lost it', async () => {
    session.change({ texts: ['hat'] }, 'type');
    const edit = session.render();
    await settle();
    const { jobId } = link.last.params;
    link.last.fail('blob_missing');
    await settle();
    expect(link.uploads).toHaveLength(2);
    expect(link.last.params['jobId']).not.toBe(jobId);
    await answerEdit();
    await expect(edit).resolves.toBeDefined();
  });

  it('is not sent again when it fails for its own reasons', async () => {
    session.change({ texts: ['hat'] }, 'type');
    const edit = session.render();
    await settle();
    link.last.fail('worker_crashed', 'it died twice');
    await expect(edit).rejects.toMatchObject({ code: 'worker_crashed' });
    expect(link.calls).toHaveLength(1);
  });
});

describe('variations', () => {
  it('take one request per strength, with all texts', async () => {
    const wish = { texts: ['a', 'b'], strengths: [1, 2] };
    const cells = session.variations(wish);
    await settle();
    expect(link.calls.map(({ params }) => [params['targets'], params['strength']])).toEqual([
      [['a', 'b'], 1],
      [['a', 'b'], 2],
    ]);
    link.calls[0]?.answer(editResult(['a', 'b'], 'one'));
    link.calls[1]?.fail('edit_failed', 'no');
    const done = await cells;
    expect(done.map(({ text, strength, outcome }) => [text, strength, outcome.kind])).toEqual([
      ['a', 1, 'done'],
      ['a', 2, 'failed'],
      ['b', 1, 'done'],
      ['b', 2, 'failed'],
    ]);
  });

  it('split more texts than a request takes', async () => {
    const texts = Array.from({ length: 40 }, (_, index) => `text ${index}`);
    const cells = session.variations({ texts, strengths: [1] });
    await settle();
    for (const call of [...link.calls]) call.answer(editResult(call.params['targets'] as string[]));
    expect((await cells).map(({ text }) => text)).toEqual(texts);
    expect(link.calls.map(({ params }) => (params['targets'] as string[]).length)).toEqual([32, 8]);
  });

  it.each([
    [0, 1],
    [100, 3],
  ])('refuse a grid of %i × %i', async (rows, columns) => {
    const texts = Array.from({ length: rows }, (_, index) => `${index}`);
    const strengths = Array.from({ length: columns }, (_, index) => index);
    await expect(session.variations({ texts, strengths })).rejects.toMatchObject({ code: 'invalid_params' });
  });

  it('end with the newest request of another kind', async () => {
    const grid = session.variations({ texts: ['a'], strengths: [1, 2, 3] });
    await settle();
    const strip = session.stripOfTexts({ from: 'a', to: 'b' }, 2);
    await expect(grid).rejects.toMatchObject({ code: 'cancelled' });
    await settle();
    expect(session.state.value).toMatchObject({ activity: { kind: 'strip' }, failure: undefined });
    const frames = [0, 1].map((weight) => ({ weight, image: resultImage(`f${weight}`) }));
    link.last.answer({ pack: 'avatars', frames, unknownWords: [], timingsMs: {} });
    await expect(strip).resolves.toMatchObject({ frames: [{ weight: 0 }, { weight: 1 }] });
  });
});
