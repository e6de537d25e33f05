/**
 * Case 15 from the stored CLIP features on: the edit from an image pair, and the edits from texts. Each step starts from the
 * reference's arrays, so a step that is wrong is seen where it is.
 */
import { describe, expect, it } from 'vitest';
import {
  applyDelta,
  channelRelevance,
  difference,
  editCondition,
  pairCondition,
  textDirection,
  thresholdMask,
  unit,
} from '@deltaspace/daemon';
import { deltaMapper, foldEqualLinear, referenceDeltaMapper, styleLayout } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { goldenGenerator, imageRows, stackRows } from './generator-case.js';
import { floats, goldenCase, maxAbsDifference, numbersInMeaning, rows } from './golden-files.js';
import { runGraph } from './run-graph.js';
import { stateDict } from './torch-reader.js';

const golden = goldenCase('15_pipeline');
const [generatorCase, clipCase, mapperCase] = [
  goldenCase('01_stylegan2'),
  goldenCase('03_clip'),
  goldenCase('04_delta_mapper'),
];
const missing = [golden, generatorCase, clipCase, mapperCase].includes(null);

describe.skipIf(missing)('case 15: edits from stored features', () => {
  if (golden === null || generatorCase === null || clipCase === null || mapperCase === null) return;
  const tolerance = golden.tolerance as Record<
    'image_feature' | 'dt' | 'relevance' | 'delta_s' | 's' | 'image',
    number
  >;
  const settings = golden.config as { threshold: number; strength: number; image_row_step: number; targets: string[] };
  const generator = goldenGenerator(generatorCase);
  const layout = styleLayout(generator.config);
  const values = (file: string): Float32Array => floats(golden.npy(file));
  const row = (file: string, index: number): Float32Array => floats(rows(golden.npy(file), index, index + 1));
  const [s, imageFeature] = [values('s.npy'), values('image_feature.npy')];
  const photoFeatures = clipCase.npy('area_photo256_image_features.npy');
  const photo = (index: number): Float32Array => floats(rows(photoFeatures, index, index + 1));

  const predict = async (condition: Float32Array): Promise<Float32Array> => {
    const config = referenceDeltaMapper(condition.length);
    const weights = foldEqualLinear(stateDict(mapperCase.torch('net_face.pt')));
    const inputs: Record<string, Tensor> = { s: stackRows([s]), condition: stackRows([condition]) };
    const { delta } = await runGraph(weights, inputs, (scope, { s, condition }) => ({
      delta: deltaMapper(scope, config, layout, s!, condition!),
    }));
    return floats(delta!);
  };
  /** The picture of a code, with the toRGB styles of the inversion. */
  const decode = async (code: Float32Array): Promise<Float32Array> => {
    const { rgb } = await generator.stylesOf(golden.npy('wplus.npy'));
    const image = await generator.decode(stackRows([code]), rgb);
    return imageRows(image, generator.config.size, settings.image_row_step);
  };
  const open = new Uint8Array(s.length).fill(1);

  it('takes the change between two pictures from their unit features', () => {
    const [after = NaN, before = NaN] = numbersInMeaning(golden, 'pair_delta_i.npy', /photo (\d+) minus.*photo (\d+)/);
    const delta = difference(unit(photo(after)), unit(photo(before)));
    expect(maxAbsDifference(delta, values('pair_delta_i.npy'))).toBeLessThan(tolerance.image_feature);
    expect(maxAbsDifference(unit(photo(before)), imageFeature)).toBeLessThan(tolerance.image_feature);
    const condition = editCondition(imageFeature, values('pair_delta_i.npy'));
    const asInTraining = pairCondition(photo(before), photo(after));
    expect(maxAbsDifference(condition, asInTraining)).toBeLessThan(tolerance.image_feature);
  });

  it('predicts the change of the style code from a pair', async () => {
    const delta = await predict(editCondition(imageFeature, values('pair_delta_i.npy')));
    expect(maxAbsDifference(delta, values('pair_delta_s.npy'))).toBeLessThan(tolerance.delta_s);
  });

  it('decodes the edit from a pair, without a mask', async () => {
    const edited = await decode(applyDelta(s, values('pair_delta_s.npy'), open, settings.strength));
    expect(maxAbsDifference(edited, values('pair_edited.npy'))).toBeLessThan(tolerance.image);
    // The edit is far more than the tolerance: an unedited picture would not pass.
    expect(maxAbsDifference(await decode(s), values('pair_edited.npy'))).toBeGreaterThan(10 * tolerance.image);
  });

  it.each(settings.targets.map((target, index) => [target, index] as const))('edits by text: %s', async (_, index) => {
    const direction = textDirection(row('class_embeddings.npy', index + 1), row('class_embeddings.npy', 0));
    expect(maxAbsDifference(direction, row('dt.npy', index))).toBeLessThan(tolerance.dt);
    const relevance = channelRelevance(values('fs3.npy'), row('dt.npy', index));
    expect(maxAbsDifference(relevance, row('relevance.npy', index))).toBeLessThan(tolerance.relevance);
    const mask = thresholdMask(row('relevance.npy', index), settings.threshold);
    const masks = golden.npy('keep_masks.npy').data as Uint8Array;
    expect([...mask]).toEqual([...masks.slice(index * s.length, (index + 1) * s.length)]);
    const delta = await predict(editCondition(imageFeature, row('dt.npy', index)));
    expect(maxAbsDifference(delta, row('delta_s.npy', index))).toBeLessThan(tolerance.delta_s);
    const edited = applyDelta(s, row('delta_s.npy', index), mask, settings.strength);
    expect(maxAbsDifference(edited, row('s_hat.npy', index))).toBeLessThan(tolerance.s);
    expect(maxAbsDifference(await decode(edited), row('edited.npy', index))).toBeLessThan(tolerance.image);
  });
});
