import { bridgeLimits, bridgeVersion } from '@deltaspace/figma-plugin';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeDocument, type NodeData } from '../fakes/figma/document.js';
import { FakeImages } from '../fakes/figma/images.js';
import { blue, croppedPaint, picture, red } from '../fakes/figma/pictures.js';
import { startPlugin, type RunningPlugin, type StartWish } from '../fakes/figma/run-plugin.js';

let plugin: RunningPlugin | undefined;
afterEach(() => {
  plugin?.close();
  plugin = undefined;
});

async function start(wish: StartWish = {}): Promise<RunningPlugin> {
  plugin = await startPlugin(wish);
  return plugin;
}

async function withPhoto() {
  const document = new FakeDocument();
  const images = new FakeImages();
  const hash = images.create(await picture(40, 40, red));
  const photo = document.add('RECTANGLE', { name: 'Photo', fills: [croppedPaint(hash)] });
  const image = await picture(40, 40, blue);
  const result = { targetId: photo.id, sourceKey: hash, image, recipe: { text: 'smile' }, label: 'smile' };
  return { document, images, hash, photo, result };
}

describe('the plugin', () => {
  it('opens a window in the colours of the editor and asks for a layer when nothing is selected', async () => {
    const { editor, hello } = await start();
    expect(editor.seen.windows).toMatchObject([{ title: 'deltaspace', themeColors: true }]);
    expect(hello?.launch).toEqual({ command: 'open' });
    expect(hello?.selection).toEqual({
      targets: [],
      refusals: [],
      selectedCount: 0,
      advice: 'Select a layer: an image, a shape, a text or a frame.',
    });
  });

  it.each([
    ['dev', 'Dev Mode'],
    ['figjam', 'Figma Design'],
    ['slides', 'Figma Design'],
  ] as const)('closes with words in %s', async (editorType, words) => {
    const { document, photo } = await withPhoto();
    const before = document.snapshot();
    const { editor } = await start({ document, editorType });
    editor.select(document.get(photo.id));
    expect(editor.seen.closedWith).toContain(words);
    expect(editor.seen.windows).toEqual([]);
    expect(document.snapshot()).toEqual(before);
  });

  it.each(['edit', 'variations'] as const)('is started by the button %s', async (command) => {
    const { hello } = await start({ command });
    expect(hello?.launch).toEqual({ command });
  });

  it.each([
    [{ text: ' sunglasses ' }, { command: 'quick', text: 'sunglasses' }],
    [
      { text: 'smile', strength: '−2,5' },
      { command: 'quick', text: 'smile', strength: -2.5 },
    ],
    [
      { text: 'smile', strength: 'very' },
      { command: 'quick', text: 'smile' },
    ],
    [{ text: ' ' }, { command: 'open' }],
  ])('is started from the command bar with %o', async (parameters, launch) => {
    const { hello } = await start({ parameters });
    expect(hello?.launch).toEqual(launch);
  });

  it('suggests the texts that were used last before its own, and says what is no strength', async () => {
    const { editor } = await start({ storage: { recentTexts: ['a red hat', 'freckles', 7] } });
    const ask = (key: string, query: string): Promise<unknown> =>
      new Promise((resolve) => {
        const result = { setSuggestions: resolve, setError: resolve, setLoadingMessage: resolve };
        editor.emit('parameters.input', { key, query, parameters: {}, result });
      });
    expect(await ask('text', 'HAT')).toEqual(['a red hat', 'a hat']);
    expect(((await ask('text', '')) as string[]).slice(0, 2)).toEqual(['a red hat', 'freckles']);
    expect(await ask('strength', 'lots')).toContain('−10 to 10');
    expect(await ask('strength', '11')).toContain('−10 to 10');
    expect(await ask('strength', '-')).toHaveLength(4);
  });

  it('restores from the menu without a window', async () => {
    const { document, images, hash, photo, result } = await withPhoto();
    const first = await start({ document, images });
    await first.request('apply', result);
    first.close();
    plugin = undefined;
    const second = await startRestore(document, images, photo);
    expect(second.editor.seen.windows).toEqual([]);
    expect(second.editor.seen.closedWith).toBe('The original is back.');
    expect(document.get(photo.id).fills).toEqual([croppedPaint(hash)]);
  });

  it('refuses a window of another version, and messages that are none', async () => {
    const { request, sendRaw } = await start({ greets: false });
    const wrong = request('hello', { bridgeVersion: bridgeVersion + 1 });
    await expect(wrong).rejects.toMatchObject({ code: 'bridge_version' });
    expect(await sendRaw({ type: 'apply', requestId: 9, params: {} })).toMatchObject({
      type: 'failed',
      requestId: 9,
      failure: { code: 'message_invalid' },
    });
  });

  it('keeps the token and presets of the window, as JSON', async () => {
    const { editor, request } = await start();
    expect(await request('storage.read', { key: 'token' })).toEqual({ value: null });
    await request('storage.write', { key: 'token', value: { secret: 'x', at: [1] } });
    expect(await request('storage.read', { key: 'token' })).toEqual({ value: { secret: 'x', at: [1] } });
    await request('storage.remove', { key: 'token' });
    expect([...editor.storage.keys()]).toEqual([]);
    const large = request('storage.write', { key: 'x', value: 'x'.repeat(bridgeLimits.storageValueCharacters) });
    await expect(large).rejects.toMatchObject({ code: 'storage_failed' });
  });

  it('shows notices cut to what Figma takes, sizes its window within bounds, and closes', async () => {
    const { editor, request } = await start();
    await request('notify', { text: `${'x'.repeat(98)}😀😀`, tone: 'error' });
    expect(editor.seen.notices).toEqual([{ text: `${'x'.repeat(98)}…`, isError: true }]);
    await request('resize', { widthPx: 10, heightPx: 99999 });
    expect(editor.seen.resizes).toEqual([{ width: 240, height: 1200 }]);
    void request('close', { message: 'Done.' });
    await expect.poll(() => editor.seen.closedWith).toBe('Done.');
  });

  it('brings layers into view', async () => {
    const { document, images, photo } = await withPhoto();
    const { editor, request } = await start({ document, images });
    await request('reveal', { targetIds: [photo.id] });
    expect([editor.selectedIds, editor.seen.zoomedTo]).toEqual([[photo.id], [[photo.id]]]);
  });
});

