/** Case 04, second part: the arithmetic of an edit, step by step, against the reference code's numbers. */
import { describe, expect, it } from 'vitest';
import {
  applyDelta,
  channelRelevance,
  channelsKept,
  editCondition,
  globalDirection,
  length,
  meanUnitFeature,
  relevanceFromEmbeddings,
  textDirection,
  thresholdMask,
  topChannelsMask,
  unitDirection,
} from '@deltaspace/daemon';
import { affine, foldGenerator, synthesis, type Stylegan2Config } from '@deltaspace/models';
import { floats, goldenCase, maxAbsDifference, numbersInMeaning, rows } from './golden-files.js';
import { runGraph } from './run-graph.js';
import { stateDict } from './torch-reader.js';

const golden = goldenCase('04_delta_mapper');
const generator = goldenCase('01_stylegan2');

describe.skipIf(golden === null)('case 04: inference', () => {
  if (golden === null) return;
  const tolerance = golden.tolerance as { dt: number; relevance: number; s_hat: number };
  const numbers = golden.json('inference_numbers.json') as {
    thresholds: number[];
    kept: number[];
    kept_if_dt_were_normalised: number[];
    dt_norm: number;
    strengths: number[];
    top_k: Record<string, number[]>;
  };
  const width = golden.config['clip_dim'] as number;
  const values = (file: string): Float32Array => floats(golden.npy(file));
  const s = floats(rows(golden.npy('s.npy'), 0, 1));
  const row = (file: string, index: number): Float32Array => floats(rows(golden.npy(file), index, index + 1));

  it('averages the prompts of both texts and takes their difference', () => {
    const target = meanUnitFeature(values('text_target_raw.npy'), width);
    const delta = textDirection(target, meanUnitFeature(values('text_neutral_raw.npy'), width));
    expect(maxAbsDifference(delta, values('dt.npy'))).toBeLessThan(tolerance.dt);
    expect(length(delta)).toBeCloseTo(numbers.dt_norm, 6);
  });

  it('normalises the direction for the mapper', () => {
    expect(maxAbsDifference(unitDirection(values('dt.npy')), values('dt_normalized.npy'))).toBeLessThan(tolerance.dt);
  });

  it('joins image embedding and direction into the condition', () => {
    const feature = floats(rows(golden.npy('cond.npy'), 0, 1)).slice(0, width);
    const condition = editCondition(feature, values('dt.npy'));
    expect(maxAbsDifference(condition, values('inference_cond.npy'))).toBeLessThan(tolerance.dt);
  });

  it('takes relevance with the direction as it is, and rows of R_s as they are', () => {
    const relevance = channelRelevance(values('fs3.npy'), values('dt.npy'));
    expect(maxAbsDifference(relevance, values('relevance.npy'))).toBeLessThan(tolerance.relevance);
  });

  it('derives rows of R_s from pictures with one channel moved down and up', () => {
    const features = golden.npy('single_channel_features.npy');
    const [channels = 0, pictures = 0] = features.shape;
    const vectors = floats(features);
    const at = (vector: number): Float32Array => unitDirection(vectors.slice(vector * width, (vector + 1) * width));
    // The fixture stores down before up, our function takes up before down.
    const upDown = Array.from({ length: channels * pictures }, (_, k) => [...at(2 * k + 1), ...at(2 * k)]).flat();
    const rowsOfR = relevanceFromEmbeddings(Float32Array.from(upDown), channels, pictures, width);
    expect(maxAbsDifference(rowsOfR, values('fs3_from_features.npy'))).toBeLessThan(tolerance.relevance);
  });

  it('keeps exactly the reference channels at every threshold', () => {
    const relevance = values('relevance.npy');
    const expected = golden.npy('keep_masks.npy').data as Uint8Array;
    numbers.thresholds.forEach((threshold, i) => {
      const mask = thresholdMask(relevance, threshold);
      expect([...mask]).toEqual([...expected.slice(i * s.length, (i + 1) * s.length)]);
      expect(channelsKept(mask)).toBe(numbers.kept[i]);
    });
  });

  it('would keep other channels if the direction were normalised first', () => {
    const relevance = channelRelevance(values('fs3.npy'), values('dt_normalized.npy'));
    const kept = numbers.thresholds.map((threshold) => channelsKept(thresholdMask(relevance, threshold)));
    expect(kept).toEqual(numbers.kept_if_dt_were_normalised);
  });

  it('finds the most relevant channels', () => {
    for (const [count, channels] of Object.entries(numbers.top_k)) {
      const mask = topChannelsMask(values('relevance.npy'), Number(count));
      expect([...mask.keys()].filter((channel) => mask[channel] === 1)).toEqual(channels);
    }
  });

  it('applies the masked change at every threshold', () => {
    const delta = values('inference_delta_s.npy');
    numbers.thresholds.forEach((threshold, i) => {
      const edited = applyDelta(s, delta, thresholdMask(values('relevance.npy'), threshold), 1);
      expect(maxAbsDifference(edited, row('s_hat.npy', i))).toBeLessThan(tolerance.s_hat);
      const change = edited.map((value, channel) => value - s[channel]!);
      expect(maxAbsDifference(change, row('masked_delta_s.npy', i))).toBeLessThan(tolerance.s_hat);
    });
  });

  it('scales the change by the strength, also a negative one', () => {
    const [threshold = NaN] = numbersInMeaning(golden, 's_hat_strength.npy', /threshold ([\d.]+)/);
    const mask = thresholdMask(values('relevance.npy'), threshold);
    numbers.strengths.forEach((strength, i) => {
      const edited = applyDelta(s, values('inference_delta_s.npy'), mask, strength);
      expect(maxAbsDifference(edited, row('s_hat_strength.npy', i))).toBeLessThan(tolerance.s_hat);
    });
  });

  it('makes StyleCLIP’s global directions, with the normalised direction', () => {
    const reference = golden.json('styleclip_numbers.json') as { betas: number[]; channels: number[]; alpha: number };
    const open = new Uint8Array(s.length).fill(1);
    reference.betas.forEach((beta, i) => {
      const { direction, channels } = globalDirection(values('fs3.npy'), values('dt.npy'), values('s_std.npy'), beta);
      expect(channels).toBe(reference.channels[i]);
      expect(maxAbsDifference(direction, row('styleclip_boundary.npy', i))).toBeLessThan(tolerance.s_hat);
      expect(
        maxAbsDifference(applyDelta(s, direction, open, reference.alpha), row('styleclip_s_hat.npy', i)),
      ).toBeLessThan(tolerance.s_hat);
    });
    expect(globalDirection(values('fs3.npy'), values('dt.npy'), values('s_std.npy'), 99).channels).toBe(0);
  });

  it.skipIf(generator === null)('decodes the edited style code', async () => {
    if (generator === null) return;
    const reference = generator.config as { size: number; style_dim: number; channels: Record<string, number> };
    const config: Stylegan2Config = {
      size: reference.size,
      styleDim: reference.style_dim,
      channels: reference.channels,
      upsampling: 'transposed-fir',
      noise: true,
      demodulate: true,
      colourStyles: 'separate',
    };
    const [threshold = NaN] = numbersInMeaning(golden, 'edited_image.npy', /threshold ([\d.]+)/);
    const edited = applyDelta(s, values('inference_delta_s.npy'), thresholdMask(values('relevance.npy'), threshold), 1);
    const inputs = {
      wPlus: rows(generator.npy('wplus.npy'), 0, 1),
      s: { dtype: 'float32' as const, shape: [1, edited.length], data: edited },
    };
    const { image } = await runGraph(
      foldGenerator(stateDict(generator.torch('generator_zip.pt'), 'g_ema')),
      inputs,
      (scope, { wPlus, s }) => ({
        image: synthesis(scope, config, { s: s!, rgb: affine(scope, config, wPlus!).rgb }),
      }),
    );
    const imageTolerance = generator.tolerance as { image: number };
    expect(maxAbsDifference(floats(image!), values('edited_image.npy'))).toBeLessThan(imageTolerance.image);
  });
});
