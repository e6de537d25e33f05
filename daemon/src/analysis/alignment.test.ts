import { describe, expect, it } from 'vitest';
import { alignmentOf } from './alignment.js';
import { analyzeSpaces } from './analyze-spaces.js';
import { featureRows, type FeatureRows } from './feature-rows.js';
import { Random } from '../training/random.js';

const rowsOf = (rows: readonly (readonly number[])[]): FeatureRows =>
  featureRows(
    { dtype: 'float64', shape: [rows.length, rows[0]?.length ?? 0], data: Float64Array.from(rows.flat()) },
    'r',
  );

/** Unit vectors in the plane, scaled by `length`, at these angles in degrees. */
const atAngles = (degrees: readonly number[], length = 1): FeatureRows =>
  rowsOf(
    degrees.map((angle) => [length * Math.cos((angle * Math.PI) / 180), length * Math.sin((angle * Math.PI) / 180)]),
  );

describe('alignment of a space', () => {
  it('is that of the angles, whatever the lengths', async () => {
    const figures = await alignmentOf(atAngles([0, 90, 180, 270], 2), atAngles([60, 150, 240, 330], 5), [1, 2, 3, 0]);
    expect(figures.pairedCosine).toBeCloseTo(0.5, 12);
    expect(figures.pairedCosineDeviation).toBeCloseTo(0, 12);
    expect(figures.randomCosine).toBeCloseTo(-Math.sqrt(0.75), 12); // 150°
    // To the other three texts: 150°, 240° and 330°.
    expect(figures.unpairedCosine).toBeCloseTo((-Math.sqrt(0.75) - 0.5 + Math.sqrt(0.75)) / 3, 12);
    expect(figures.imageToText).toEqual({ at1: 0, at5: 1, at10: 1 }); // the text at 330° is nearer than the one at 60°
    expect(figures.modalityGap).toBeCloseTo(0, 12);
    expect([figures.meanImageLength, figures.meanTextLength].map((length) => Math.round(length))).toEqual([2, 5]);
  });

  it('has the distance of the means as its gap', async () => {
    const figures = await alignmentOf(rowsOf([[2, 0], [2, 0], [2, 0], [2, 0]]), rowsOf([[0, 3], [0, 3], [0, 3], [0, 3]]), [1, 2, 3, 0]); // prettier-ignore
    expect(figures.modalityGap).toBeCloseTo(Math.SQRT2, 12);
    expect(figures.rawModalityGap).toBeCloseTo(Math.sqrt(13), 12);
  });

  it('ranks from both sides and lets equal texts share a rank', async () => {
    // Texts 0 and 1 are equal: both images find theirs. Image 3 is nearer to text 2 than to its own.
    const figures = await alignmentOf(atAngles([0, 10, 90, 100]), atAngles([5, 5, 92, 180]), [2, 3, 0, 1]);
    expect(figures.imageToText.at1).toBe(0.75);
    // Text 0 lies between images 0 and 1 at equal distance; text 3 is nearest to its own image.
    expect(figures.textToImage.at1).toBeGreaterThanOrEqual(0.75);
  });

  it('stops when aborted', async () => {
    const rows = atAngles([0, 1, 2, 3]);
    await expect(alignmentOf(rows, rows, [1, 2, 3, 0], AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});

describe('both spaces', () => {
  /** Texts are images moved by one constant and blurred a little: a modality gap that differences do not have. */
  function shifted(count: number, width: number): { images: FeatureRows; texts: FeatureRows } {
    const random = new Random(3);
    const images = Array.from({ length: count }, () => Array.from({ length: width }, () => random.normal()));
    const texts = images.map((row) => row.map((value, d) => value + 0.3 * random.normal() + (d === 0 ? 30 : 0)));
    return { images: rowsOf(images), texts: rowsOf(texts) };
  }

  it('show a gap in CLIP space that differences close, without seeing which items were subtracted', async () => {
    const { figures, differences } = await analyzeSpaces(shifted(60, 24), undefined, 5);
    expect(figures.clip.modalityGap).toBeGreaterThan(0.8);
    expect(figures.delta.modalityGap).toBeLessThan(0.1);
    expect(figures.delta.pairedCosine).toBeGreaterThan(0.6);
    expect(Math.abs(figures.delta.randomCosine)).toBeLessThan(0.15);
    expect(figures.delta.imageToText.at1).toBeGreaterThan(0.9);
    expect(differences).toMatchObject({ origin: 'made', leftOut: 0 });
  });

  it('depend on the seed only', async () => {
    const pairs = shifted(20, 6);
    const [first, again, other] = [5, 5, 6].map((seed) => analyzeSpaces(pairs, undefined, seed));
    expect((await again)?.figures).toEqual((await first)?.figures);
    expect((await other)?.figures).not.toEqual((await first)?.figures);
  });

  it('take differences as given, of any number', async () => {
    const [pairs, deltas] = [shifted(20, 6), shifted(9, 4)];
    const { figures, differences } = await analyzeSpaces(pairs, deltas, 5);
    expect(differences).toEqual({ origin: 'given' });
    expect([figures.clip.pairs, figures.delta.pairs, figures.delta.width]).toEqual([20, 9, 4]);
  });

  it('refuse rows that do not match', async () => {
    const { images } = shifted(20, 6);
    await expect(analyzeSpaces({ images, texts: shifted(19, 6).texts }, undefined, 1)).rejects.toMatchObject({
      code: 'features_mismatch',
    });
    await expect(analyzeSpaces({ images, texts: shifted(20, 5).texts }, undefined, 1)).rejects.toMatchObject({
      code: 'features_mismatch',
    });
  });
});
