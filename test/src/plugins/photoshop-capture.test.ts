import {
  captureLayer,
  commitEdit,
  createPhotoshopPort,
  LayerError,
  type PhotoshopPort,
} from '@deltaspace/photoshop-plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { find, newLayer, type DocumentHeader, type DocumentState } from '../fakes/photoshop/document-state.js';
import { FakePhotoshop } from '../fakes/photoshop/fake-photoshop.js';
import { cut } from '../fakes/photoshop/samples.js';
import { canvas, header, opaque, paintGlasses, picture, portrait, state } from '../fakes/photoshop/scenes.js';

let photoshop: FakePhotoshop;
let port: PhotoshopPort;
beforeEach(() => {
  photoshop = new FakePhotoshop();
  port = createPhotoshopPort(photoshop.modules);
});
afterEach(() => expect(photoshop.images.undisposed).toBe(0));

async function refusal(of: DocumentHeader, content: DocumentState): Promise<[string, string]> {
  photoshop.open(of, content);
  const error: unknown = await captureLayer(port).catch((reason: unknown) => reason);
  if (!(error instanceof LayerError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return [error.code, error.message];
}

describe('what cannot be edited is refused with words', () => {
  const of = header();
  const of4 = (parts: Parameters<typeof portrait>[1]): DocumentState => portrait(of, parts);
  const outside = { left: -90, top: 0, right: -42, bottom: 40 };

  it('before any work when no document is open', async () => {
    await expect(captureLayer(port)).rejects.toMatchObject({ code: 'no_document' });
    expect(photoshop.modality.scopes).toEqual([]);
  });

  it.each(['cmyk', 'indexed'] as const)('a document in %s mode, before any work', async (mode) => {
    const [code, message] = await refusal(header({ mode }), portrait(of));
    expect(code).toBe('mode_unsupported');
    expect(message).toContain('Image > Mode > RGB Color');
    expect(photoshop.modality.scopes).toEqual([]);
  });

  it.each([
    ['layer_empty', 'has no pixels', of4({ kind: 'group', children: [], raster: undefined })],
    [
      'group_mixed',
      'from Pass Through to Normal',
      of4({
        kind: 'group',
        blendMode: 'passThrough',
        children: [newLayer(8, 'shade', { blendMode: 'multiply', raster: picture(of, canvas, opaque) })],
        raster: undefined,
      }),
    ],
    [
      'group_mixed',
      'from Pass Through to Normal',
      of4({ kind: 'group', blendMode: 'passThrough', children: [newLayer(8, 'c', { kind: 'curves' })] }),
    ],
    ['kind_unsupported', 'an adjustment layer', of4({ kind: 'curves', raster: undefined })],
    ['layer_empty', 'has no pixels', of4({ raster: undefined })],
    ['layer_empty', 'has no pixels', of4({ raster: picture(of, canvas, () => 0) })],
    ['layer_off_canvas', 'outside the canvas', of4({ raster: picture(of, outside, opaque) })],
    ['no_layer', 'No layer is selected', { ...portrait(of), activeIds: [] }],
    ['many_layers', '2 layers are selected', { ...portrait(of), activeIds: [7, 2] }],
    [
      'selection_misses_layer',
      'does not touch',
      {
        ...of4({ raster: picture(of, { ...canvas, right: 20 }, opaque) }),
        selection: { bounds: { left: 30, top: 0, right: 40, bottom: 9 }, samples: new Uint8Array(90).fill(255) },
      },
    ],
  ])('%s: "%s"', async (code, words, content) => {
    const [actualCode, message] = await refusal(of, content);
    expect(actualCode).toBe(code);
    expect(message).toContain(words);
  });

  it('a layer in a locked group', async () => {
    const [above, face, background] = portrait(of).layers;
    const group = newLayer(4, 'people', { kind: 'group', isLocked: true, children: [above!, face!] });
    expect((await refusal(of, state([group, background!], 7)))[0]).toBe('locked_group');
  });
});

describe('a capture', () => {
  it('is sRGB of 8 bit with alpha, whatever the document is', async () => {
    const of = header({ depth: 16, profile: 'Display P3' });
    const same = picture(of, canvas, undefined, header().profile);
    photoshop.open(of, state([newLayer(2, 'Background', { isBackground: true, raster: same })], 2));
    const wide = await captureLayer(port);
    const plain = new FakePhotoshop();
    plain.open(header(), { ...portrait(header()), activeIds: [2] });
    const narrow = await captureLayer(createPhotoshopPort(plain.modules));
    expect(wide.rgba).toHaveLength(48 * 40 * 4);
    // the same picture by another way: a rounding each
    wide.rgba.forEach((value, index) => expect(Math.abs(value - narrow.rgba[index]!)).toBeLessThanOrEqual(1));
    expect(plain.images.undisposed).toBe(0);
  });

  it('has left the modal state when it is there, and changes nothing', async () => {
    const document = photoshop.open(header(), portrait(header()));
    const before = document.state;
    await captureLayer(port);
    expect(photoshop.modality.isModal).toBe(false);
    expect(document.state).toBe(before);
    expect(document.history).toHaveLength(1);
  });

  it('of a document of one pixel is one pixel', async () => {
    const of = header({ width: 1, height: 1 });
    const one = { left: 0, top: 0, right: 1, bottom: 1 };
    const document = photoshop.open(of, state([newLayer(3, 'dot', { raster: picture(of, one, opaque) })], 3));
    const capture = await captureLayer(port);
    expect(capture.size).toEqual({ widthPx: 1, heightPx: 1, factor: 1 });
    const edited = capture.rgba.map((value, index) => (index === 3 ? value : 255 - value));
    const { layerId } = await commitEdit(port, { capture, edited, name: 'inverted', recipe: '{}' });
    expect(find(document.state, layerId)!.layer.raster!.samples).toEqual(edited);
  });
});

describe('a crop that is too large to send', () => {
  const large = { left: 0, top: 0, right: 203, bottom: 151 };
  const limits = { sentPixels: 2000, sentSidePx: 64 };

  it('is reduced by a whole factor, and only the difference comes back at full size', async () => {
    const of = header({ width: 203, height: 151, depth: 16 });
    const document = photoshop.open(of, portrait(of, { raster: picture(of, large, opaque) }));
    const capture = await captureLayer(port, { limits });
    expect(capture.size).toEqual({ widthPx: 51, heightPx: 38, factor: 4 });
    const edited = paintGlasses(capture);
    const { layerId, bounds } = await commitEdit(port, { capture, edited, name: 'glasses', recipe: '{}' });
    const result = find(document.state, layerId)!.layer.raster!;
    expect(result.bounds).toEqual(bounds);
    const own = cut(find(document.state, 7)!.layer.raster!, bounds);
    const width = bounds.right - bounds.left;
    const differenceAt = (x: number, y: number, channel: number): number => {
      const at = ((y - bounds.top) * width + x - bounds.left) * 4 + channel;
      return result.samples[at]! - own[at]!;
    };
    // In the middle of a lens the whole difference, and the detail of every single pixel below it.
    const [x, y] = [Math.round(203 * 0.35), Math.round(151 * 0.45)];
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [3, 2],
    ] as const) {
      expect(differenceAt(x + dx, y + dy, 1)).toBe(Math.round((-50 * 32_768) / 255));
    }
    // On the bridge's edge something between, and outside nothing.
    expect(differenceAt(bounds.left, bounds.top, 0)).toBe(0);
    const column = Array.from({ length: 40 }, (_, index) => differenceAt(x, bounds.top + index, 1));
    expect(new Set(column).size).toBeGreaterThan(3);
    for (let index = 1; index < 12; index++) expect(column[index]!).toBeLessThanOrEqual(column[index - 1]!);
  });

  it('keeps its size when a side alone is too long', async () => {
    const of = header({ width: 400, height: 3 });
    const bounds = { left: 0, top: 0, right: 400, bottom: 3 };
    photoshop.open(of, portrait(of, { raster: picture(of, bounds, opaque) }));
    expect((await captureLayer(port, { limits })).size).toEqual({ widthPx: 58, heightPx: 1, factor: 7 });
  });

  it('averages colour by alpha, so that transparent pixels do not darken it', async () => {
    const of = header({ width: 200, height: 200 });
    const bounds = { left: 0, top: 0, right: 200, bottom: 200 };
    const samples = new Uint8Array(200 * 200 * 4);
    for (let pixel = 0; pixel < 200 * 200; pixel++)
      samples.set(pixel % 2 === 0 ? [200, 100, 50, 255] : [0, 0, 0, 0], pixel * 4);
    photoshop.open(of, portrait(of, { raster: { bounds, components: 4, samples } }));
    const { rgba } = await captureLayer(port, { limits });
    expect([...rgba.subarray(400, 403)]).toEqual([200, 100, 50]);
    expect(rgba[403]).toBeGreaterThan(100);
    expect(rgba[403]).toBeLessThan(160);
  });
});

describe('previews', () => {
  it('are small, and tell their bounds in document pixels although the host counts those of a pyramid level', async () => {
    const of = header({ width: 200, height: 160 });
    const bounds = { left: 8, top: 16, right: 200, bottom: 144 };
    const document = photoshop.open(of, portrait(of, { raster: picture(of, bounds, opaque) }));
    const preview = await port.modal('preview', (scope) =>
      scope.readPreview({ documentId: document.id, layerId: 7, bounds, longestSidePx: 48 }),
    );
    expect(preview!.bounds).toEqual(bounds);
    expect(preview!.samples).toHaveLength(48 * 32 * 4);
  });
});
