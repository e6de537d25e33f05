import { describe, expect, it } from 'vitest';
import type { Planes } from './planes.js';
import { ssimGaussian, ssimUniform, ssimZeroPadded } from './structural-similarity.js';

const variants = { ssimZeroPadded, ssimGaussian, ssimUniform };
const names = Object.keys(variants) as (keyof typeof variants)[];

const painted = (width: number, height: number, level: (x: number, y: number, channel: number) => number): Planes => ({
  channels: 3,
  width,
  height,
  data: Float64Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = i % (width * height);
    return level(pixel % width, Math.floor(pixel / width), Math.floor(i / (width * height)));
  }),
});
const waves = (phase: number) => (x: number, y: number, channel: number) =>
  0.5 + 0.4 * Math.sin(0.9 * x + 0.4 * y + channel + phase);

describe.each(names)('%s', (name) => {
  const ssim = variants[name];

  it('is 1 between an image and itself, less between others', () => {
    const image = painted(24, 16, waves(0));
    expect(ssim(image, image)).toBeCloseTo(1, 12);
    expect(ssim(image, painted(24, 16, waves(1)))).toBeLessThan(0.9);
  });

  it('treats rows and columns alike', () => {
    const upright = ssim(painted(24, 16, waves(0)), painted(24, 16, waves(0.5)));
    const turned = (phase: number) => painted(16, 24, (x, y, channel) => waves(phase)(y, x, channel));
    expect(ssim(turned(0), turned(0.5))).toBeCloseTo(upright, 12);
  });

  it('does not depend on the scale that the range states', () => {
    const [a, b] = [painted(16, 16, waves(0)), painted(16, 16, waves(1))];
    const bytes = (image: Planes): Planes => ({
      ...image,
      data: Float64Array.from(image.data, (value) => 255 * value),
    });
    expect(ssim(bytes(a), bytes(b), 255)).toBeCloseTo(ssim(a, b), 12);
  });

  it('refuses images of different sizes', () => {
    const image = painted(16, 16, waves(0));
    expect(() => ssim(image, painted(16, 17, waves(0)))).toThrow('3×16×16 and 3×17×16');
    expect(() => ssim(image, { ...image, data: [1, 2] })).toThrow('got 2');
  });
});

describe('variants of structural similarity', () => {
  // Without variance only means count: (2ab + C₁)/(a² + b² + C₁).
  const [dark, light] = [0.2, 0.6];
  const expected = (2 * dark * light + 1e-4) / (dark * dark + light * light + 1e-4);
  const flat = (level: number) => painted(20, 20, () => level);

  it.each(['ssimGaussian', 'ssimUniform'] as const)('%s compares plain images by their means', (name) => {
    expect(variants[name](flat(dark), flat(light))).toBeCloseTo(expected, 10);
  });

  it('ssimZeroPadded sees the zeros beyond the border', () => {
    expect(Math.abs(ssimZeroPadded(flat(dark), flat(light)) - expected)).toBeGreaterThan(1e-3);
  });

  it('only ssimZeroPadded takes images smaller than its window', () => {
    const [small, other] = [painted(6, 6, waves(0)), painted(6, 6, waves(1))];
    expect(ssimZeroPadded(small, other)).toBeLessThan(1);
    expect(() => ssimGaussian(small, other)).toThrow('window of 11');
    expect(() => ssimUniform(small, other)).toThrow('window of 7');
  });
});