/** Starts the command “Restore original” with a layer selected, and waits for its end. */
async function startRestore(document: FakeDocument, images: FakeImages, photo: NodeData): Promise<RunningPlugin> {
  const running = await start({ document, images, command: 'restore', selected: [photo] });
  await expect.poll(() => running.editor.seen.closedWith).toBeDefined();
  return running;
}

describe('a layer that cannot be edited', () => {
  const solid = [{ type: 'SOLID', color: { r: 1, g: 0, b: 0 } }] as const;

  it.each([
    ['is locked', 'layer_locked', (d: FakeDocument) => d.add('RECTANGLE', { locked: true })],
    [
      'is in a locked frame',
      'layer_locked',
      (d: FakeDocument) => d.add('RECTANGLE', { parent: d.add('FRAME', { locked: true }) }),
    ],
    ['is hidden', 'layer_hidden', (d: FakeDocument) => d.add('RECTANGLE', { visible: false })],
    ['shows nothing', 'layer_empty', (d: FakeDocument) => d.add('FRAME', { fills: [{ ...solid[0], visible: false }] })],
    ['is a line', 'layer_too_thin', (d: FakeDocument) => d.add('VECTOR', { height: 0, fills: solid })],
    ['is a slice', 'layer_unsupported', (d: FakeDocument) => d.add('SLICE')],
    [
      'shows a video',
      'video_fill',
      (d: FakeDocument) => d.add('RECTANGLE', { fills: [{ type: 'VIDEO', scaleMode: 'FILL', videoHash: 'v' }] }),
    ],
  ])('is told with words when it %s', async (_, code, add) => {
    const document = new FakeDocument();
    const layer = add(document);
    const { editor, nextSelection, request } = await start({ document });
    const told = nextSelection();
    editor.select(layer);
    const { refusals, advice } = await told;
    expect(refusals).toMatchObject([{ id: layer.id, code }]);
    expect(advice).toBe(refusals[0]?.message);
    await expect(request('capture', { targetId: layer.id, from: 'current' })).rejects.toMatchObject({ code });
  });

  it('does not keep the others from being edited', async () => {
    const document = new FakeDocument();
    const layers = [document.add('SLICE'), document.add('RECTANGLE')];
    const { editor, nextSelection } = await start({ document });
    const told = nextSelection();
    editor.select(...layers);
    const { targets, refusals, advice } = await told;
    expect([targets.length, refusals.length, advice]).toEqual([1, 1, undefined]);
  });

  it('is noticed when it was deleted while the edit was made', async () => {
    const { document, images, photo, result } = await withPhoto();
    const { request } = await start({ document, images });
    document.remove(document.get(photo.id));
    const before = document.snapshot();
    await expect(request('apply', result)).rejects.toMatchObject({ code: 'layer_gone' });
    expect(document.snapshot()).toEqual(before);
  });

  it('is noticed when it is deleted between two awaits of the plugin', async () => {
    const { document, images, photo, result } = await withPhoto();
    const { request } = await start({ document, images });
    const get = images.get.bind(images);
    images.get = (hash) => {
      if (hash === result.sourceKey && document.find(photo.id)) document.remove(document.get(photo.id));
      return get(hash);
    };
    await expect(request('apply', result)).rejects.toMatchObject({ code: 'layer_gone' });
  });

  it('is refused when it has lost its image', async () => {
    const { document, images, hash, photo } = await withPhoto();
    images.forget(hash);
    const { request } = await start({ document, images });
    const lost = request('capture', { targetId: photo.id, from: 'current' });
    await expect(lost).rejects.toMatchObject({ code: 'image_missing' });
  });

  it('is left as it is by a recipe that is too long and by bytes that are no image', async () => {
    const { document, images, result } = await withPhoto();
    const { request } = await start({ document, images });
    const before = document.snapshot();
    const long = { text: 'é'.repeat(bridgeLimits.recipeBytes / 2) };
    await expect(request('apply', { ...result, recipe: long })).rejects.toMatchObject({ code: 'recipe_too_large' });
    const noise = new Uint8Array([1, 2, 3]);
    await expect(request('apply', { ...result, image: noise })).rejects.toMatchObject({ code: 'image_invalid' });
    expect(document.snapshot()).toEqual(before);
  });
});

it('edits a text whose fills differ, as a picture', async () => {
  const document = new FakeDocument();
  const text = document.add('TEXT', { fills: 'mixed', settings: { characters: 'Hello', fontSize: 40 } });
  const { editor, nextSelection, request } = await start({ document });
  const told = nextSelection();
  editor.select(text);
  expect((await told).targets).toMatchObject([{ kind: 'export', notes: [{ code: 'mixed_fills' }] }]);
  expect((await request('capture', { targetId: text.id, from: 'current' })).kind).toBe('export');
});
