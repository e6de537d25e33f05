import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createPhotoshopPort, runEdit } from '@deltaspace/photoshop-plugin';
import { ImageMagick, initializeImageMagick, MagickFormat, MagickImageCollection } from '@imagemagick/magick-wasm';
import WebtoonPsd from '@webtoon/psd';
import { readPsd } from 'ag-psd';
import { beforeAll, describe, expect, it } from 'vitest';
import { newLayer, type DocumentHeader } from '../fakes/photoshop/document-state.js';
import { FakePhotoshop } from '../fakes/photoshop/fake-photoshop.js';
import { readPsdFile } from '../fakes/photoshop/psd-reader.js';
import { writePsd } from '../fakes/photoshop/psd-writer.js';
import { canvas, header, opaque, paintGlasses, picture, portrait, state } from '../fakes/photoshop/scenes.js';

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('@imagemagick/magick-wasm/magick.wasm');
  await initializeImageMagick(await readFile(wasm));
});

/** What is used of @webtoon/psd: its own types do not resolve under Node's rules for modules. */
interface WebtoonReader {
  parse(file: ArrayBufferLike): {
    readonly width: number;
    readonly height: number;
    readonly depth: number;
    readonly layers: readonly {
      readonly name: string;
      composite(effects: boolean, opacity: boolean): Promise<Uint8ClampedArray>;
    }[];
  };
}

const webtoon = WebtoonPsd as unknown as WebtoonReader;

/** A document with a group, a mask, a clipped layer, an offset and a name that is no ASCII, and an edit on top. */
async function editedFile(of: DocumentHeader): Promise<Uint8Array> {
  const photoshop = new FakePhotoshop();
  const [, face, background] = portrait(of).layers;
  const small = { left: -4, top: 5, right: 17, bottom: 21 };
  const mask = { bounds: small, samples: new Uint8Array(21 * 16).map((_, index) => index % 251), outside: 0 as const };
  const badge = newLayer(5, 'Plakette ☂', { raster: picture(of, small, () => 0.7), mask, opacity: 200 });
  const group = newLayer(4, 'people', { kind: 'group', children: [badge, face!] });
  const document = photoshop.open(of, state([group, background!], 7));
  const edit = (capture: Parameters<typeof paintGlasses>[0]) =>
    Promise.resolve({ edited: paintGlasses(capture), name: 'sunglasses +1.0' });
  await runEdit(createPhotoshopPort(photoshop.modules), edit, '{}');
  expect(photoshop.images.undisposed).toBe(0);
  return photoshop.save(document);
}

const names = ['Background', 'face', 'sunglasses +1.0', 'Plakette ☂'];

describe.each([{ depth: 8 }, { depth: 16 }, { depth: 8, mode: 'grayscale', profile: 'Gray Gamma 2.2' }] as const)(
  'an edited PSD of %o',
  (format) => {
    const of = header(format);

    it('is what ag-psd reads, pixel for pixel', async () => {
      const file = await editedFile(of);
      const { header: read, state: content } = readPsdFile(file, 'portrait.psd');
      expect(read).toEqual(of);
      expect(Buffer.compare(writePsd(read, content), file)).toBe(0);
    });

    it('is opened by ImageMagick with the same layers', async () => {
      const file = await editedFile(of);
      const images = MagickImageCollection.create(file);
      try {
        // The first is the composite; groups have no pixels and may be left out.
        const labels = images.slice(1).map((image) => image.label ?? '');
        // It reads the short form of names, which is ASCII.
        for (const name of names.map((text) => text.replace('☂', '?')))
          expect(labels.filter((label) => label === name)).toHaveLength(1);
        expect([images[0]!.width, images[0]!.height, images[0]!.depth]).toEqual([48, 40, of.depth]);
        expect(images[0]!.getColorProfile()?.description ?? '').toBe(of.profile);
      } finally {
        images.dispose();
      }
    });
  },
);

// @webtoon/psd reads no more than 8 bit.
describe.each([{ depth: 8 }, { depth: 8, mode: 'grayscale', profile: 'Gray Gamma 2.2' }] as const)(
  'an edited PSD of %o',
  (format) => {
    const of = header(format);

    it('is opened by @webtoon/psd with the same layers', async () => {
      const psd = webtoon.parse((await editedFile(of)).buffer);
      expect([psd.width, psd.height, psd.depth]).toEqual([48, 40, of.depth]);
      const seen = psd.layers.map(({ name }) => name);
      expect(seen.toSorted()).toEqual(names.toSorted());
      const face = psd.layers.find(({ name }) => name === 'face')!;
      const pixels = await face.composite(false, false);
      const expected = picture(header(), canvas, opaque).samples;
      if (of.mode === 'rgb')
        pixels.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(1));
      expect(pixels).toHaveLength(48 * 40 * 4);
    });
  },
);

describe.each([{ depth: 32 }, { depth: 16, mode: 'lab', profile: '' }] as const)('an edited PSD of %o', (format) => {
  it('is opened by ImageMagick', async () => {
    const file = await editedFile(header(format));
    const size = ImageMagick.read(file, MagickFormat.Psd, (image) => [image.width, image.height]);
    expect(size).toEqual([48, 40]);
  });
});

describe('a PSD of 32 bit', () => {
  it('is read by ag-psd with the very floats', async () => {
    const psd = readPsd(await editedFile(header({ depth: 32 })), { useImageData: true });
    const [background] = psd.children!;
    const data = background!.imageData!.data as unknown as Float32Array;
    const expected = picture(header({ depth: 32 }), canvas).samples;
    for (let pixel = 0; pixel < 48 * 40; pixel++) expect(data[pixel * 4]).toBe(expected[pixel * 3]);
  });
});
