import { describe, expect, it } from 'vitest';
import { decodeImage, type PixelImage } from '../imaging/index.js';
import { Random } from '../training/random.js';
import { drawSpaces } from './draw-spaces.js';
import { featureRows, type FeatureRows } from './feature-rows.js';

/** Points around (shift, 0, 0, …). */
function cloud(shift: number, seed: number): FeatureRows {
  const random = new Random(seed);
  const data = Float32Array.from({ length: 40 * 6 }, (_, i) => random.normal() + (i % 6 === 0 ? shift : 0));
  return featureRows({ dtype: 'float32', shape: [40, 6], data }, 'cloud');
}

/** Mean column of the pixels that are clearly blue, or clearly orange, in one half of the picture; and their number. */
function coloured({ width, height, data }: PixelImage, half: 0 | 1, blue: boolean): { count: number; meanX: number } {
  let [count, sum] = [0, 0];
  for (let y = 44; y < height - 50; y++)
    for (let x = (half * width) / 2; x < ((half + 1) * width) / 2; x++) {
      const warmth = (data[4 * (y * width + x)] as number) - (data[4 * (y * width + x) + 2] as number);
      if (blue ? warmth > -60 : warmth < 60) continue;
      count++;
      sum += x;
    }
  return { count, meanX: sum / count };
}

describe('the picture of both spaces', () => {
  it('shows images and texts in two colours: apart where they are apart, together where they are together', async () => {
    const clip = { images: cloud(6, 1), texts: cloud(-6, 2) };
    const delta = { images: cloud(0, 3), texts: cloud(0, 4) };
    const picture = await decodeImage(await drawSpaces({ clip, delta }, 'pca'));
    expect([picture.width, picture.height]).toEqual([1216, 652]);
    const [left, right] = ([0, 1] as const).map((half) => [
      coloured(picture, half, true),
      coloured(picture, half, false),
    ]);
    for (const { count } of [...(left ?? []), ...(right ?? [])]) expect(count).toBeGreaterThan(400);
    const apart = (pair: typeof left): number => Math.abs((pair?.[0]?.meanX ?? NaN) - (pair?.[1]?.meanX ?? NaN));
    expect(apart(left)).toBeGreaterThan(250); // of 560 pixels
    expect(apart(right)).toBeLessThan(100);
  });
});
