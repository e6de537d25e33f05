import { describe, expect, it } from 'vitest';
import { meanSquaredPixelError, psnr, ssim } from './image-metrics.js';

const side = 24;
const noise = (seed: number): Float32Array => {
  let state = seed;
  return Float32Array.from({ length: 3 * side * side }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
};

describe('pixel metrics', () => {
  it('finds no error between an image and itself', () => {
    const image = noise(1);
    expect(psnr(image, image)).toBe(100);
    expect(ssim(image, image, side)).toBeCloseTo(1, 12);
  });

  it('takes errors on [0, 1] after clamping', () => {
    const [black, grey] = [new Float32Array(12).fill(-3), new Float32Array(12).fill(0)];
    expect(meanSquaredPixelError(black, grey)).toBeCloseTo(0.25, 12);
    expect(psnr(black, grey)).toBeCloseTo(6.0206, 4);
  });

  it('falls with more noise, in both metrics', () => {
    const [image, other] = [noise(1), noise(2)];
    const mix = (amount: number) => image.map((value, i) => value * (1 - amount) + amount * (other[i] ?? 0));
    expect(psnr(image, mix(0.1))).toBeGreaterThan(psnr(image, mix(0.3)));
    expect(ssim(image, mix(0.1), side)).toBeGreaterThan(ssim(image, mix(0.3), side));
    expect(ssim(image, other, side)).toBeLessThan(0.3);
  });

  it('refuses images of different sizes', () => {
    expect(() => psnr(new Float32Array(3), new Float32Array(6))).toThrow('3 and 6');
    expect(() => ssim(new Float32Array(3), new Float32Array(3), side)).toThrow(`3×${side}×${side}`);
  });
});
