/**
 * Layers every network here is made of: dense and convolutional, with parameters in *folded* form.
 *
 * Folded means that a parameter holds the weight that is used, not the unit-variance weight that StyleGAN-style
 * checkpoints store. Equalised learning rates then are a property of the optimiser: each declaration carries
 * `learningRateScale`, the standard deviation of its initial weights, so that a step changes every tensor by the same
 * relative amount (StyleGAN §"equalized learning rate"; the step sizes are equal to those on stored weights).
 * `rosinality.ts` turns stored weights into folded ones when a published checkpoint is loaded.
 */
import {
  add,
  conv2d,
  leakyRelu,
  linear,
  mul,
  type Initialization,
  type ParameterScope,
  type Shape,
  type Value,
} from '@deltaspace/onnx-graph';

/** Negative slope of every leaky ReLU in StyleGAN2, its encoders and its mappers. */
export const leakySlope = 0.2;

/** Learning-rate scale of biases and constants under equalised learning rates (a tenth of a unit-variance weight). */
export const biasLearningRateScale = 0.1;

/** Options of a layer's initial values. */
export interface LayerInit {
  /** Standard deviation of the weights is `gain/√fanIn`; default 1. */
  gain?: number;
  /** Initial bias; `null` for a layer without bias; default 0. */
  bias?: number | null;
}

/** Normal weights with standard deviation `gain/√fanIn` and the matching learning-rate scale. */
export function fanInNormal(shape: Shape, gain = 1): Initialization {
  const std = gain / Math.sqrt(shape.slice(1).reduce((product, axis) => product * axis, 1));
  return { kind: 'normal', std, learningRateScale: std };
}

/** A constant with the learning-rate scale of biases. */
export function constantInit(value: number): Initialization {
  return { kind: 'constant', value, learningRateScale: biasLearningRateScale };
}

/** Affine map of the last axis: `[…, in]` → `[…, out]`. Parameters `NAME.weight` [out, in], `NAME.bias` [out]. */
export function dense(scope: ParameterScope, name: string, x: Value, outFeatures: number, init: LayerInit = {}): Value {
  const shape = [outFeatures, x.shape.at(-1) as number];
  const weight = scope(`${name}.weight`, shape, fanInNormal(shape, init.gain));
  if (init.bias === null) return linear(x, weight);
  return linear(x, weight, scope(`${name}.bias`, [outFeatures], constantInit(init.bias ?? 0)));
}

/** Options of a convolution. */
export interface ConvOptions extends LayerInit {
  /** Side of the square kernel, odd; default 3. Padding keeps the extent (divided by the stride). */
  kernel?: number;
  stride?: number;
}

/** Convolution [N, in, H, W] → [N, out, H/stride, W/stride]. Parameters `NAME.weight` [out, in, k, k], `NAME.bias` [out]. */
export function convolution(
  scope: ParameterScope,
  name: string,
  x: Value,
  outChannels: number,
  options: ConvOptions = {},
): Value {
  const { kernel = 3, stride = 1, gain, bias = 0 } = options;
  const shape = [outChannels, x.shape[1] as number, kernel, kernel];
  const weight = scope(`${name}.weight`, shape, fanInNormal(shape, gain));
  const layout = { stride, padding: (kernel - 1) / 2 };
  if (bias === null) return conv2d(x, weight, layout);
  return conv2d(x, weight, { ...layout, bias: scope(`${name}.bias`, [outChannels], constantInit(bias)) });
}

/** Leaky ReLU without gain; pair it with weights of gain √2. */
export function leaky(x: Value): Value {
  return leakyRelu(x, leakySlope);
}

/** StyleGAN2's fused activation √2·leakyRelu(x + bias), which keeps unit variance for weights of gain 1. */
export function fusedLeaky(x: Value, bias?: Value): Value {
  return mul(leaky(bias === undefined ? x : add(x, bias)), Math.SQRT2);
}

/** Throws unless the value has exactly the expected shape. */
export function expectShape(value: Value, shape: Shape, what: string): void {
  if (value.shape.length !== shape.length || value.shape.some((axis, i) => axis !== shape[i])) {
    throw new Error(`${what}: expected shape [${shape.join(', ')}], got [${value.shape.join(', ')}]`);
  }
}
