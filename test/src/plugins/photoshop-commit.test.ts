import {
  captureLayer,
  commitEdit,
  createPhotoshopPort,
  readRecipes,
  type CommitResult,
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
import type { OpenDocument } from '../fakes/photoshop/open-document.js';
import { cut, widthOf, type Samples } from '../fakes/photoshop/samples.js';
import { canvas, header, paintGlasses, picture, portrait, state } from '../fakes/photoshop/scenes.js';

let photoshop: FakePhotoshop;
beforeEach(() => (photoshop = new FakePhotoshop()));
afterEach(() => expect(photoshop.images.undisposed).toBe(0));

const recipe = '{"target":"face with sunglasses","strength":1}';

async function editWithGlasses(): Promise<CommitResult> {
  const port = createPhotoshopPort(photoshop.modules);
  const capture = await captureLayer(port);
  return commitEdit(port, { capture, edited: paintGlasses(capture), name: 'sunglasses +1.0', recipe });
}

function open(of: DocumentHeader, content: DocumentState): OpenDocument {
  return photoshop.open(of, content);
}

const bytesOf = (samples: Samples): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

const layer = (document: OpenDocument, id: number): LayerState => find(document.state, id)!.layer;

const formats: readonly Partial<DocumentHeader>[] = [
  { depth: 8 },
  { depth: 16 },
  { depth: 32 },
  { depth: 8, profile: 'Adobe RGB (1998)' },
  { depth: 16, profile: 'Adobe RGB (1998)' },
  { depth: 16, profile: 'Display P3' },
  { depth: 32, profile: 'Display P3' },
  { depth: 8, mode: 'grayscale', profile: 'Gray Gamma 2.2' },
  { depth: 16, mode: 'grayscale', profile: 'Gray Gamma 2.2' },
  { depth: 8, mode: 'lab', profile: '' },
  { depth: 16, mode: 'lab', profile: '' },
];

describe.each(formats)('an edit of a document of %o', (format) => {
  const of = header(format);

  it('is one new layer directly above the source, in one step, which undo takes back', async () => {
    const document = open(of, portrait(of));
    const before = document.state;
    const fileBefore = photoshop.save(document);
    const { layerId } = await editWithGlasses();
    expect(document.state.layers.map(({ id }) => id)).toEqual([9, layerId, 7, 2]);
    expect(document.state.activeIds).toEqual([layerId]);
    expect(layer(document, layerId).name).toBe('sunglasses +1.0');
    expect(layer(document, 7)).toBe(find(before, 7)!.layer);
    expect(layer(document, 2)).toBe(find(before, 2)!.layer);
    expect(document.history.map(({ name }) => name)).toEqual(['Open', 'deltaspace: sunglasses +1.0']);
    document.undo();
    expect(document.state).toBe(before);
    expect(Buffer.compare(photoshop.save(document), fileBefore)).toBe(0);
  });

  it('leaves every pixel outside of it bit by bit, on the new layer and in the picture', async () => {
    const document = open(of, portrait(of));
    const before = composite(of, document.state);
    const port = createPhotoshopPort(photoshop.modules);
    const capture = await captureLayer(port);
    const edited = paintGlasses(capture);
    const { layerId } = await commitEdit(port, { capture, edited, name: 'sunglasses +1.0', recipe });
    const after = composite(of, document.state);
    const result = layer(document, layerId).raster!;
    const own = cut(layer(document, 7).raster!, result.bounds);
    const isEdited = (x: number, y: number): boolean => {
      const at = (y * widthOf(canvas) + x) * 4;
      return [0, 1, 2].some((channel) => edited[at + channel] !== capture.rgba[at + channel]);
    };
    const counts = { edited: 0, kept: 0 };
    for (let pixel = 0; pixel < own.length / result.components; pixel++) {
      const x = (pixel % widthOf(result.bounds)) + result.bounds.left;
      const y = Math.floor(pixel / widthOf(result.bounds)) + result.bounds.top;
      const range = [pixel * result.components, (pixel + 1) * result.components] as const;
      const isEqual = Buffer.compare(bytesOf(own.subarray(...range)), bytesOf(result.samples.subarray(...range))) === 0;
      expect(isEqual, `pixel ${x}, ${y}`).toBe(!isEdited(x, y));
      counts[isEdited(x, y) ? 'edited' : 'kept']++;
    }
    expect(counts.edited).toBeGreaterThan(60);
    expect(counts.kept).toBeGreaterThan(100);
    before.samples.forEach((sample, index) => {
      const pixel = Math.floor(index / before.components);
      const [x, y] = [pixel % widthOf(canvas), Math.floor(pixel / widthOf(canvas))];
      if (!isEdited(x, y) && after.samples[index] !== sample) throw new Error(`pixel ${x}, ${y} changed`);
    });
  });

  it('shows what the daemon painted, when the picture is read back as the daemon would see it', async () => {
    open(of, portrait(of));
    const port = createPhotoshopPort(photoshop.modules);
    const capture = await captureLayer(port);
    const edited = paintGlasses(capture);
    const result = await commitEdit(port, { capture, edited, name: 'sunglasses +1.0', recipe });
    const again = await captureLayer(port);
    const { left, top } = { left: result.bounds.left, top: result.bounds.top };
    let worst = 0;
    for (let y = 0; y < again.size.heightPx; y++) {
      for (let x = 0; x < again.size.widthPx; x++) {
        const at = (y * again.size.widthPx + x) * 4;
        const from = ((y + again.bounds.top) * capture.size.widthPx + x + again.bounds.left) * 4;
        for (let channel = 0; channel < 3; channel++) {
          // Gray cannot show a shift of hue: its lightness is compared where all channels moved alike, within the shift.
          const difference = Math.abs(again.rgba[at + channel]! - edited[from + channel]!);
          worst = Math.max(worst, difference);
        }
      }
    }
    expect(again.bounds).toMatchObject({ left, top });
    // 8-bit Adobe RGB and Lab are coarser than sRGB in places: two roundings of theirs. Gray follows the mean of the three shifts.
    const tolerance = of.mode === 'grayscale' ? 20 : of.depth === 8 && of.profile !== header().profile ? 3 : 1;
    expect(worst).toBeLessThanOrEqual(tolerance);
  });
});

describe('the mask of an edit', () => {
  it('shows all of the change, fades outside of it, and hides everything beyond its bounds', async () => {
    const document = open(header(), portrait(header()));
    const port = createPhotoshopPort(photoshop.modules);
    const capture = await captureLayer(port);
    const edited = paintGlasses(capture);
    const { layerId, bounds } = await commitEdit(port, { capture, edited, name: 'sunglasses +1.0', recipe });
    const mask = layer(document, layerId).mask!;
    expect(mask.outside).toBe(0);
    expect(mask.bounds).toEqual(bounds);
    const shown = new Set<number>();
    mask.samples.forEach((value, index) => {
      const [x, y] = [(index % widthOf(bounds)) + bounds.left, Math.floor(index / widthOf(bounds)) + bounds.top];
      const at = (y * capture.size.widthPx + x) * 4;
      if (edited[at] !== capture.rgba[at]) expect(value).toBe(255);
      shown.add(value);
    });
    expect(shown.size).toBeGreaterThan(5);
    expect(shown.has(0)).toBe(true);
  });
});

describe('a source that does not simply cover what is below', () => {
  const of = header();
  const half = { raster: picture(of, canvas, (x) => (x < 20 ? 0.5 : 1)) };
  it.each([
    ['half transparent', half],
    ['of 40 percent opacity', { opacity: 102 }],
    ['that multiplies', { blendMode: 'multiply' }],
    ['with a mask', { mask: { bounds: canvas, samples: new Uint8Array(48 * 40).fill(128), outside: 0 as const } }],
  ])('%s gets its edit clipped to it, so that alpha does not grow', async (_, parts) => {
    const document = open(of, { ...portrait(of, parts), layers: portrait(of, parts).layers.slice(0, 2) });
    const before = composite(of, document.state);
    const { layerId, isClipped } = await editWithGlasses();
    expect(isClipped).toBe(true);
    expect(layer(document, layerId).isClipped).toBe(true);
    const after = composite(of, document.state);
    for (let at = 3; at < before.samples.length; at += 4) expect(after.samples[at]).toBe(before.samples[at]);
  });

  it('is part of a clipping group, whose base stays the base', async () => {
    const clipped = newLayer(8, 'shade', { isClipped: true, raster: picture(of, canvas, () => 0.2) });
    const content = portrait(of);
    const document = open(of, { ...content, layers: [clipped, ...content.layers.slice(1)] });
    const { layerId } = await editWithGlasses();
    expect(document.state.layers.map(({ id, isClipped }) => [id, isClipped])).toEqual([
      [8, true],
      [layerId, true],
      [7, false],
      [2, false],
    ]);
  });

  it('is opaque and plain otherwise: then nothing is clipped', async () => {
    open(of, portrait(of));
    expect((await editWithGlasses()).isClipped).toBe(false);
  });
});

describe.each(formats.filter(({ mode }) => mode !== undefined))(
  'a transparent layer of %o, of which Photoshop gives pixels without alpha',
  (format) => {
    const of = header(format);

    it('gets the same edit as where it gives alpha', async () => {
      const alphaAt = (x: number, y: number): number => (x >= 8 && y < 17 ? 0 : x > 24 ? 0.5 : 1);
      const content = portrait(of, { raster: picture(of, canvas, alphaAt) });
      const expected = open(of, content);
      const first = await editWithGlasses();
      photoshop.leavesOutAlpha = true;
      const document = open(of, content);
      const second = await editWithGlasses();
      expect(second).toEqual(first);
      expect(layer(document, second.layerId)).toEqual(layer(expected, first.layerId));
    });
  },
);

describe('places where a source can be', () => {
  it('is the Background, which has no alpha: the layer above it has', async () => {
    const of = header({ depth: 16 });
    const document = open(of, { ...portrait(of), activeIds: [2] });
    const { layerId } = await editWithGlasses();
    expect(document.state.layers.map(({ id }) => id)).toEqual([9, 7, layerId, 2]);
    const { components, samples } = layer(document, layerId).raster!;
    expect(components).toBe(4);
    for (let at = 3; at < samples.length; at += 4) expect(samples[at]).toBe(32_768);
  });

  it('is inside a group, where the new layer goes too', async () => {
    const of = header();
    const [above, face, background] = portrait(of).layers;
    const group = newLayer(4, 'people', { kind: 'group', children: [above!, face!] });
    const document = open(of, state([group, background!], 7));
    const { layerId } = await editWithGlasses();
    expect(document.state.layers[0]!.children!.map(({ id }) => id)).toEqual([9, layerId, 7]);
  });

  it('begins outside the canvas and is trimmed by transparency', async () => {
    const of = header();
    const bounds = { left: -13, top: -7, right: 31, bottom: 29 };
    const framed = (x: number, y: number): number => (x < 3 || y < 2 || x > 40 ? 0 : 1);
    const document = open(of, portrait(of, { raster: picture(of, bounds, framed) }));
    const port = createPhotoshopPort(photoshop.modules);
    const capture = await captureLayer(port);
    expect(capture.bounds).toEqual({ left: -10, top: -5, right: 28, bottom: 29 });
    const { layerId } = await commitEdit(port, { capture, edited: paintGlasses(capture), name: 'glasses', recipe });
    const result = layer(document, layerId).raster!;
    const own = cut(layer(document, 7).raster!, result.bounds);
    expect(result.bounds.left).toBeGreaterThanOrEqual(-10);
    const lens =
      Math.round(0.45 * 34 - 5 - result.bounds.top) * widthOf(result.bounds) +
      Math.round(0.35 * 38 - 10 - result.bounds.left);
    expect(result.samples[lens * 4]).toBe(own[lens * 4]! - 40);
  });

  it('is locked: it is only read', async () => {
    const of = header();
    const document = open(of, portrait(of, { isLocked: true }));
    const { layerId } = await editWithGlasses();
    expect(layer(document, layerId).isLocked).toBe(false);
  });

  it.each(['smartObject', 'text', 'solidColor'] as const)('is of the kind %s: its pixels are read', async (kind) => {
    const of = header();
    const document = open(of, portrait(of, { kind }));
    const { layerId } = await editWithGlasses();
    expect(layer(document, layerId).kind).toBe('pixel');
    expect(layer(document, 7).kind).toBe(kind);
  });
});

describe('a selection', () => {
  it('limits what is read, and its soft edge what is changed', async () => {
    const of = header();
    const bounds = { left: 6, top: 8, right: 30, bottom: 30 };
    const samples = Uint8Array.from({ length: 24 * 22 }, (_, index) => (index % 24 < 12 ? 255 : 51));
    const document = open(of, { ...portrait(of), selection: { bounds, samples } });
    const port = createPhotoshopPort(photoshop.modules);
    const capture = await captureLayer(port);
    expect(capture.bounds).toEqual(bounds);
    const edited = capture.rgba.map((value, index) => (index % 4 === 3 ? value : Math.max(0, value - 20)));
    const { layerId } = await commitEdit(port, { capture, edited, name: 'darker', recipe });
    const result = layer(document, layerId).raster!;
    const own = cut(layer(document, 7).raster!, result.bounds);
    const shiftAt = (x: number): number => own[(10 * 24 + x) * 4]! - result.samples[(10 * 24 + x) * 4]!;
    expect(shiftAt(3)).toBe(20);
    expect(shiftAt(20)).toBe(4); // a fifth is selected
  });
});

describe('recipes', () => {
  it('are stored in the metadata of the document, beside what others have there', async () => {
    const of = header();
    const xmp =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/psd"/></rdf:RDF></x:xmpmeta>';
    const document = open(of, { ...portrait(of), xmp });
    const { layerId, notes } = await editWithGlasses();
    expect(notes).toEqual([]);
    expect(document.state.xmp).toContain('dc:format="image/psd"');
    expect(readRecipes(document.state.xmp)).toEqual([
      { layerId, layerName: 'sunglasses +1.0', sourceId: 7, sourceName: 'face', edit: recipe },
    ]);
  });

  it('are left out, and the person told, when the metadata is not what it should be', async () => {
    const document = open(header(), { ...portrait(header()), xmp: '<broken' });
    expect((await editWithGlasses()).notes).toHaveLength(1);
    expect(document.state.xmp).toBe('<broken');
  });
});
