/**
 * Changing resolution: nearest and pooling by whole factors, FIR up/down sampling (StyleGAN2's upfirdn), and every other
 * linear resampling (bilinear, area, adaptive pooling) as two small matrix products, which makes it exact and differentiable
 * without rules of its own. Images are `[N, C, H, W]`.
 */
import { int, ints, string, type Value } from '../ir/graph.js';
import { dimension } from '../ir/shape.js';
import {
  emit,
  emitNode,
  first,
  type Inference,
  type InferenceTable,
  constantNumbers,
  intAttribute,
  intsAttribute,
  required,
} from './emit.js';
import { conv2d } from './convolution.js';
import { mul } from './elementwise.js';
import { concat, dilate, pad, reshape, sliceAxes, transposeLast } from './layout.js';
import { matmul } from './matmul.js';

const resizeInference: Inference = (inputs) => {
  const x = required(inputs, 0);
  const scales = constantNumbers(required(inputs, 2));
  return [{ shape: x.shape.map((size, axis) => Math.floor(size * (scales[axis] ?? 1))), dtype: x.dtype }];
};

const poolSize = (size: number, kernel: number, stride: number, pads: readonly number[], ceil: boolean): number => {
  const [before = 0, after = 0] = pads;
  const steps = (size + before + after - kernel) / stride;
  const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // Rounding up must not add a window that starts behind the image.
  return (count - 1) * stride < size + before ? count : count - 1;
};

const poolShape: (...args: Parameters<Inference>) => number[] = (inputs, attributes) => {
  const x = required(inputs, 0);
  const kernel = intsAttribute(attributes, 'kernel_shape');
  const strides = intsAttribute(attributes, 'strides');
  const pads = intsAttribute(attributes, 'pads', [0, 0, 0, 0]);
  const ceil = intAttribute(attributes, 'ceil_mode', 0) === 1;
  const spatial = kernel.map((size, k) =>
    poolSize(dimension(x.shape, k + 2), size, strides[k] ?? 1, [pads[k] ?? 0, pads[k + 2] ?? 0], ceil),
  );
  return [...x.shape.slice(0, 2), ...spatial];
};

const averagePoolInference: Inference = (inputs, attributes) => [
  { shape: poolShape(inputs, attributes), dtype: required(inputs, 0).dtype },
];

const maxPoolInference: Inference = (inputs, attributes) => {
  const shape = poolShape(inputs, attributes);
  return [
    { shape, dtype: required(inputs, 0).dtype },
    { shape, dtype: 'int64' },
  ];
};

export const resampleInference: InferenceTable = {
  Resize: resizeInference,
  AveragePool: averagePoolInference,
  MaxPool: maxPoolInference,
};

/** Repeats every pixel factor×factor times. */
export function resizeNearest(x: Value, factor: number): Value {
  if (factor === 1) return x;
  const scales = x.graph.constant([1, 1, factor, factor], [4]);
  return emit('Resize', resizeInference, [x, null, scales], {
    mode: string('nearest'),
    coordinate_transformation_mode: string('asymmetric'),
    nearest_mode: string('floor'),
  });
}

/** Mean of non-overlapping factor×factor blocks; H and W must be multiples of the factor. */
export function averagePool(x: Value, factor: number): Value {
  if (factor === 1) return x;
  if (dimension(x.shape, 2) % factor !== 0 || dimension(x.shape, 3) % factor !== 0)
    throw new Error(`averagePool: ${x.toString()} does not divide into ${factor}×${factor} blocks`);
  return emit('AveragePool', averagePoolInference, [x], {
    kernel_shape: ints([factor, factor]),
    strides: ints([factor, factor]),
  });
}

export interface MaxPoolOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly padding?: number;
  /** Keep a last, partly filled window. */
  readonly ceilMode?: boolean;
}

export function maxPool2d(x: Value, { kernel, stride, padding = 0, ceilMode = false }: MaxPoolOptions): Value {
  const attributes = {
    kernel_shape: ints([kernel, kernel]),
    strides: ints([stride, stride]),
    pads: ints([padding, padding, padding, padding]),
    ceil_mode: int(ceilMode ? 1 : 0),
  };
  return first(emitNode('MaxPool', maxPoolInference, [x], attributes).outputs);
}

/** Dense `[out, in]` weights of a one-dimensional resampling, row by row. */
export type ResamplingMatrix = readonly (readonly number[])[];

/** y = rows · x · columnsᵀ for every channel: x `[N, C, H, W]`, rows `[Ho, H]`, columns `[Wo, W]`. */
export function resampleSeparable(x: Value, rows: ResamplingMatrix, columns: ResamplingMatrix): Value {
  const constant = (matrix: ResamplingMatrix) =>
    x.graph.constant(matrix.flat(), [matrix.length, matrix[0]?.length ?? 0], x.dtype);
  return matmul(matmul(constant(rows), x), transposeLast(constant(columns)));
}

