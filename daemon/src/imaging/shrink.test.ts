import { describe, expect, it } from 'vitest';
import { pixelImage } from './pixel-image.js';
import { shrinkToSide } from './shrink.js';

const filled = (width: number, height: number, pixel: readonly number[]) =>
  pixelImage(
    width,
    height,
    Uint8Array.from({ length: 4 * width * height }, (_, i) => pixel[i % 4] as number),
  );

describe('shrinkToSide', () => {
  it('leaves a layer alone that is small enough', () => {
    const layer = filled(16, 9, [1, 2, 3, 4]);
    expect(shrinkToSide(layer, 16)).toBe(layer);
  });

  it.each([
    [100, 50, 20, 20, 10],
    [50, 100, 20, 10, 20],
    [1000, 3, 16, 16, 1],
    [1, 4096, 64, 1, 64],
    [101, 67, 33, 33, 22],
  ])('makes %i × %i fit into %i as %i × %i', (width, height, side, wide, high) => {
    const small = shrinkToSide(filled(width, height, [10, 20, 30, 255]), side);
    expect(small).toMatchObject({ width: wide, height: high });
    expect([...small.data.subarray(0, 4)]).toEqual([10, 20, 30, 255]);
    expect(small.data.every((value, i) => value === small.data[i % 4])).toBe(true);
  });

  it('weights colours by alpha, so that hidden colours do not show', () => {
    const layer = pixelImage(2, 1, Uint8Array.from([200, 0, 0, 255, 0, 255, 0, 0]));
    expect([...shrinkToSide(layer, 1).data]).toEqual([200, 0, 0, 128]);
  });

  it('averages each block', () => {
    const layer = pixelImage(4, 1, Uint8Array.from([0, 0, 0, 255, 100, 0, 0, 255, 0, 50, 0, 255, 0, 150, 0, 255]));
    expect([...shrinkToSide(layer, 2).data]).toEqual([50, 0, 0, 255, 0, 100, 0, 255]);
  });
});
