/**
 * Convolutions over `[N, C, H, W]` with weights `[M, C/groups, kh, kw]`, and what StyleGAN2 builds on them.
 *
 * The weight gradient is an operator of its own (`ConvWeightGradient`, domain `deltaspace`), bilinear in its two inputs, so
 * that second-order gradients (R1, path length) are again convolutions; `passes/lower.ts` turns it into matrix products.
 */
import { type Attributes, int, ints, type Value } from '../ir/graph.js';
import { assertShape, dimension, formatShape } from '../ir/shape.js';
import { add, mul, neg, relu, rsqrt, square, sub } from './elementwise.js';
import {
  commonDType,
  emit,
  type Inference,
  type InferenceTable,
  intAttribute,
  intsAttribute,
  required,
} from './emit.js';
import { expand, flip, reshape, transpose } from './layout.js';
import { gemm } from './matmul.js';
import { sum } from './reduce.js';

/** What every convolution asks of its operands: one dtype, one or two spatial axes, fitting attributes and bias. */
function checkOperands(opType: string, inputs: readonly (Value | null)[], attributes: Attributes, channels: number) {
  const [x, w, bias] = [required(inputs, 0), required(inputs, 1), inputs[2]];
  commonDType(opType, x, w);
  const spatial = x.shape.length - 2;
  if ((spatial !== 1 && spatial !== 2) || w.shape.length !== x.shape.length)
    throw new Error(
      `${opType}: got input ${formatShape(x.shape)} and weight ${formatShape(w.shape)}, expected rank 3 or 4`,
    );
  assertShape(`${opType}: the kernel of the weight`, w.shape.slice(2), intsAttribute(attributes, 'kernel_shape'));
  assertCount(`${opType}: strides`, intsAttribute(attributes, 'strides'), spatial, 1);
  assertCount(`${opType}: pads`, intsAttribute(attributes, 'pads'), 2 * spatial, 0);
  if (bias) assertShape(`${opType}: the bias`, bias.shape, [channels]);
}

function assertCount(what: string, numbers: readonly number[], count: number, least: number): void {
  if (numbers.length !== count || numbers.some((number) => number < least))
    throw new Error(`${what}: got ${formatShape(numbers)}, expected ${count} numbers of at least ${least}`);
}

const convInference: Inference = (inputs, attributes) => {
  const [x, w] = [required(inputs, 0), required(inputs, 1)];
  const group = intAttribute(attributes, 'group', 1);
  checkOperands('Conv', inputs, attributes, dimension(w.shape, 0));
  if (dimension(x.shape, 1) !== dimension(w.shape, 1) * group || dimension(w.shape, 0) % group !== 0)
    throw new Error(
      `Conv: input ${formatShape(x.shape)}, weight ${formatShape(w.shape)} and ${group} groups do not fit`,
    );
  const strides = intsAttribute(attributes, 'strides');
  const pads = intsAttribute(attributes, 'pads');
  const spatial = strides.map((stride, k) => {
    const padded = dimension(x.shape, k + 2) + (pads[k] ?? 0) + (pads[k + strides.length] ?? 0);
    return Math.floor((padded - dimension(w.shape, k + 2)) / stride) + 1;
  });
  if (spatial.some((size) => size < 1))
    throw new Error(`Conv: kernel ${formatShape(w.shape.slice(2))} is larger than the padded ${formatShape(x.shape)}`);
  return [{ shape: [dimension(x.shape, 0), dimension(w.shape, 0), ...spatial], dtype: x.dtype }];
};

const convTransposeInference: Inference = (inputs, attributes) => {
  const [x, w] = [required(inputs, 0), required(inputs, 1)];
  const group = intAttribute(attributes, 'group', 1);
  const channels = dimension(w.shape, 1) * group;
  checkOperands('ConvTranspose', inputs, attributes, channels);
  if (dimension(x.shape, 1) !== dimension(w.shape, 0) || dimension(w.shape, 0) % group !== 0)
    throw new Error(
      `ConvTranspose: input ${formatShape(x.shape)}, weight ${formatShape(w.shape)} and ${group} groups do not fit`,
    );
  const strides = intsAttribute(attributes, 'strides');
  const pads = intsAttribute(attributes, 'pads');
  const extra = intsAttribute(attributes, 'output_padding');
  const spatial = strides.map(
    (stride, k) =>
      (dimension(x.shape, k + 2) - 1) * stride -
      (pads[k] ?? 0) -
      (pads[k + strides.length] ?? 0) +
      dimension(w.shape, k + 2) +
      (extra[k] ?? 0),
  );
  return [{ shape: [dimension(x.shape, 0), channels, ...spatial], dtype: x.dtype }];
};

