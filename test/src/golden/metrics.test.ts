/** Case 09: the metrics of evaluation reports against the public implementations; case 11's heat map with them. */
import {
  differenceMap,
  featureStatistics,
  frechetDistance,
  meanAbsoluteError,
  meanSquaredError,
  peakSignalToNoise,
  pictureOf,
  rowCosines,
  spreadOf,
  ssimGaussian,
  ssimUniform,
  ssimZeroPadded,
  type FeatureRows,
  type PixelImage,
  type Planes,
} from '@deltaspace/daemon';
import type { Tensor } from '@deltaspace/onnx-graph';
import { describe, expect, it } from 'vitest';
import { floats, goldenCase, maxAbsDifference, rows } from './golden-files.js';

const golden = goldenCase('09_metrics');
const interpolation = goldenCase('11_interpolation');
const generator = goldenCase('01_stylegan2');

describe.skipIf(golden === null)('case 09: metrics', () => {
  if (golden === null) return;
  const allowed = boundsOf(golden.tolerance);
  const [a, b] = [golden.npy('a_uint8.npy'), golden.npy('b_uint8.npy')];
  const pairs = a.shape[0]!;

  describe('image metrics', () => {
    const expected = golden.json('image_metrics.json') as Record<string, number[]>;
    const onBytes = { mse: meanSquaredError, mae: meanAbsoluteError };
    /** What each key of the fixture measures, on planes of bytes. */
    const measures: Record<string, (a: Planes, b: Planes) => number> = {
      mse: (a, b) => meanSquaredError(unitRange(a).data, unitRange(b).data),
      psnr: (a, b) => peakSignalToNoise(meanSquaredError(unitRange(a).data, unitRange(b).data)),
      ssim_gaussian: (a, b) => ssimGaussian(unitRange(a), unitRange(b)),
      ssim_uniform: (a, b) => ssimUniform(unitRange(a), unitRange(b)),
      ssim_zero_pad: (a, b) => ssimZeroPadded(unitRange(a), unitRange(b)),
      mse_255: (a, b) => onBytes.mse(a.data, b.data),
      mae_255: (a, b) => onBytes.mae(a.data, b.data),
      ssim_gaussian_uint8: (a, b) => ssimGaussian(a, b, 255),
    };
    const boundOf = (key: string): Bound => allowed[key] ?? allowed[key.startsWith('ssim') ? 'ssim' : 'mse']!;

    it.each(Object.keys(expected))('%s', (key) => {
      const measure = measures[key];
      if (measure === undefined) throw new Error(`nothing measures ${key}`);
      for (let k = 0; k < pairs; k++)
        expect(errorOf(measure(planesOf(a, k), planesOf(b, k)), expected[key]![k]!, boundOf(key))).toBeLessThan(1);
    });

    it('keeps the variants of SSIM apart', () => {
      const values = [ssimGaussian, ssimUniform, ssimZeroPadded].map((ssim) =>
        ssim(planesOf(a, 0), planesOf(b, 0), 255),
      );
      expect(new Set(values.map((value) => value.toFixed(4))).size).toBe(3);
    });
  });

  describe('Fréchet distance', () => {
    const expected = golden.json('fid.json') as Record<string, number>;
    const [first, second] = [golden.npy('fid_features_a.npy'), golden.npy('fid_features_b.npy')];
    const distance = (a: Tensor, b: Tensor): number =>
      frechetDistance(featureStatistics(featuresOf(a)), featureStatistics(featuresOf(b)));

    it('of sets of different sizes', () => {
      const fid = distance(first, second);
      expect(errorOf(fid, expected['fid']!, allowed['fid']!)).toBeLessThan(1);
      expect(errorOf(fid, expected['fid_symmetric_eigen']!, allowed['fid']!)).toBeLessThan(1);
      expect(errorOf(distance(second, first), fid, allowed['fid']!)).toBeLessThan(1);
    });

    it('of covariances without full rank', () => {
      const count = expected['fid_small_rows']!;
      expect(count).toBeLessThan(first.shape[1]!);
      const fid = distance(rows(first, 0, count), rows(second, 0, count));
      for (const key of ['fid_small_scipy', 'fid_small_symmetric_eigen'])
        expect(errorOf(fid, expected[key]!, allowed['fid_small']!)).toBeLessThan(1);
    });

    it('of a set from itself is zero', () => {
      // Traces of this size cancel; what is left is rounding.
      const { covariance } = featureStatistics(featuresOf(first));
      expect(Math.abs(distance(first, first))).toBeLessThan(1e-10 * covariance.trace());
    });

    it('has the squared distance of the means as its first term', () => {
      const [{ mean }, { mean: other }] = [featureStatistics(featuresOf(first)), featureStatistics(featuresOf(second))];
      const term = mean.reduce((sum, value, k) => sum + (value - other[k]!) ** 2, 0);
      expect(errorOf(term, expected['mean_term']!, allowed['fid']!)).toBeLessThan(1);
    });
  });

  it('identity cosines, their mean and spread', () => {
    const embeddings = golden.npy('ids_a.npy');
    const cosines = rowCosines(floats(embeddings), floats(golden.npy('ids_b.npy')), embeddings.shape[1]!);
    expect(maxAbsDifference(cosines, floats(golden.npy('ids_cosine.npy')))).toBeLessThan(allowed['cosine']!.limit);
    const expected = golden.json('ids.json') as { mean: number; std_population: number };
    const { mean, standardDeviation } = spreadOf(cosines);
    expect(errorOf(mean, expected.mean, allowed['cosine']!)).toBeLessThan(1);
    expect(errorOf(standardDeviation, expected.std_population, allowed['cosine']!)).toBeLessThan(1);
  });

  it('the difference that heat maps show', () => {
    const expected = golden.npy('heat_map_mean.npy');
    for (let k = 0; k < pairs; k++)
      expect(
        maxAbsDifference(differenceMap(layerOf(a, k), layerOf(b, k)), floats(rows(expected, k, k + 1))),
      ).toBeLessThan(thirdsOfBytes);
  });
});

