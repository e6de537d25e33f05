import { describe, expect, it } from 'vitest';
import { pixelImage, type PixelImage } from './pixel-image.js';
import { cropRegion, isInside, pasteRegion } from './region.js';
import { findSubjects } from './subjects.js';

type Disc = readonly [x: number, y: number, radius: number];

/** Red discs on a background. */
function board(width: number, height: number, background: readonly number[], discs: readonly Disc[]): PixelImage {
  const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => background[i % 4] as number);
  for (const [cx, cy, radius] of discs)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if ((x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2) data.set([200, 30, 30, 255], 4 * (y * width + x));
  return pixelImage(width, height, data);
}

const clear = [0, 0, 0, 0];
const white = [255, 255, 255, 255];

describe('findSubjects', () => {
  it.each([
    ['alpha', clear],
    ['backdrop', white],
  ] as const)('finds discs by %s, in reading order, as tight squares', (separation, background) => {
    const discs: Disc[] = [[300, 310, 60], [100, 100, 50], [320, 110, 70]]; // prettier-ignore
    const found = findSubjects(board(400, 400, background, discs), 8);
    expect(found.separation).toBe(separation);
    expect(found.regions).toHaveLength(3);
    [discs[1], discs[2], discs[0]].forEach((disc, i) => {
      const [x, y, radius] = disc as Disc;
      const region = found.regions[i]!;
      expect(region.width).toBe(region.height);
      expect(Math.abs(region.width - (2 * radius + 1))).toBeLessThanOrEqual(1);
      expect(region.x).toBeLessThanOrEqual(x - radius);
      expect(region.x + region.width).toBeGreaterThanOrEqual(Math.min(400, x + radius));
      expect(Math.abs(region.y + region.height / 2 - y)).toBeLessThan(15);
    });
  });

  it('takes parts that nearly touch for one subject, and leaves specks out', () => {
    const near: Disc[] = [[100, 100, 40], [100, 55, 2], [250, 250, 3]]; // prettier-ignore
    expect(findSubjects(board(300, 300, white, near), 8).regions).toHaveLength(1);
  });

  it('takes a layer without a background for one subject', () => {
    const noise = pixelImage(
      40,
      30,
      Uint8Array.from({ length: 4800 }, (_, i) => (i % 4 === 3 ? 255 : (i * 97) % 256)),
    );
    const whole = { separation: 'whole', regions: [{ x: 0, y: 0, width: 40, height: 30 }] };
    expect(findSubjects(noise, 8)).toEqual(whole);
  });

  it.each([clear, white])('takes an empty layer for one subject', (...background) => {
    expect(findSubjects(board(50, 20, background, []), 8).separation).toBe('whole');
  });

  it('keeps the largest when there are too many, and stays inside layers of any form', () => {
    const row: Disc[] = [[30, 10, 5], [90, 10, 9], [150, 10, 7]]; // prettier-ignore
    const layer = board(200, 20, clear, row);
    const { regions } = findSubjects(layer, 2);
    expect(regions).toHaveLength(2);
    expect(regions.every((region) => isInside(region, layer))).toBe(true);
    expect(regions[0]!.x).toBeGreaterThan(60);
  });
});

describe('a region', () => {
  const layer = board(64, 48, [10, 20, 30, 128], []);
  const region = { x: 16, y: 0, width: 32, height: 32 };

  it('comes back as it was when nothing was edited', () => {
    expect(pasteRegion(layer, cropRegion(layer, region), region)).toEqual(layer);
  });

  it('is pasted with a fading border where the layer goes on, whole where it ends, alpha untouched', () => {
    const edited = board(32, 32, [210, 220, 230, 255], []);
    const { data } = pasteRegion(layer, edited, region);
    const red = (x: number, y: number): number => data[4 * (64 * y + x)] as number;
    expect(red(32, 16)).toBe(210);
    expect(red(32, 0)).toBe(210); // the layer's own border
    expect(red(16, 16)).toBeGreaterThan(10);
    expect(red(16, 16)).toBeLessThan(100);
    expect(red(15, 16)).toBe(10);
    expect(red(32, 32)).toBe(10);
    expect(data.every((value, i) => i % 4 !== 3 || value === 128)).toBe(true);
  });

  it('must lie inside the layer', () => {
    expect(() => cropRegion(layer, { ...region, x: 33 })).toThrow(/inside 64 × 48/);
  });
});
