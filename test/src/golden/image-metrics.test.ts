/** Pixel metrics of evaluations against values from the reference implementations (case 09). */
import { psnr, ssim } from '@deltaspace/daemon';
import { describe, expect, it } from 'vitest';
import { goldenCase } from './golden-files.js';

const fixtures = goldenCase('09_metrics');

describe.skipIf(fixtures === null)('image metrics (fixtures 09_metrics)', () => {
  if (fixtures === null) return;
  const expected = fixtures.json('image_metrics.json') as { psnr: number[]; ssim_zero_pad: number[] };
  const [a, b] = [fixtures.npy('a_uint8.npy'), fixtures.npy('b_uint8.npy')];
  const planarFirst = a.shape[1] === 3;
  const side = (planarFirst ? a.shape[2] : a.shape[1]) ?? 0;
  const plane = side * side;

  /** Image k of a stack of bytes, as planes in [-1, 1]. */
  const image = (stack: typeof a, k: number): Float32Array =>
    Float32Array.from({ length: 3 * plane }, (_, i) => {
      const [channel, pixel] = [Math.floor(i / plane), i % plane];
      const at = planarFirst ? k * 3 * plane + i : k * 3 * plane + 3 * pixel + channel;
      return Number(stack.data[at]) / 127.5 - 1;
    });

  it.each(expected.psnr.map((value, k) => [k, value, expected.ssim_zero_pad[k] ?? NaN]))(
    'image %i: PSNR %f dB, SSIM %f',
    (k, decibels, similarity) => {
      // Images pass through float32 on [-1, 1]: about 1e-7 per value, far below these bounds.
      expect(psnr(image(a, k), image(b, k))).toBeCloseTo(decibels, 4);
      expect(ssim(image(a, k), image(b, k), side)).toBeCloseTo(similarity, 5);
    },
  );
});
