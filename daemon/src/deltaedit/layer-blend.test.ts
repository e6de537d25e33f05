import { describe, expect, it } from 'vitest';
import type { PixelImage } from '../imaging/index.js';
import { betweenLayers, type LayerEnds } from './layer-blend.js';

const side = 2;
const planes = (value: number): Float32Array => new Float32Array(3 * side * side).fill(value);
const grey = (value: number, alpha = 255): PixelImage => ({
  width: side,
  height: side,
  data: Uint8Array.from({ length: 4 * side * side }, (_, i) => (i % 4 === 3 ? alpha : value)),
});
const greys = ({ data }: PixelImage): number[] => [...data].filter((_, i) => i % 4 !== 3);
/** The generator misses the first layer (−1) by 0.2 and the second (0.6) by −0.2. */
const ends: LayerEnds = {
  first: grey(0),
  firstReconstruction: planes(-0.8),
  second: planes(0.6),
  secondReconstruction: planes(0.4),
};

describe('pictures between two layers', () => {
  it('begin with the first layer exactly, although the generator cannot paint it', () => {
    expect(betweenLayers(ends, planes(-0.8), 0, side)).toEqual(ends.first);
  });

  it('end with the second layer as the network sees it', () => {
    // (0.6 + 1) · 127.5 = 204
    expect(greys(betweenLayers(ends, planes(0.4), 1, side))).toEqual(new Array(12).fill(204));
  });

  it('carry half of what either reconstruction misses in the middle', () => {
    // −0.5 decoded, plus half of −1 − (−0.8) = −0.2, plus half of 0.6 − 0.4 = 0.2: −0.5, which is byte 63.75
    expect(greys(betweenLayers(ends, planes(-0.5), 0.5, side))).toEqual(new Array(12).fill(64));
  });

  it('keep the size and the alpha of the first layer', () => {
    const first: PixelImage = { width: 3, height: 1, data: Uint8Array.of(9, 9, 9, 0, 9, 9, 9, 7, 9, 9, 9, 255) };
    const frame = betweenLayers({ ...ends, first }, planes(0.4), 1, side);
    expect([frame.width, frame.height]).toEqual([3, 1]);
    expect([3, 7, 11].map((i) => frame.data[i])).toEqual([0, 7, 255]);
  });
});