const weightGradientInference: Inference = (inputs, attributes) => {
  const [x, cotangent] = [required(inputs, 0), required(inputs, 1)];
  const group = intAttribute(attributes, 'group', 1);
  const perGroup = dimension(x.shape, 1) / group;
  const kernel = intsAttribute(attributes, 'kernel_shape');
  commonDType('ConvWeightGradient', x, cotangent);
  if (!Number.isInteger(perGroup) || dimension(cotangent.shape, 1) % group !== 0)
    throw new Error(
      `ConvWeightGradient: ${x.toString()} and ${cotangent.toString()} do not divide into ${group} groups`,
    );
  const { stride, padding } = geometryOf(attributes);
  const expected = kernel.map((size, k) => Math.floor((dimension(x.shape, k + 2) + 2 * padding - size) / stride) + 1);
  assertShape('ConvWeightGradient: the cotangent', cotangent.shape, [
    dimension(x.shape, 0),
    dimension(cotangent.shape, 1),
    ...expected,
  ]);
  return [{ shape: [dimension(cotangent.shape, 1), perGroup, ...kernel], dtype: x.dtype }];
};

export const convolutionInference: InferenceTable = {
  Conv: convInference,
  ConvTranspose: convTransposeInference,
  ConvWeightGradient: weightGradientInference,
};

/** Geometry shared by a convolution and its gradients. */
export interface ConvGeometry {
  readonly stride?: number;
  /** Zeros added on each side. */
  readonly padding?: number;
  readonly groups?: number;
}

export interface ConvOptions extends ConvGeometry {
  /** `[M]`. */
  readonly bias?: Value;
}

const geometryAttributes = (spatialRank: number, { stride = 1, padding = 0, groups = 1 }: ConvGeometry) => ({
  strides: ints(new Array<number>(spatialRank).fill(stride)),
  pads: ints(new Array<number>(2 * spatialRank).fill(padding)),
  group: int(groups),
});

/** Reads back the geometry that `geometryAttributes` wrote. Throws for uneven strides or paddings. */
export function geometryOf(attributes: Parameters<Inference>[1]): Required<ConvGeometry> {
  const one = (name: string, fallback: number) => {
    const values = intsAttribute(attributes, name);
    if (values.some((value) => value !== values[0]))
      throw new Error(`uneven ${name} ${formatShape(values)} not supported`);
    return values[0] ?? fallback;
  };
  return { stride: one('strides', 1), padding: one('pads', 0), groups: intAttribute(attributes, 'group', 1) };
}

/** Cross-correlation, as in PyTorch: x `[N, C, H, W]`, weight `[M, C/groups, kh, kw]`. One or two spatial axes. */
export function conv2d(x: Value, weight: Value, options: ConvOptions = {}): Value {
  const attributes = {
    ...geometryAttributes(x.shape.length - 2, options),
    kernel_shape: ints(weight.shape.slice(2)),
  };
  return emit('Conv', convInference, options.bias ? [x, weight, options.bias] : [x, weight], attributes);
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Extra rows and columns at the end: one number, or one per spatial axis. */
  readonly outputPadding?: number | readonly number[];
}

/** Transposed convolution: x `[N, C, H, W]`, weight `[C, M/groups, kh, kw]`. */
export function convTranspose2d(x: Value, weight: Value, options: ConvTransposeOptions = {}): Value {
  const rank = x.shape.length - 2;
  const { outputPadding = 0 } = options;
  const extra = typeof outputPadding === 'number' ? new Array<number>(rank).fill(outputPadding) : outputPadding;
  const attributes = {
    ...geometryAttributes(rank, options),
    kernel_shape: ints(weight.shape.slice(2)),
    output_padding: ints(extra),
  };
  return emit(
    'ConvTranspose',
    convTransposeInference,
    options.bias ? [x, weight, options.bias] : [x, weight],
    attributes,
  );
}

/**
 * d loss/d weight of `conv2d`: x `[N, C, H, W]`, cotangent `[N, M, Ho, Wo]` → `[M, C/groups, kh, kw]`.
 * Bilinear in both, and differentiable.
 */
