import { afterEach, describe, expect, it } from 'vitest';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import { FakeDocument, type NodeData } from '../fakes/figma/document.js';
import { absoluteBox } from '../fakes/figma/geometry.js';
import { FakeImages } from '../fakes/figma/images.js';
import { blue, croppedPaint, green, picture, pixel, red } from '../fakes/figma/pictures.js';
import { startPlugin, type RunningPlugin, type StartWish } from '../fakes/figma/run-plugin.js';

let plugin: RunningPlugin | undefined;
afterEach(() => {
  plugin?.close();
  plugin = undefined;
});

/** Starts the plugin and keeps it for the end of the test. */
async function start(wish: StartWish): Promise<RunningPlugin> {
  plugin = await startPlugin(wish);
  return plugin;
}

/** A document with one photo, cropped and filtered, over a solid fill. */
async function withPhoto() {
  const document = new FakeDocument();
  const images = new FakeImages();
  const bytes = await picture(120, 80, red, 'jpeg');
  const hash = images.create(bytes);
  const solid: Paint = { type: 'SOLID', color: { r: 0, g: 1, b: 0 } };
  const photo = document.add('RECTANGLE', {
    name: 'Portrait',
    x: 30,
    y: 40,
    width: 60,
    height: 40,
    fills: [solid, croppedPaint(hash)],
  });
  return { document, images, bytes, hash, photo };
}

const result = async (targetId: string, sourceKey: string, image?: Uint8Array) => ({
  targetId,
  sourceKey,
  image: image ?? (await picture(120, 80, blue)),
  recipe: { text: 'sunglasses', strength: 3 },
  label: 'sunglasses · +3',
});

const fillsOf = ({ fills }: NodeData): readonly Paint[] => fills as readonly Paint[];

