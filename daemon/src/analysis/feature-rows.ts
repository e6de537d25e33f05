/**
 * Embeddings as rows, checked once where they come in, with the length of every row.
 *
 * Half and single precision are held as float32 and double precision as float64, both exact, so that all sums behind the figures
 * are those of the values in the file. Rows keep their own length: cosines divide by it.
 */
import { float16ToFloat32 } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { AnalysisError } from './analysis-error.js';

/** Bounds of an analysis. 100 000 pairs of 512 values took 100 s on one core of an AMD EPYC, most of it for the ranking. */
export const analysisLimits = {
  /** Rows of one array. */
  rows: 100_000,
  /** Values of one row. */
  width: 4096,
  /** Size of one file: 100 000 rows of 512 single-precision values fit. */
  fileBytes: 256 * 1024 * 1024,
  /** Pairs below which there is no random pairing without shared items. */
  fewestPairs: 4,
  /** Rows that are ranked against each other; of longer arrays, the first ones. */
  rankedRows: 5000,
} as const;

/** Embeddings `[count, width]`, row after row, with the Euclidean length of each; no length is zero. */
export interface FeatureRows {
  /** What messages call it, such as a file name. */
  readonly name: string;
  readonly count: number;
  readonly width: number;
  readonly data: Float32Array | Float64Array;
  readonly lengths: Float64Array;
}

/**
 * A tensor `[N, D]` of float16, float32 or float64 as rows. Float32 and float64 data is shared, not copied.
 * @param name what messages call it.
 * @throws AnalysisError for other shapes or types, too many or too few rows, values that are not finite, rows of zeros.
 */
export function featureRows(tensor: Tensor, name: string): FeatureRows {
  const [count, width] = tensor.shape;
  if (tensor.shape.length !== 2 || count === undefined || width === undefined) {
    const shape = `[${tensor.shape.join(', ')}]`;
    throw new AnalysisError('features_wrong_rank', `${name}: expected an array [rows, values], got ${shape}`);
  }
  if (count < analysisLimits.fewestPairs)
    throw new AnalysisError(
      'features_too_few',
      `${name} has ${count} rows; at least ${analysisLimits.fewestPairs} are needed`,
    );
  if (count > analysisLimits.rows || width > analysisLimits.width)
    throw new AnalysisError(
      'features_too_large',
      `${name} has ${count} rows of ${width} values; at most ${analysisLimits.rows} of ${analysisLimits.width} are taken`,
    );
  const data = floatsOf(tensor, name);
  return { name, count, width, data, lengths: checkedLengths(name, count, width, data) };
}

/** Row i, as a view. */
export function rowAt(rows: FeatureRows, i: number): Float32Array | Float64Array {
  return rows.data.subarray(i * rows.width, (i + 1) * rows.width);
}

/** Cosine of row i of `a` and row j of `b`, both of one width, in double precision. Equal rows give equal cosines. */
export function cosine(a: FeatureRows, i: number, b: FeatureRows, j: number): number {
  const [x, y, width] = [a.data, b.data, a.width];
  const [from, to] = [i * width, j * width];
  let sum = 0;
  for (let d = 0; d < width; d++) sum += (x[from + d] as number) * (y[to + d] as number);
  return sum / ((a.lengths[i] as number) * (b.lengths[j] as number));
}

function floatsOf({ dtype, data }: Tensor, name: string): Float32Array | Float64Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  if (dtype === 'float16' && data instanceof Uint16Array) return float16ToFloat32(data);
  throw new AnalysisError('features_not_float', `${name}: expected float16, float32 or float64, got ${dtype}`);
}

function checkedLengths(name: string, count: number, width: number, data: Float32Array | Float64Array): Float64Array {
  const lengths = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let squares = 0;
    for (let d = i * width; d < (i + 1) * width; d++) squares += (data[d] as number) ** 2;
    if (!Number.isFinite(squares))
      throw new AnalysisError(
        'features_not_finite',
        `${name}: row ${i} holds values that are not finite, or too large`,
      );
    if (squares === 0) throw new AnalysisError('features_zero_row', `${name}: row ${i} is zero and has no direction`);
    lengths[i] = Math.sqrt(squares);
  }
  return lengths;
}