export function convWeightGradient(
  x: Value,
  cotangent: Value,
  kernel: readonly number[],
  geometry: ConvGeometry,
): Value {
  const attributes = { ...geometryAttributes(x.shape.length - 2, geometry), kernel_shape: ints(kernel) };
  return emit('ConvWeightGradient', weightGradientInference, [x, cotangent], attributes, 'deltaspace');
}

/**
 * d loss/d input of `conv2d`: cotangent `[N, M, Ho, Wo]`, weight `[M, C/groups, kh, kw]` → `[N, C, H, W]`.
 * A stride-1 dense convolution becomes a convolution with the flipped, transposed weight (measured 1.1–1.7 times faster
 * than ConvTranspose); everything else becomes a ConvTranspose.
 */
export function convInputGradient(
  cotangent: Value,
  weight: Value,
  inputShape: readonly number[],
  geometry: Required<ConvGeometry>,
): Value {
  const { stride, padding, groups } = geometry;
  const kernel = weight.shape.slice(2);
  const square = kernel.every((size) => size === kernel[0]);
  const flippedPadding = (kernel[0] ?? 1) - 1 - padding;
  if (stride === 1 && groups === 1 && square && flippedPadding >= 0) {
    const swapped = transpose(weight, [1, 0, ...kernel.map((_, k) => k + 2)]);
    const flipped = flip(
      swapped,
      kernel.map((_, k) => k + 2),
    );
    return conv2d(cotangent, flipped, { padding: flippedPadding });
  }
  const outputPadding = kernel.map(
    (size, k) => dimension(inputShape, k + 2) - ((dimension(cotangent.shape, k + 2) - 1) * stride - 2 * padding + size),
  );
  return convTranspose2d(cotangent, weight, { stride, padding, groups, outputPadding });
}

/** x where positive, a·x elsewhere, with one slope per channel: x `[N, C, …]`, slopes `[C]`. */
export function prelu(x: Value, slopes: Value): Value {
  const perChannel = reshape(slopes, [1, dimension(x.shape, 1), ...x.shape.slice(2).map(() => 1)]);
  return sub(relu(x), mul(perChannel, relu(neg(x))));
}

/** Adds a per-channel vector `[C]` to x `[N, C, …]`. */
export function addChannelBias(x: Value, bias: Value): Value {
  return add(x, reshape(bias, [1, dimension(x.shape, 1), ...x.shape.slice(2).map(() => 1)]));
}

export interface ModulatedConvOptions {
  /** Normalise every output channel's weight to unit length (StyleGAN2's demodulation). */
  readonly demodulate: boolean;
  /** Multiplies the weight: 1/√(Cin·k²) for checkpoints with equalised weights, 1 for folded ones. */
  readonly weightScale?: number;
  readonly epsilon?: number;
  /** The convolution itself; default 'same' padding at the input's resolution. */
  readonly convolve?: (x: Value, weight: Value) => Value;
}

/**
 * StyleGAN2's modulated convolution in its batched exact form: x `[N, Cin, H, W]`, weight `[Cout, Cin, k, k]`, style
 * `[N, Cin]`. Scaling the input replaces scaling the weight, and demodulation scales the output:
 * y = d ⊙ conv(x ⊙ s, w) with d = rsqrt(s² · Σ_k w² + ε). No per-sample weights, so any batch runs as one convolution.
 */
export function modulatedConv2d(x: Value, weight: Value, style: Value, options: ModulatedConvOptions): Value {
  const { demodulate, weightScale = 1, epsilon = 1e-8 } = options;
  const [batch, inChannels] = [dimension(x.shape, 0), dimension(x.shape, 1)];
  const outChannels = dimension(weight.shape, 0);
  const scaled = weightScale === 1 ? weight : mul(weight, weightScale);
  const padding = (dimension(weight.shape, 2) - 1) >> 1;
  const convolve = options.convolve ?? ((input, kernel) => conv2d(input, kernel, { padding }));
  const y = convolve(mul(x, reshape(style, [batch, inChannels, 1, 1])), scaled);
  if (!demodulate) return y;
  const energy = sum(square(scaled), [2, 3]);
  const demodulation = rsqrt(add(gemm(square(style), energy, { transB: true }), epsilon));
  return mul(y, reshape(demodulation, [batch, outChannels, 1, 1]));
}

/** Repeats a learned constant `[1, C, H, W]` over the batch. */
export function repeatOverBatch(constant: Value, batch: number): Value {
  return expand(constant, [batch, ...constant.shape.slice(1)]);
}
