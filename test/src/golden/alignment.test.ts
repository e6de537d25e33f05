/** Figures of CLIP space and DeltaSpace against values from reference code (case 10). */
import { alignmentOf, featureRows, type Recall } from '@deltaspace/daemon';
import { describe, expect, it } from 'vitest';
import { goldenCase } from './golden-files.js';

const fixtures = goldenCase('10_alignment');

/** Arrays of a space, as the fixture names them behind the name of the data set. */
const spaces = { clip_space: ['i', 't'], delta_space: ['deltai', 'deltat'] } as const;

interface ExpectedSpace {
  readonly [figure: string]: unknown;
  readonly recall_range: Record<'image_to_text' | 'text_to_image', Record<string, [number, number]>>;
}

describe.skipIf(fixtures === null)('alignment of images and texts (fixtures 10_alignment)', () => {
  if (fixtures === null) return;
  const expected = fixtures.json('alignment.json') as Record<string, Record<keyof typeof spaces, ExpectedSpace>>;
  const permutation = fixtures.npy('permutation.npy').data as Int32Array;
  const absolute = (kind: string): number => {
    const bound = Number(/absolute (\S+)/.exec(String(fixtures.tolerance[kind]))?.[1]);
    if (!(bound > 0)) throw new Error(`no tolerance for ${kind}`);
    return bound;
  };
  const cases = Object.keys(expected).flatMap((set) =>
    Object.entries(spaces).map(([space, arrays]) => ({ set, space: space as keyof typeof spaces, arrays })),
  );

  it.each(cases)('has the figures of $set, $space', async ({ set, space, arrays }) => {
    const [images, texts] = arrays.map((name) => featureRows(fixtures.npy(`${set}_${name}.npy`), name));
    if (!images || !texts) throw new Error('expected two arrays');
    const figures = await alignmentOf(images, texts, permutation);
    const truth = expected[set]?.[space] as ExpectedSpace;
    const within = (value: number, figure: string, bound: number): void => {
      const difference = Math.abs(value - (truth[figure] as number));
      expect(difference, figure).toBeLessThanOrEqual(bound);
    };
    within(figures.pairedCosine, 'paired_cos_mean', absolute('cosines'));
    within(figures.pairedCosineDeviation, 'paired_cos_std_population', absolute('cosines'));
    within(figures.randomCosine, 'permuted_cos_mean', absolute('cosines'));
    within(figures.randomCosineDeviation, 'permuted_cos_std_population', absolute('cosines'));
    within(figures.unpairedCosine, 'all_unpaired_cos_mean', absolute('cosines'));
    within(figures.unpairedCosineDeviation, 'all_unpaired_cos_std_population', absolute('cosines'));
    within(figures.modalityGap, 'gap_of_unit_means', absolute('gaps'));
    within(figures.rawModalityGap, 'gap_of_raw_means', absolute('gaps'));
    within(figures.meanImageLength, 'mean_norm_image', absolute('gaps'));
    within(figures.meanTextLength, 'mean_norm_text', absolute('gaps'));
    expectRecall(figures.imageToText, truth.recall_range.image_to_text);
    expectRecall(figures.textToImage, truth.recall_range.text_to_image);
  });
});

/** The range is where equal cosines, ordered either way, may take the value; widened by rounding of the division. */
function expectRecall(recall: Recall, range: Record<string, [number, number]>): void {
  for (const [k, value] of [
    ['R@1', recall.at1],
    ['R@5', recall.at5],
    ['R@10', recall.at10],
  ] as const) {
    // prettier-ignore
    const [low, high] = range[k] ?? [NaN, NaN];
    expect(value, k).toBeGreaterThanOrEqual(low - 1e-12);
    expect(value, k).toBeLessThanOrEqual(high + 1e-12);
  }
}
