/** A group as the source of an edit: read as the one picture it is, never written into. */
import {
  captureAgain,
  captureLayer,
  commitEdit,
  createPhotoshopPort,
  type PhotoshopPort,
} from '@deltaspace/photoshop-plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composite } from '../fakes/photoshop/composite.js';
import {
  find,
  newLayer,
  type DocumentHeader,
  type DocumentState,
  type LayerState,
} from '../fakes/photoshop/document-state.js';
import { FakePhotoshop } from '../fakes/photoshop/fake-photoshop.js';
import { header, canvas, opaque, paintGlasses, picture, state } from '../fakes/photoshop/scenes.js';

let photoshop: FakePhotoshop;
let port: PhotoshopPort;
beforeEach(() => {
  photoshop = new FakePhotoshop();
  port = createPhotoshopPort(photoshop.modules);
});
afterEach(() => expect(photoshop.images.undisposed).toBe(0));

/** A face under a half transparent shade, a hidden layer above both, in a group that lies over a Background. */
function people(of: DocumentHeader, parts: Partial<LayerState> = {}): DocumentState {
  const brow = { left: 10, top: 12, right: 40, bottom: 24 };
  const shade = newLayer(8, 'shade', { opacity: 128, raster: picture(of, brow, opaque) });
  const hidden = newLayer(9, 'hidden', { isVisible: false, raster: picture(of, canvas, opaque) });
  const inner = newLayer(6, 'inner', { kind: 'group', blendMode: 'passThrough', children: [shade] });
  const face = newLayer(7, 'face', { raster: picture(of, canvas, opaque) });
  const group = newLayer(4, 'people', {
    kind: 'group',
    blendMode: 'passThrough',
    children: [hidden, inner, face],
    ...parts,
  });
  const background = newLayer(2, 'Background', { isBackground: true, raster: picture(of, canvas) });
  return state([newLayer(5, 'above'), group, background], 4);
}

async function editGroup() {
  const capture = await captureLayer(port);
  const edited = paintGlasses(capture);
  return { capture, edited, ...(await commitEdit(port, { capture, edited, name: 'glasses', recipe: '{}' })) };
}

describe.each([8, 16] as const)('a group in a document of %d bit', (depth) => {
  const of = header({ depth });

  it('gets one new pixel layer directly above it, in one step, which undo takes back', async () => {
    const document = photoshop.open(of, people(of));
    const before = document.state;
    const fileBefore = photoshop.save(document);
    const { layerId, isClipped } = await editGroup();
    expect(document.state.layers.map(({ id }) => id)).toEqual([5, layerId, 4, 2]);
    expect(isClipped).toBe(false);
    expect(find(document.state, layerId)!.layer.kind).toBe('pixel');
    const kept = (now: DocumentState): string => JSON.stringify(find(now, 4)!.layer);
    expect(kept(document.state)).toBe(kept(before));
    expect(document.history.map(({ name }) => name)).toEqual(['Open', 'deltaspace: glasses']);
    document.undo();
    expect(document.state).toBe(before);
    expect(Buffer.compare(photoshop.save(document), fileBefore)).toBe(0);
  });

  it('keeps every pixel outside of the edit, and is seen as it looks, without what is hidden in it', async () => {
    const document = photoshop.open(of, people(of));
    const before = composite(of, document.state);
    const { capture, edited } = await editGroup();
    const after = composite(of, document.state);
    let changed = 0;
    for (let pixel = 0; pixel < before.samples.length / 4; pixel++) {
      const isEdited = [0, 1, 2].some((channel) => edited[pixel * 4 + channel] !== capture.rgba[pixel * 4 + channel]);
      for (let channel = 0; channel < 4; channel++) {
        const at = pixel * 4 + channel;
        if (isEdited) changed += Number(after.samples[at] !== before.samples[at]);
        else if (after.samples[at] !== before.samples[at]) throw new Error(`pixel ${pixel} changed`);
        // What was sent is what is seen: the group covers the canvas.
        const seen = Math.round((before.samples[at]! * 255) / (depth === 8 ? 255 : 32_768));
        expect(Math.abs(capture.rgba[at]! - seen)).toBeLessThanOrEqual(1);
      }
    }
    expect(changed).toBeGreaterThan(100);
  });

  it.each([
    ['of 40 percent opacity', { opacity: 102 }],
    ['with a mask', { mask: { bounds: canvas, samples: new Uint8Array(48 * 40).fill(128), outside: 0 as const } }],
    ['that does not cover everything', { children: [newLayer(7, 'face', { raster: picture(of, canvas, () => 0.5) })] }],
  ])('%s gets its edit clipped to it, so that alpha does not grow', async (_, parts) => {
    const content = people(of, parts);
    const document = photoshop.open(of, { ...content, layers: content.layers.slice(0, 2) });
    const before = composite(of, document.state);
    const { isClipped } = await editGroup();
    expect(isClipped).toBe(true);
    const after = composite(of, document.state);
    for (let at = 3; at < before.samples.length; at += 4) expect(after.samples[at]).toBe(before.samples[at]);
  });
});

describe('a group', () => {
  const of = header();

  it('is edited again from all of its layers', async () => {
    photoshop.open(of, people(of));
    const { capture } = await editGroup();
    const again = await captureAgain(port);
    expect(again.capture.layer.id).toBe(4);
    expect(again.capture.rgba).toEqual(capture.rgba);
  });

  it('that Photoshop does not render is refused with words, not as a bug', async () => {
    photoshop.open(of, people(of));
    const { modules } = photoshop;
    const refusing = { ...modules.imaging, getPixels: () => Promise.reject(new Error('layer has no pixels')) };
    const unable = createPhotoshopPort({ ...modules, imaging: refusing });
    await expect(captureLayer(unable)).rejects.toMatchObject({
      code: 'kind_unsupported',
      message: expect.stringContaining('Convert it to a smart object') as string,
    });
  });

  it('may hold layers that blend when it keeps them to itself, which Photoshop renders', () => {
    const shade = newLayer(8, 'shade', { blendMode: 'multiply', raster: picture(of, canvas, opaque) });
    const document = photoshop.open(of, people(of, { blendMode: 'normal', children: [shade] }));
    expect(port.layer(document.id, 4)!.isMixedWithBelow).toBe(false);
    document.changeByUser('Blend', () => people(of, { children: [shade] }));
    expect(port.layer(document.id, 4)!.isMixedWithBelow).toBe(true);
  });
});
