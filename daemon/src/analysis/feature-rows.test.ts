import { float32ToFloat16 } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { describe, expect, it } from 'vitest';
import { analysisLimits, cosine, featureRows } from './feature-rows.js';

const values = [3, 4, 1, 0, 0, 2, -3, -4];
const tensor = (data: Tensor['data'], dtype: Tensor['dtype'] = 'float32', shape = [4, 2]): Tensor => ({
  dtype,
  shape,
  data,
});

describe('feature rows', () => {
  it.each<[string, Tensor]>([
    ['float16', tensor(float32ToFloat16(Float32Array.from(values)), 'float16')],
    ['float32', tensor(Float32Array.from(values))],
    ['float64', tensor(Float64Array.from(values), 'float64')],
  ])('hold the values of %s and the length of each row', (_dtype, source) => {
    const rows = featureRows(source, 'a');
    expect([...rows.data]).toEqual(values);
    expect([...rows.lengths]).toEqual([5, 1, 2, 5]);
    expect(cosine(rows, 0, rows, 1)).toBeCloseTo(0.6, 15);
    expect(cosine(rows, 0, rows, 3)).toBeCloseTo(-1, 15);
  });

  it.each<[string, Tensor, string]>([
    ['one axis', tensor(Float32Array.from(values), 'float32', [8]), 'features_wrong_rank'],
    ['three axes', tensor(Float32Array.from(values), 'float32', [4, 1, 2]), 'features_wrong_rank'],
    ['whole numbers', tensor(Int32Array.from(values), 'int32'), 'features_not_float'],
    ['bytes', tensor(new Uint8Array(8).fill(1), 'uint8'), 'features_not_float'],
    ['not-a-number', tensor(Float32Array.of(...values.slice(0, 7), NaN)), 'features_not_finite'],
    ['infinity', tensor(Float32Array.of(Infinity, ...values.slice(1))), 'features_not_finite'],
    ['a row of zeros', tensor(Float32Array.of(0, 0, ...values.slice(2))), 'features_zero_row'],
    ['no values', tensor(new Float32Array(0), 'float32', [4, 0]), 'features_zero_row'],
    ['three rows', tensor(new Float32Array(6).fill(1), 'float32', [3, 2]), 'features_too_few'],
    ['too wide rows', tensor(new Float32Array(0), 'float32', [4, analysisLimits.width + 1]), 'features_too_large'],
    ['too many rows', tensor(new Float32Array(0), 'float32', [analysisLimits.rows + 1, 2]), 'features_too_large'],
  ])('are refused with %s, by code and with the name', (_what, source, code) => {
    expect(() => featureRows(source, 'a.npy')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('a.npy') as string }),
    );
  });
});