/** Bilinear weights in PyTorch's convention (no antialiasing). */
export function bilinearMatrix(from: number, to: number, alignCorners: boolean): ResamplingMatrix {
  return Array.from({ length: to }, (_, k) => {
    const raw = alignCorners ? (to > 1 ? (k * (from - 1)) / (to - 1) : 0) : ((k + 0.5) * from) / to - 0.5;
    const position = Math.max(0, Math.min(from - 1, raw));
    const low = Math.min(Math.floor(position), from - 1);
    const row = new Array<number>(from).fill(0);
    row[low] = (row[low] ?? 0) + 1 - (position - low);
    const high = Math.min(low + 1, from - 1);
    row[high] = (row[high] ?? 0) + position - low;
    return row;
  });
}

/** Weights of PyTorch's adaptive average pooling. */
export function adaptiveMatrix(from: number, to: number): ResamplingMatrix {
  return Array.from({ length: to }, (_, k) => {
    const [start, end] = [Math.floor((k * from) / to), Math.ceil(((k + 1) * from) / to)];
    return Array.from({ length: from }, (_, i) => (i >= start && i < end ? 1 / (end - start) : 0));
  });
}

/** Exact area (box) weights: equal to nearest ×`to` followed by mean pooling by `from` (up to a common factor). */
export function areaMatrix(from: number, to: number): ResamplingMatrix {
  const width = from / to;
  return Array.from({ length: to }, (_, k) =>
    Array.from({ length: from }, (_, i) => {
      const overlap = Math.min(i + 1, (k + 1) * width) - Math.max(i, k * width);
      return Math.max(0, overlap) / width;
    }),
  );
}

const resize =
  (matrix: (from: number, to: number) => ResamplingMatrix) =>
  (x: Value, height: number, width: number): Value =>
    resampleSeparable(x, matrix(dimension(x.shape, 2), height), matrix(dimension(x.shape, 3), width));

export const resizeBilinear = (x: Value, height: number, width: number, alignCorners = false): Value =>
  resize((from, to) => bilinearMatrix(from, to, alignCorners))(x, height, width);
export const adaptiveAveragePool2d = resize(adaptiveMatrix);
export const resizeArea = resize(areaMatrix);

export interface UpfirdnOptions {
  readonly up?: number;
  readonly down?: number;
  /** Zeros before and after on both axes, after upsampling; negative numbers crop. */
  readonly padding?: readonly [number, number];
}

/**
 * Upsample by zero insertion, pad, filter with a FIR kernel (true convolution: the kernel is flipped), keep every down-th
 * pixel. kernel: rows of a small matrix. StyleGAN2's `upfirdn2d`.
 */
export function upfirdn2d(x: Value, kernel: ResamplingMatrix, options: UpfirdnOptions = {}): Value {
  const { up = 1, down = 1, padding = [0, 0] } = options;
  const spread = dilate(x, [1, 1, up, up]);
  const grow = [0, 0, Math.max(0, padding[0]), Math.max(0, padding[0])];
  const growEnd = [0, 0, Math.max(0, padding[1]), Math.max(0, padding[1])];
  const padded = cropNegative(pad(spread, grow, growEnd), padding);
  const flipped = [...kernel].reverse().map((row) => [...row].reverse());
  const [n, c] = [dimension(x.shape, 0), dimension(x.shape, 1)];
  const planes = reshape(padded, [n * c, 1, dimension(padded.shape, 2), dimension(padded.shape, 3)]);
  const weight = x.graph.constant(flipped.flat(), [1, 1, kernel.length, kernel[0]?.length ?? 0], x.dtype);
  const filtered = conv2d(planes, weight, { stride: down });
  return reshape(filtered, [n, c, dimension(filtered.shape, 2), dimension(filtered.shape, 3)]);
}

function cropNegative(x: Value, [before, after]: readonly [number, number]): Value {
  if (before >= 0 && after >= 0) return x;
  const range = (axis: number) => ({
    axis,
    start: Math.max(0, -before),
    end: dimension(x.shape, axis) - Math.max(0, -after),
  });
  return sliceAxes(x, [range(2), range(3)]);
}

/** StyleGAN2's separable [1, 3, 3, 1] low-pass kernel, with the given sum. */
export function binomialKernel(total: number): ResamplingMatrix {
  const taps = [1, 3, 3, 1];
  return taps.map((a) => taps.map((b) => (a * b * total) / 64));
}

/** Running product along an axis, for noise schedules: built from slices, so keep the axis short. */
export function cumulativeProduct(x: Value, axis: number): Value {
  const count = dimension(x.shape, axis);
  const parts: Value[] = [];
  for (let k = 0; k < count; k++) {
    const item = sliceAxes(x, [{ axis, start: k, end: k + 1 }]);
    const previous = parts[k - 1];
    parts.push(previous ? mul(previous, item) : item);
  }
  return concat(parts, axis);
}
