/**
 * Structural similarity (Wang et al. 2004) in the three variants that papers and libraries report. They differ in the third
 * digit, so each has its own name and figures of different variants are never compared:
 *
 * - `ssimZeroPadded`: 11×11 Gaussian, zeros beyond the border, mean over every pixel. DiffAE's metric, and the one in our
 *   reports.
 * - `ssimGaussian`: the same window, but only pixels whose window lies inside count. scikit-image with Gaussian weights and
 *   population covariance, as the original paper.
 * - `ssimUniform`: 7×7 box with sample covariance, again inside only. scikit-image's default.
 *
 * All are taken per channel and averaged. Multi-scale SSIM is not here.
 */
import { assertSameSize, type Planes } from './planes.js';

interface Variant {
  /** One-dimensional window of odd length and sum 1; the window of a pixel is its product with itself. */
  readonly taps: readonly number[];
  /** Factor on variances and covariance: n/(n−1) for samples, 1 for populations. */
  readonly covarianceFactor: number;
  /** Whether windows that reach beyond the border count, with zeros there. */
  readonly wholeMap: boolean;
}

const gaussianTaps = (() => {
  const taps = Array.from({ length: 11 }, (_, k) => Math.exp(-((k - 5) ** 2) / (2 * 1.5 ** 2)));
  const total = taps.reduce((a, b) => a + b);
  return taps.map((tap) => tap / total);
})();

const uniformTaps = new Array<number>(7).fill(1 / 7);

/** Gaussian window, zero padding: images of any size. `range` is the span of the values, 1 for [0, 1]. */
export function ssimZeroPadded(a: Planes, b: Planes, range = 1): number {
  return similarity(a, b, range, { taps: gaussianTaps, covarianceFactor: 1, wholeMap: true });
}

/** Gaussian window, without a border of 5 px. `range` is the span of the values, 1 for [0, 1] and 255 for bytes. */
export function ssimGaussian(a: Planes, b: Planes, range = 1): number {
  return similarity(a, b, range, { taps: gaussianTaps, covarianceFactor: 1, wholeMap: false });
}

/** Uniform window with sample covariance, without a border of 3 px. `range` as in `ssimGaussian`. */
export function ssimUniform(a: Planes, b: Planes, range = 1): number {
  const count = uniformTaps.length ** 2;
  return similarity(a, b, range, { taps: uniformTaps, covarianceFactor: count / (count - 1), wholeMap: false });
}

/** Mean over pixels and channels. Throws when the images differ in size or no window fits. */
function similarity(a: Planes, b: Planes, range: number, variant: Variant): number {
  assertSameSize('SSIM', a, b);
  const { channels, width, height } = a;
  const border = variant.wholeMap ? 0 : (variant.taps.length - 1) / 2;
  if (Math.min(width, height) <= 2 * border)
    throw new Error(`SSIM: ${width}×${height} px is too small for a window of ${variant.taps.length}`);
  let total = 0;
  for (let channel = 0; channel < channels; channel++) {
    const map = similarityMap(plane(a, channel), plane(b, channel), a, range, variant);
    for (let y = border; y < height - border; y++)
      for (let x = border; x < width - border; x++) total += map[y * width + x] as number;
  }
  return total / (channels * (width - 2 * border) * (height - 2 * border));
}

function plane({ data, width, height }: Planes, channel: number): Float64Array {
  const count = width * height;
  return Float64Array.from({ length: count }, (_, i) => data[channel * count + i] as number);
}

/** (2μxμy + C₁)(2σxy + C₂) / ((μx² + μy² + C₁)(σx² + σy² + C₂)) at every pixel; C = (K·range)², K₁ 0.01, K₂ 0.03. */
function similarityMap(x: Float64Array, y: Float64Array, size: Size, range: number, variant: Variant): Float64Array {
  const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
  const factor = variant.covarianceFactor;
  const filtered = (p: Float64Array, q?: Float64Array): Float64Array =>
    filter(q === undefined ? p : p.map((value, i) => value * (q[i] as number)), size, variant.taps);
  const [meanX, meanY] = [filtered(x), filtered(y)];
  const [xx, yy, xy] = [filtered(x, x), filtered(y, y), filtered(x, y)];
  return meanX.map((ux, i) => {
    const uy = meanY[i] as number;
    const variances = factor * ((xx[i] as number) - ux * ux + (yy[i] as number) - uy * uy);
    const covariance = factor * ((xy[i] as number) - ux * uy);
    return ((2 * ux * uy + c1) * (2 * covariance + c2)) / ((ux * ux + uy * uy + c1) * (variances + c2));
  });
}

type Size = Pick<Planes, 'width' | 'height'>;

/** Separable filter of one plane; zeros beyond the border. */
function filter(source: Float64Array, { width, height }: Size, taps: readonly number[]): Float64Array {
  const along = (input: Float64Array, length: number, step: number, position: (i: number) => number): Float64Array => {
    const radius = (taps.length - 1) / 2;
    const result = new Float64Array(input.length);
    for (let i = 0; i < input.length; i++) {
      const at = position(i);
      const [first, last] = [Math.max(0, radius - at), Math.min(taps.length, length - at + radius)];
      let sum = 0;
      for (let k = first; k < last; k++) sum += (taps[k] as number) * (input[i + (k - radius) * step] as number);
      result[i] = sum;
    }
    return result;
  };
  const rows = along(source, width, 1, (i) => i % width);
  return along(rows, height, width, (i) => Math.floor(i / width));
}