describe('a layer filled with an image', () => {
  it('is told, captured as the file that was uploaded, edited in place, and undone exactly', async () => {
    const { document, images, bytes, hash, photo } = await withPhoto();
    const { editor, request, nextSelection } = await start({ document, images });
    const selected = nextSelection();
    editor.select(photo);
    const target = { id: photo.id, name: 'Portrait', kind: 'fill', nodeType: 'RECTANGLE', widthPx: 60, heightPx: 40 };
    expect((await selected).targets).toMatchObject([{ ...target, hasRecipe: false, canRestore: false }]);

    const capture = await request('capture', { targetId: photo.id, from: 'current' });
    expect(capture).toMatchObject({
      kind: 'fill',
      mediaType: 'image/jpeg',
      widthPx: 120,
      heightPx: 80,
      sourceKey: hash,
    });
    expect(Buffer.from(capture.bytes).equals(Buffer.from(bytes))).toBe(true);

    const before = document.snapshot();
    const image = await picture(120, 80, blue);
    const answer = await request('apply', await result(photo.id, capture.sourceKey, image));
    expect(answer).toEqual({ nodeId: photo.id });
    const edited = document.get(photo.id);
    const newHash = images.create(image);
    expect(edited.fills).toEqual([fillsOf(photo)[0], { ...croppedPaint(hash), imageHash: newHash }]);
    expect(edited.relaunchData).toHaveProperty('edit');
    expect(document.undoSteps).toBe(1);

    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
    expect(document.undoSteps).toBe(0);
  });

  it('keeps the step of an edit apart from what the user did before', async () => {
    const { document, images, hash, photo } = await withPhoto();
    const { request } = await start({ document, images });
    document.get(photo.id).name = 'Renamed';
    await request('apply', await result(photo.id, hash));
    document.triggerUndo();
    expect(document.get(photo.id).name).toBe('Renamed');
  });

  it('is edited again from its original, and gets the original back', async () => {
    const { document, images, bytes, hash, photo } = await withPhoto();
    const { request, nextSelection } = await start({ document, images });
    await request('apply', await result(photo.id, hash));
    const original = await request('capture', { targetId: photo.id, from: 'original' });
    expect(Buffer.from(original.bytes).equals(Buffer.from(bytes))).toBe(true);
    await request('apply', await result(photo.id, original.sourceKey, await picture(120, 80, green)));
    const { recipe } = await request('recipe', { targetId: photo.id });
    expect(recipe).toEqual({ text: 'sunglasses', strength: 3 });

    const told = nextSelection();
    expect(await request('restore', { targetIds: [photo.id] })).toEqual({ restoredIds: [photo.id], failures: [] });
    await told;
    expect(fillsOf(document.get(photo.id))[1]).toEqual(croppedPaint(hash));
    expect(document.get(photo.id).pluginData).toEqual({});
    expect(document.get(photo.id).relaunchData).toEqual({});
    await expect(request('restore', { targetIds: [photo.id] })).resolves.toMatchObject({
      failures: [{ code: 'nothing_to_restore' }],
    });
  });

  it('counts as never edited once the user placed another image', async () => {
    const { document, images, hash, photo } = await withPhoto();
    const { request } = await start({ document, images });
    await request('apply', await result(photo.id, hash));
    const other = images.create(await picture(50, 50, green));
    document.get(photo.id).fills = [croppedPaint(other)];
    expect((await request('capture', { targetId: photo.id, from: 'original' })).sourceKey).toBe(other);
    await expect(request('apply', await result(photo.id, hash))).rejects.toMatchObject({ code: 'layer_changed' });
  });

  it('takes the topmost image that can be seen, and says so', async () => {
    const { document, images, hash } = await withPhoto();
    const hidden = images.create(await picture(10, 10, green));
    const layer = document.add('RECTANGLE', {
      fills: [croppedPaint(hidden), croppedPaint(hash), { ...croppedPaint(hidden), visible: false }],
    });
    const { editor, request } = await start({ document, images });
    editor.select(layer);
    const { hello } = plugin as RunningPlugin;
    expect(hello?.selection.selectedCount).toBe(0);
    expect((await request('capture', { targetId: layer.id, from: 'current' })).sourceKey).toBe(hash);
    await request('apply', await result(layer.id, hash));
    expect(fillsOf(document.get(layer.id)).map((paint) => 'imageHash' in paint && paint.imageHash === hidden)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('keeps tiles as large as they were when the result has another size', async () => {
    const { document, images, hash } = await withPhoto();
    const layer = document.add('RECTANGLE', {
      fills: [{ type: 'IMAGE', scaleMode: 'TILE', imageHash: hash, scalingFactor: 0.5 }],
    });
    const { request } = await start({ document, images });
    await request('apply', await result(layer.id, hash, await picture(60, 40, blue)));
    expect(fillsOf(document.get(layer.id))[0]).toMatchObject({ scaleMode: 'TILE', scalingFactor: 1 });
    await request('restore', { targetIds: [layer.id] });
    expect(fillsOf(document.get(layer.id))[0]).toMatchObject({ imageHash: hash, scalingFactor: 0.5 });
  });

  it('gives a GIF as it is and takes a still picture for it', async () => {
    const { document, images } = await withPhoto();
    const hash = images.create(await picture(20, 20, red, 'gif'));
    const layer = document.add('RECTANGLE', { fills: [croppedPaint(hash)] });
    const { request } = await start({ document, images });
    const capture = await request('capture', { targetId: layer.id, from: 'current' });
    expect(capture).toMatchObject({ mediaType: 'image/gif', widthPx: 20, heightPx: 20 });
    await request('apply', await result(layer.id, hash, await picture(20, 20, blue)));
    await expect(
      request('apply', await result(layer.id, hash, await picture(20, 20, red, 'gif'))),
    ).rejects.toMatchObject({
      code: 'image_invalid',
    });
  });

  it('can be captured above 4096 pixels, and refuses a result of that size', async () => {
    const { document, images } = await withPhoto();
    const large = await picture(4200, 16, red);
    const hash = images.keep(large, { width: 4200, height: 16 });
    const layer = document.add('RECTANGLE', { fills: [croppedPaint(hash)] });
    const { request } = await start({ document, images });
    expect((await request('capture', { targetId: layer.id, from: 'current' })).widthPx).toBe(4200);
    const before = document.snapshot();
    const tooLarge = request('apply', await result(layer.id, hash, await picture(4200, 16, blue, 'jpeg')));
    await expect(tooLarge).rejects.toMatchObject({ code: 'image_too_large' });
    expect(document.snapshot()).toEqual(before);
    await request('apply', await result(layer.id, hash, await picture(4096, 16, blue)));
  });

  it('is overridden within an instance, and only there', async () => {
    const { document, images, hash } = await withPhoto();
    const instance = document.add('INSTANCE', { width: 80, height: 80 });
    const child = document.add('RECTANGLE', { parent: instance, fills: [croppedPaint(hash)] });
    const { editor, request } = await start({ document, images });
    const told = (plugin as RunningPlugin).nextSelection();
    editor.select(child);
    expect((await told).targets[0]?.notes).toContainEqual(expect.objectContaining({ code: 'instance_override' }));
    await request('apply', await result(child.id, hash));
    expect(document.get(instance.id).childIds).toEqual([child.id]);
    expect(fillsOf(document.get(child.id))[0]).not.toMatchObject({ imageHash: hash });
  });
});

describe('any other layer', () => {
  it('is captured as a picture and gets the result laid exactly over it', async () => {
    const document = new FakeDocument();
    const frame = document.add('FRAME', { name: 'Card', x: 100, y: 50, width: 200, height: 120 });
    const shape = document.add('VECTOR', {
      name: 'Sky',
      parent: frame,
      x: 10,
      y: 20,
      width: 50,
      height: 30,
      fills: [{ type: 'SOLID', color: { r: 1, g: 0, b: 0 } }],
    });
    document.add('TEXT', { parent: frame, settings: { characters: 'over it' } });
    const { editor, request } = await start({ document });
    const capture = await request('capture', { targetId: shape.id, from: 'current' });
    expect(capture).toMatchObject({ kind: 'export', mediaType: 'image/png', widthPx: 100, heightPx: 60 });
    expect(await pixel(capture.bytes, 50, 30)).toEqual({ r: 255, g: 0, b: 0 });

    const before = document.snapshot();
    const { nodeId } = await request('apply', await result(shape.id, capture.sourceKey, await picture(100, 60, blue)));
    const overlay = document.get(nodeId);
    document.settle();
    expect(absoluteBox(document, overlay)).toEqual({ x: 110, y: 70, width: 50, height: 30 });
    expect(document.get(frame.id).childIds.indexOf(nodeId)).toBe(1);
    expect(overlay.name).toBe('Sky · sunglasses · +3');
    expect(editor.selectedIds).toEqual([nodeId]);
    expect(document.get(shape.id)).toEqual(before.find(({ id }) => id === shape.id));
    const seen = await request('capture', { targetId: frame.id, from: 'current' });
    expect(await pixel(seen.bytes, 60, 60)).toEqual(blue);

    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });

  it('is covered upright where what is around it is turned, and taken out of the flow of auto-layout', async () => {
    const document = new FakeDocument();
    const frame = document.add('FRAME', {
      x: 300,
      y: 200,
      width: 200,
      height: 100,
      rotationDegrees: 30,
      settings: { layoutMode: 'HORIZONTAL', itemSpacing: 7 },
    });
    const group = document.add('GROUP', { parent: frame });
    const shape = document.add('RECTANGLE', { parent: frame, width: 40, height: 20 });
    document.remove(group);
    const other = document.add('RECTANGLE', { parent: frame, width: 40, height: 20 });
    const { request } = await start({ document });
    document.settle();
    const [at, place] = [absoluteBox(document, shape), absoluteBox(document, other)];
    const key = `export:40x20`;
    const { nodeId } = await request('apply', await result(shape.id, key));
    document.settle();
    const overlay = absoluteBox(document, document.get(nodeId));
    for (const side of ['x', 'y', 'width', 'height'] as const) expect(overlay[side]).toBeCloseTo(at[side], 6);
    expect(absoluteBox(document, other)).toEqual(place);
  });

  it('is edited again from itself, and restored by taking the overlay away', async () => {
    const document = new FakeDocument();
    const shape = document.add('RECTANGLE', { width: 40, height: 20 });
    const { request } = await start({ document });
    const first = await request('capture', { targetId: shape.id, from: 'current' });
    const { nodeId } = await request('apply', await result(shape.id, first.sourceKey));
    const again = await request('capture', { targetId: nodeId, from: 'original' });
    expect(Buffer.from(again.bytes).equals(Buffer.from(first.bytes))).toBe(true);
    expect(await request('apply', await result(nodeId, again.sourceKey, await picture(80, 40, green)))).toEqual({
      nodeId,
    });
    await request('restore', { targetIds: [nodeId] });
    expect(document.find(nodeId)).toBeUndefined();
  });

  it('says when what an overlay was made from is gone', async () => {
    const document = new FakeDocument();
    const shape = document.add('RECTANGLE', { width: 40, height: 20 });
    const { request } = await start({ document });
    const { nodeId } = await request('apply', await result(shape.id, 'export:40x20'));
    document.remove(document.get(shape.id));
    await expect(request('capture', { targetId: nodeId, from: 'original' })).rejects.toMatchObject({
      code: 'original_gone',
    });
    expect((await request('capture', { targetId: nodeId, from: 'current' })).kind).toBe('fill');
  });

  it('within an instance is covered beside the instance', async () => {
    const document = new FakeDocument();
    const frame = document.add('FRAME', { width: 300, height: 300 });
    const instance = document.add('INSTANCE', { parent: frame, x: 20, y: 30, width: 100, height: 100 });
    const inner = document.add('FRAME', { parent: instance });
    const shape = document.add('VECTOR', {
      parent: inner,
      x: 5,
      y: 6,
      width: 40,
      height: 20,
      fills: [{ type: 'SOLID', color: { r: 1, g: 0, b: 0 } }],
    });
    const { request } = await start({ document });
    const { nodeId } = await request('apply', await result(shape.id, 'export:40x20'));
    expect(document.get(frame.id).childIds).toEqual([instance.id, nodeId]);
    expect(absoluteBox(document, document.get(nodeId))).toEqual({ x: 25, y: 36, width: 40, height: 20 });
  });

  it('is exported with its longer side at 4096 pixels when twice its size would be more', async () => {
    const document = new FakeDocument();
    const wide = document.add('RECTANGLE', { width: 6000, height: 30 });
    const { request } = await start({ document });
    const capture = await request('capture', { targetId: wide.id, from: 'current' });
    expect([capture.widthPx, capture.heightPx]).toEqual([4096, 20]);
  });
});
