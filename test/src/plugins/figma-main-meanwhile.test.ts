/** What the user and others do in the file while the plugin works: select, turn pages, lock, hide, reorder fills. */
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeDocument, type NodeData } from '../fakes/figma/document.js';
import { FakeImages } from '../fakes/figma/images.js';
import { blue, croppedPaint, picture, red } from '../fakes/figma/pictures.js';
import { startPlugin, type RunningPlugin } from '../fakes/figma/run-plugin.js';

let plugin: RunningPlugin | undefined;
afterEach(() => {
  plugin?.close();
  plugin = undefined;
});

const solid: Paint = { type: 'SOLID', color: { r: 0, g: 1, b: 0 } };

/** A page with a photo and two shapes without an image. */
async function startWithLayers() {
  const document = new FakeDocument();
  const images = new FakeImages();
  const hash = images.create(await picture(40, 40, red));
  const photo = document.add('RECTANGLE', { name: 'Photo', fills: [croppedPaint(hash)] });
  const shapes = [200, 300].map((x) => document.add('RECTANGLE', { x, width: 40, height: 20 }));
  plugin = await startPlugin({ document, images });
  const image = await picture(80, 40, blue);
  const { request, editor } = plugin;
  const result = async ({ id }: NodeData) => {
    const { sourceKey } = await request('capture', { targetId: id, from: 'original' });
    return { targetId: id, sourceKey, image, recipe: { text: 'smile' }, label: 'smile' };
  };
  const [shape, other] = shapes as [NodeData, NodeData];
  return { document, images, hash, photo, shape, other, image, request, editor, result };
}

describe('the selection', () => {
  it('is left to the user who selected something else while the edit was made', async () => {
    const { document, photo, shape, request, editor, result } = await startWithLayers();
    editor.select(shape);
    const ready = await result(shape);
    editor.select(photo);
    const { nodeId } = await request('apply', ready);
    expect(document.find(nodeId)).toBeDefined();
    expect(editor.selectedIds).toEqual([photo.id]);
  });

  it('stays as it is through a batch, whose results are new rectangles', async () => {
    const { shape, other, request, editor, result } = await startWithLayers();
    editor.select(shape, other);
    const { batchId } = await request('batch.open', { undo: 'once' });
    for (const layer of [shape, other]) await request('batch.apply', { batchId, ...(await result(layer)) });
    await request('batch.close', { batchId, outcome: 'keep' });
    expect(editor.selectedIds).toEqual([shape.id, other.id]);
  });

  it('can be taken to a layer of another page, which is opened', async () => {
    const { document, photo, request, editor } = await startWithLayers();
    const page = document.addPage('Page 2');
    editor.openPage(page);
    await request('reveal', { targetIds: [photo.id] });
    expect(editor.page.id).toBe(document.page.id);
    expect([editor.selectedIds, editor.seen.zoomedTo]).toEqual([[photo.id], [[photo.id]]]);
  });
});

describe('what an overlay was made from', () => {
  it('is captured although it is locked by now: it is not changed', async () => {
    const { document, shape, request, result } = await startWithLayers();
    const { nodeId } = await request('apply', await result(shape));
    document.get(shape.id).locked = true;
    const again = await request('capture', { targetId: nodeId, from: 'original' });
    expect([again.kind, again.targetId]).toEqual(['export', nodeId]);
  });

  it('counts as gone when it is hidden by now, so that the overlay can still be edited', async () => {
    const { document, shape, request, result } = await startWithLayers();
    const { nodeId } = await request('apply', await result(shape));
    document.get(shape.id).visible = false;
    const original = request('capture', { targetId: nodeId, from: 'original' });
    await expect(original).rejects.toMatchObject({ code: 'original_gone' });
    expect((await request('capture', { targetId: nodeId, from: 'current' })).kind).toBe('fill');
  });
});

it('an original whose image Figma has lost counts as gone, and what is there can be edited', async () => {
  const { document, images, hash, photo, request, result } = await startWithLayers();
  await request('apply', await result(photo));
  images.forget(hash);
  const original = request('capture', { targetId: photo.id, from: 'original' });
  await expect(original).rejects.toMatchObject({ code: 'original_gone' });
  const current = await request('capture', { targetId: photo.id, from: 'current' });
  expect((document.get(photo.id).fills as readonly Paint[])[0]).toMatchObject({ imageHash: current.sourceKey });
});

it('a batch that is taken back leaves a fill alone that the user laid under the image meanwhile', async () => {
  const { document, hash, photo, request, result } = await startWithLayers();
  const { batchId } = await request('batch.open', { undo: 'once' });
  await request('batch.apply', { batchId, ...(await result(photo)) });
  const edited = document.get(photo.id);
  edited.fills = [solid, ...(edited.fills as readonly Paint[])];
  const { failures } = await request('batch.close', { batchId, outcome: 'revert' });
  expect(failures).toEqual([]);
  expect(document.get(photo.id).fills).toEqual([solid, croppedPaint(hash)]);
});

describe('the notes of a layer', () => {
  const notesOf = async (add: (document: FakeDocument, hash: string) => NodeData): Promise<readonly string[]> => {
    const document = new FakeDocument();
    const images = new FakeImages();
    const layer = add(document, images.create(await picture(40, 40, red)));
    plugin = await startPlugin({ document, images });
    const told = plugin.nextSelection();
    plugin.editor.select(layer);
    return ((await told).targets[0]?.notes ?? []).map(({ code }) => code);
  };
  const image = (hash: string, more: object): Paint => ({ ...croppedPaint(hash), ...more });

  it.each([
    [
      'half of the image',
      [
        [0.5, 0, 0.25],
        [0, 0.5, 0.25],
      ],
      ['cropped'],
    ],
    [
      'all of it',
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      [],
    ],
    [
      'all of it with a margin',
      [
        [2, 0, -0.5],
        [0, 2, -0.5],
      ],
      [],
    ],
    [
      'all of it, mirrored',
      [
        [-1, 0, 1],
        [0, 1, 0],
      ],
      [],
    ],
    [
      'a part beside the middle',
      [
        [1, 0, 0.2],
        [0, 1, 0],
      ],
      ['cropped'],
    ],
  ] as const)('tell a crop by what it hides: %s', async (_, imageTransform, notes) => {
    expect(await notesOf((d, hash) => d.add('RECTANGLE', { fills: [image(hash, { imageTransform })] }))).toEqual(notes);
  });

  it('say when instances of a component change along', async () => {
    const whole = (hash: string): Paint => ({ type: 'IMAGE', scaleMode: 'FILL', imageHash: hash });
    expect(await notesOf((d, hash) => d.add('COMPONENT', { fills: [whole(hash)] }))).toEqual(['component_changed']);
    plugin?.close();
    expect(
      await notesOf((d, hash) => d.add('RECTANGLE', { parent: d.add('COMPONENT'), fills: [whole(hash)] })),
    ).toEqual(['component_changed']);
  });
});
