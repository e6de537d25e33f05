import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  composeEdit,
  structureChange,
  contactSheet,
  decodeImage,
  defaultImageLimits,
  differenceHeatmap,
  encodePng,
  ImageError,
  pictureOf,
  pixelImage,
  toLayerPlanes,
  toNetworkImage,
  type PixelImage,
} from './index.js';

/** A picture whose pixel (x, y) is `colour(x, y)` as RGBA. */
function painted(width: number, height: number, colour: (x: number, y: number) => readonly number[]): PixelImage {
  const data = Array.from({ length: width * height }, (_, i) => colour(i % width, Math.floor(i / width))).flat();
  return pixelImage(width, height, Uint8Array.from(data));
}
const gradient = painted(37, 23, (x, y) => [x * 6, y * 10, (x * y) % 256, 255]);

const codeOf = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => 'accepted',
    (error: unknown) => {
      if (error instanceof ImageError) return error.code;
      throw error;
    },
  );

describe('decoding', () => {
  it('returns exactly the pixels of a PNG, alpha included', async () => {
    const image = painted(5, 4, (x, y) => [x * 50, y * 60, 7, x === 0 ? 0 : 128]);
    expect(await decodeImage(await encodePng(image))).toEqual(image);
  });

  it('widens grey, palette and 16-bit images to RGBA', async () => {
    const base = sharp(gradient.data, { raw: { width: 37, height: 23, channels: 4 } });
    const grey = await decodeImage(await base.clone().removeAlpha().toColourspace('b-w').png().toBuffer());
    const deep = await decodeImage(await base.clone().toColourspace('rgb16').png().toBuffer());
    expect([grey.data.length, deep.data.length]).toEqual([gradient.data.length, gradient.data.length]);
    expect(grey.data[3]).toBe(255);
    expect(Math.abs((deep.data[4 * 36] as number) - 216)).toBeLessThanOrEqual(1);
  });

  it('applies the EXIF orientation', async () => {
    const jpeg = await sharp(gradient.data, { raw: { width: 37, height: 23, channels: 4 } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const image = await decodeImage(jpeg);
    expect([image.width, image.height]).toEqual([23, 37]);
  });

  // Stored pixel of the shown pixel (x, y); `right` and `bottom` are the last column and row as stored. EXIF 2.3, tag 274.
  const right = 36;
  const bottom = 22;
  const orientations: Record<number, (x: number, y: number) => readonly [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [right - x, y],
    3: (x, y) => [right - x, bottom - y],
    4: (x, y) => [x, bottom - y],
    5: (x, y) => [y, x],
    6: (x, y) => [y, bottom - x],
    7: (x, y) => [right - y, bottom - x],
    8: (x, y) => [right - y, x],
  };
  it.each(Object.entries(orientations))(
    'turns a picture of orientation %s as it is shown',
    async (orientation, stored) => {
      const file = await sharp(gradient.data, { raw: { width: 37, height: 23, channels: 4 } })
        .png()
        .withMetadata({ orientation: Number(orientation) })
        .toBuffer();
      const sideways = Number(orientation) >= 5;
      const shown = painted(sideways ? 23 : 37, sideways ? 37 : 23, (x, y) => {
        const [column, row] = stored(x, y);
        return [...gradient.data.subarray(4 * (row * 37 + column), 4 * (row * 37 + column) + 4)];
      });
      expect(await decodeImage(file)).toEqual(shown);
    },
  );

  it('names what is wrong with bad input', async () => {
    const png = await encodePng(gradient);
    const jpeg = await sharp(gradient.data, { raw: { width: 37, height: 23, channels: 4 } })
      .jpeg()
      .toBuffer();
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    expect(await codeOf(decodeImage(new Uint8Array()))).toBe('image_empty');
    expect(await codeOf(decodeImage(new TextEncoder().encode('this is a letter, not a picture')))).toBe(
      'image_format_unknown',
    );
    expect(await codeOf(decodeImage(svg))).toBe('image_format_unknown');
    expect(await codeOf(decodeImage(png.subarray(0, png.length / 2)))).toBe('image_damaged');
    expect(await codeOf(decodeImage(png.subarray(0, 12)))).toBe('image_damaged');
    expect(await codeOf(decodeImage(jpeg.subarray(0, jpeg.length / 2)))).toBe('image_damaged');
    expect(await codeOf(decodeImage(png, { ...defaultImageLimits, maxPixels: 100 }))).toBe('image_too_large');
    expect(await codeOf(decodeImage(png, { ...defaultImageLimits, maxBytes: 100 }))).toBe('image_too_large');
  });

  it('refuses a header that announces a gigantic picture without allocating it', async () => {
    const png = await encodePng(gradient);
    new DataView(png.buffer, png.byteOffset).setUint32(16, 100_000);
    expect(['image_too_large', 'image_damaged']).toContain(await codeOf(decodeImage(png)));
  });

  it('refuses raw pixels that do not fit their size', () => {
    expect(() => pixelImage(2, 2, new Uint8Array(15))).toThrow(ImageError);
    expect(() => pixelImage(0, 2, new Uint8Array(0))).toThrow(ImageError);
    expect(() => pixelImage(1e5, 1e5, new Uint8Array(0))).toThrow(ImageError);
  });
});

describe('network images', () => {
  it('keeps a picture of the network’s own size exactly', () => {
    const square = painted(16, 16, (x, y) => [x * 16, y * 16, 3, 255]);
    expect(pictureOf(toNetworkImage(square, 16), 16)).toEqual(square);
  });

  it('averages areas when shrinking', () => {
    const checks = painted(64, 64, (x, y) => ((x + y) % 2 === 0 ? [255, 255, 255, 255] : [0, 0, 0, 255]));
    expect(toNetworkImage(checks, 16).every((value) => Math.abs(value) < 1e-5)).toBe(true);
  });

  it('centres a wide layer and repeats its border', () => {
    const wide = painted(8, 4, (_, y) => (y < 2 ? [255, 0, 0, 255] : [0, 0, 255, 255]));
    const { data } = pictureOf(toNetworkImage(wide, 8), 8);
    expect([...data.subarray(0, 4)]).toEqual([255, 0, 0, 255]);
    expect([...data.subarray(4 * 8 * 7, 4 * 8 * 7 + 4)]).toEqual([0, 0, 255, 255]);
    expect([...data.subarray(4 * 8 * 3, 4 * 8 * 3 + 4)]).toEqual([255, 0, 0, 255]);
    expect([...data.subarray(4 * 8 * 4, 4 * 8 * 4 + 4)]).toEqual([0, 0, 255, 255]);
  });

  it('sees transparency as white', () => {
    const clear = painted(8, 8, () => [10, 20, 30, 0]);
    expect([...toNetworkImage(clear, 4)].every((value) => value === 1)).toBe(true);
  });

  it.each([
    [200, 120],
    [9, 30],
    [1, 1],
  ])('brings a constant back unchanged at %i×%i', (width, height) => {
    const planes = toLayerPlanes(new Float32Array(3 * 16 * 16).fill(0.25), 16, { width, height });
    expect(planes).toHaveLength(3 * width * height);
    expect(planes.every((value) => Math.abs(value - 0.25) < 1e-5)).toBe(true);
  });
});

describe('composing an edit', () => {
  const side = 16;
  const flat = (value: number): Float32Array => new Float32Array(3 * side * side).fill(value);

  it('returns the layer itself when nothing was edited', () => {
    expect(composeEdit(gradient, flat(0.3), flat(0.3), side)).toEqual(gradient);
  });

  it('adds the difference, clamps, and keeps alpha and hidden colours', () => {
    const layer = painted(40, 20, (x) => [x < 20 ? 100 : 250, 5, 100, x % 2 === 0 ? 0 : 90]);
    const { data } = composeEdit(layer, flat(0.2), flat(-0.2), side);
    const expected = layer.data.map((value, i) => {
      const hidden = layer.data[i - (i % 4) + 3] === 0;
      return hidden || i % 4 === 3 ? value : Math.min(255, value + 51);
    });
    expect(data).toEqual(expected);
  });

  it('changes only the neighbourhood of a local difference', () => {
    const edit = flat(0);
    edit[5 * side + 5] = 1;
    const { data } = composeEdit(gradient, edit, flat(0), side);
    const changed = [...data].flatMap((value, i) => (value === gradient.data[i] ? [] : [i >> 2]));
    expect(changed.length).toBeGreaterThan(0);
    // Pixel 5 lies near (12, 5) of the 37×23 layer; filter and reach of a structure change span a few network pixels.
    expect(changed.every((i) => i % 37 < 25 && Math.floor(i / 37) < 17)).toBe(true);
  });

  const stripes = painted(64, 64, (x) => (x % 2 === 0 ? [90, 90, 90, 255] : [110, 110, 110, 255]));
  const contrastAt = (data: Uint8Array, x: number, y: number): number =>
    Math.abs((data[4 * (64 * y + x)] as number) - (data[4 * (64 * y + x + 1)] as number));

  it('keeps the fine detail of the layer under a change of colour', () => {
    const { data } = composeEdit(stripes, flat(0.3), flat(0), side);
    expect(contrastAt(data, 32, 32)).toBe(20);
  });

  it('hides the fine detail of the layer where the structure changes, and only there', () => {
    const edit = flat(0);
    for (let channel = 0; channel < 3; channel++)
      for (let y = 6; y < 10; y++)
        for (let x = 6; x < 10; x++) edit[channel * side * side + y * side + x] = (x + y) % 2 === 0 ? 1 : -1;
    const { data } = composeEdit(stripes, edit, flat(0), side);
    const smooth = toLayerPlanes(edit, side, stripes);
    expect(data[4 * (64 * 32 + 32)]).toBe(Math.min(255, Math.round(127.5 * ((smooth[64 * 32 + 32] as number) + 1))));
    expect(contrastAt(data, 2, 2)).toBe(20);
  });

  it('composes a layer of several bands without seams', () => {
    const tall = painted(300, 2000, (x, y) => [(x * 3) % 256, (y * 5) % 256, (x + y) % 256, 255]);
    const edit = flat(0).map((_, i) => Math.sin(i / 9));
    const whole = composeEdit(tall, edit, flat(0), side);
    const planes = toLayerPlanes(edit, side, tall);
    // Far from any change of structure the difference is added; this edit changes structure everywhere, so it replaces.
    const pixel = 300 * 1500 + 150;
    expect(Math.abs((whole.data[4 * pixel] as number) - 127.5 * ((planes[pixel] as number) + 1))).toBeLessThanOrEqual(
      1,
    );
  });

  it('finds no change of structure in a constant difference, and a full one across a hard edge', () => {
    expect(structureChange(flat(0.7), side).every((value) => value === 0)).toBe(true);
    const edge = flat(0).map((_, i) => (i % side < side / 2 ? 0 : 1));
    const mask = structureChange(edge, side);
    expect(mask[8 * side + 7]).toBe(1);
    expect(mask[8 * side]).toBe(0);
    expect(mask).toHaveLength(side * side);
  });
});

describe('reports', () => {
  it('heats what changed, on a fixed scale', () => {
    const after = painted(37, 23, (x, y) => [x * 6, y * 10, x === 3 ? 0 : (x * y) % 256, 255]);
    const { data } = differenceHeatmap(gradient, after);
    expect([...data.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
    const i = 4 * (20 * 37 + 3); // 60 grey levels in one channel: mean 20 of 128
    expect(data[i]).toBe(Math.round((255 * 3 * 20) / 128));
    expect(() =>
      differenceHeatmap(
        gradient,
        painted(1, 1, () => [0, 0, 0, 0]),
      ),
    ).toThrow();
  });

  it('lays pictures out in a grid', () => {
    const red = painted(2, 2, () => [255, 0, 0, 255]);
    const sheet = contactSheet([[red, null], [red]], { cell: 8, gap: 2, background: 9 });
    expect([sheet.width, sheet.height]).toEqual([18, 18]);
    expect([...sheet.data.subarray(0, 4)]).toEqual([255, 0, 0, 255]);
    expect([...sheet.data.subarray(4 * 9, 4 * 9 + 4)]).toEqual([9, 9, 9, 255]);
  });
});