describe.skipIf(interpolation === null || generator === null)('case 11: heat map', () => {
  if (interpolation === null || generator === null) return;
  it('of two generated images, rounded to bytes', () => {
    const images = generator.npy('image_from_wplus.npy');
    const picture = (k: number): PixelImage => pictureOf(floats(rows(images, k, k + 1)), images.shape[2]!);
    const heat = differenceMap(picture(0), picture(1));
    const expected = floats(interpolation.npy('heat_map.npy'));
    expect(heat.length).toBe(expected.length);
    const errors = Array.from(heat, (value, i) => Math.abs(value - expected[i]!));
    // As case 01 states for bytes: the images are stored as float32, so a value half way between two may round either way.
    expect(errors.filter((error) => error > thirdsOfBytes).length).toBeLessThanOrEqual(0.001 * 3 * heat.length);
    expect(Math.max(...errors)).toBeLessThanOrEqual(1);
  });
});

/** Thirds of whole numbers up to 3·255, as float32: half a unit in the last place is 8e-6. */
const thirdsOfBytes = 2e-5;

interface Bound {
  readonly kind: 'relative' | 'absolute';
  readonly limit: number;
}

/** The manifest's bounds, written as "relative 1e-6" and, where needed, a remark. */
function boundsOf(tolerance: Readonly<Record<string, unknown>>): Record<string, Bound> {
  const parse = (text: unknown): Bound => {
    const [, kind, limit] = /^(relative|absolute) ([\d.e-]+)/.exec(String(text)) ?? [];
    if (kind === undefined) throw new Error(`cannot read the tolerance ${String(text)}`);
    return { kind: kind as Bound['kind'], limit: Number(limit) };
  };
  return Object.fromEntries(Object.entries(tolerance).map(([key, text]) => [key, parse(text)]));
}

/** Error in units of what is allowed. */
function errorOf(actual: number, expected: number, { kind, limit }: Bound): number {
  return Math.abs(actual - expected) / (kind === 'relative' ? limit * Math.abs(expected) : limit);
}

/** Bytes of image k of a stack [N, H, W, 3], as planes. */
function planesOf(stack: Tensor, k: number): Planes {
  const [, height, width, channels] = stack.shape as [number, number, number, number];
  const count = height * width;
  const data = Float64Array.from({ length: channels * count }, (_, i) =>
    Number(stack.data[(k * count + (i % count)) * channels + Math.floor(i / count)]),
  );
  return { channels, width, height, data };
}

/** The same on [0, 1]. */
function unitRange(planes: Planes): Planes {
  return { ...planes, data: Float64Array.from(planes.data, (value) => value / 255) };
}

/** Image k of a stack of bytes [N, H, W, 3], as an opaque layer. */
function layerOf(stack: Tensor, k: number): PixelImage {
  const [, height, width] = stack.shape as [number, number, number];
  const data = Uint8Array.from({ length: 4 * height * width }, (_, i) =>
    i % 4 === 3 ? 255 : Number(stack.data[3 * (k * height * width + (i >> 2)) + (i % 4)]),
  );
  return { width, height, data };
}

function featuresOf(features: Tensor): FeatureRows {
  const [count, width] = features.shape as [number, number];
  return { count, width, data: floats(features) };
}
