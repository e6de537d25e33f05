/**
 * Reductions and what is built on them: softmax family, norms, similarities. Axes may be negative; `keepDims` keeps reduced
 * axes with size 1.
 */
import { int, type Value } from '../ir/graph.js';
import { dimension, normalizeAxis, sizeOf, type Shape } from '../ir/shape.js';
import { abs, add, div, exp, log, maximum, mul, rsqrt, sqrt, square, stopGradient, sub } from './elementwise.js';
import {
  constantNumbers,
  emit,
  type Inference,
  type InferenceTable,
  int64Vector,
  intAttribute,
  likeFirst,
  required,
} from './emit.js';
import { reshape } from './layout.js';

const reduction: Inference = (inputs, attributes) => {
  const x = required(inputs, 0);
  const axes = constantNumbers(required(inputs, 1)).map((axis) => normalizeAxis(axis, x.shape.length));
  const keep = intAttribute(attributes, 'keepdims', 1) === 1;
  const shape = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
  return [{ shape, dtype: x.dtype }];
};

export const reduceInference: InferenceTable = {
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  Softmax: likeFirst,
};

const reduce =
  (opType: string) =>
  (x: Value, axes: readonly number[], keepDims = false): Value => {
    if (axes.length === 0) return x;
    const normalized = axes.map((axis) => normalizeAxis(axis, x.shape.length)).sort((a, b) => a - b);
    const inputs = [x, int64Vector(x.graph, normalized)];
    return emit(opType, reduction, inputs, { keepdims: int(keepDims ? 1 : 0) });
  };

export const sum = reduce('ReduceSum');
export const mean = reduce('ReduceMean');
/** Largest element; its cotangent is shared equally between ties. */
export const max = reduce('ReduceMax');

const everyAxis = (shape: Shape): number[] => shape.map((_, axis) => axis);

/** Sum of all elements, a scalar. */
export const sumAll = (x: Value): Value => sum(x, everyAxis(x.shape));
/** Mean of all elements, a scalar. */
export const meanAll = (x: Value): Value => mean(x, everyAxis(x.shape));

export function softmax(x: Value, axis = -1): Value {
  return emit('Softmax', likeFirst, [x], { axis: int(normalizeAxis(axis, x.shape.length)) });
}

/** log Σ eˣ along an axis, safe against overflow. */
export function logSumExp(x: Value, axis: number, keepDims = false): Value {
  const largest = stopGradient(max(x, [axis], true));
  const result = add(log(sum(exp(sub(x, largest)), [axis], true)), largest);
  const at = normalizeAxis(axis, x.shape.length);
  return keepDims ? result : reshape(result, [...x.shape.slice(0, at), ...x.shape.slice(at + 1)]);
}

export function logSoftmax(x: Value, axis = -1): Value {
  return sub(x, logSumExp(x, axis, true));
}

/** Population variance along axes. */
export function variance(x: Value, axes: readonly number[], keepDims = false): Value {
  return mean(square(sub(x, mean(x, axes, true))), axes, keepDims);
}

/** (x − mean)/√(variance + ε) over the given axes, without affine parameters. */
export function standardize(x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = sub(x, mean(x, axes, true));
  return mul(centred, rsqrt(add(mean(square(centred), axes, true), epsilon)));
}

/** Layer norm over the last axis: x `[…, C]`, scale and shift `[C]`. */
export function layerNorm(x: Value, scale: Value, shift: Value, epsilon = 1e-5): Value {
  return add(mul(standardize(x, [-1], epsilon), scale), shift);
}

/** Group norm: x `[N, C, H, W]`, scale and shift `[C]`, statistics per sample and group of C/groups channels. */
export function groupNorm(x: Value, groups: number, scale: Value, shift: Value, epsilon = 1e-5): Value {
  const batch = dimension(x.shape, 0);
  const channels = dimension(x.shape, 1);
  if (channels % groups !== 0) throw new Error(`groupNorm: ${channels} channels do not divide into ${groups} groups`);
  const grouped = reshape(x, [batch, groups, sizeOf(x.shape) / batch / groups]);
  const perChannel = [1, channels, ...x.shape.slice(2).map(() => 1)];
  const normalized = reshape(standardize(grouped, [-1], epsilon), x.shape);
  return add(mul(normalized, reshape(scale, perChannel)), reshape(shift, perChannel));
}

/** Batch norm with fixed statistics: x `[N, C, …]`, everything else `[C]`. */
export function batchNormInference(
  x: Value,
  { scale, shift, mean, variance }: Record<'scale' | 'shift' | 'mean' | 'variance', Value>,
  epsilon = 1e-5,
): Value {
  const perChannel = (value: Value) => reshape(value, [1, dimension(x.shape, 1), ...x.shape.slice(2).map(() => 1)]);
  const factor = mul(scale, rsqrt(add(variance, epsilon)));
  return add(mul(sub(x, perChannel(mean)), perChannel(factor)), perChannel(shift));
}

/** x·rsqrt(mean over axis 1 of x² + ε), StyleGAN's pixel norm. Axis 1 is the layer axis for `[N, layers, dim]`. */
export function pixelNorm(x: Value, epsilon = 1e-8): Value {
  return mul(x, rsqrt(add(mean(square(x), [1], true), epsilon)));
}

/** max(‖x‖₂, ε) along an axis. The limit stands under the root: the gradient at x = 0 is 0, not 0·∞. */
function norm(x: Value, axis: number, epsilon: number, keepDims: boolean): Value {
  return sqrt(maximum(sum(square(x), [axis], keepDims), epsilon * epsilon));
}

/** x/max(‖x‖₂, ε) along an axis. */
export function l2Normalize(x: Value, axis = -1, epsilon = 1e-12): Value {
  return div(x, norm(x, axis, epsilon, true));
}

/** Cosine of two vectors along an axis; each norm is at least ε. */
export function cosineSimilarity(a: Value, b: Value, axis = -1, epsilon = 1e-8): Value {
  return div(sum(mul(a, b), [axis]), mul(norm(a, axis, epsilon, false), norm(b, axis, epsilon, false)));
}

export const meanSquaredError = (a: Value, b: Value): Value => meanAll(square(sub(a, b)));
export const meanAbsoluteError = (a: Value, b: Value): Value => meanAll(abs(sub(a, b)));
