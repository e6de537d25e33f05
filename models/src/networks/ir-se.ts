/**
 * Identity network: face → unit embedding, an IR-SE residual network as ArcFace trains it (Deng et al. 2019). Two faces of
 * one person have a cosine near 1.
 *
 * Structure and parameter names follow TreB1eN/InsightFace_Pytorch, so that the community's IR-SE-50 weights fit. Measured
 * with, never trained here: batch norms use their stored statistics, and the head's dropout is left out.
 */
import {
  add,
  adaptiveAveragePool2d,
  batchNormInference,
  l2Normalize,
  maxPool2d,
  mean,
  mul,
  prelu,
  relu,
  reshape,
  sigmoid,
  sliceAxes,
  type ParameterScope,
  type Value,
} from '@deltaspace/onnx-graph';
import { convolution, dense, expectShape } from './layers.js';

/** Architecture of the identity network. */
export interface IrSeConfig {
  /** Side of the square input image, a multiple of 16. */
  resolution: number;
  /** The four stages of the body in order; the first unit of each halves the side. The stem has the first one's channels. */
  stages: readonly IrSeStage[];
  /** Channels per hidden channel of a squeeze-and-excitation block. */
  squeezeReduction: number;
  /** Length of the embedding. */
  embedding: number;
}

/** One stage of the body. */
export interface IrSeStage {
  readonly channels: number;
  readonly units: number;
}

/** Sizes of IR-SE-50, the network of the community's `model_ir_se50.pth`. */
export const irSe50: IrSeConfig = {
  resolution: 112,
  stages: [
    { channels: 64, units: 3 },
    { channels: 128, units: 4 },
    { channels: 256, units: 14 },
    { channels: 512, units: 3 },
  ],
  squeezeReduction: 16,
  embedding: 512,
};

/** Sides of the recipe that StyleCLIP's identity loss uses on aligned (FFHQ) faces: what of 256 rows and columns is kept. */
const identityCrop = { side: 256, rows: [35, 223], columns: [32, 220] } as const;

/** Aligned face [N, 3, S, S] in [-1, 1] → the crop that the network looks at, [N, 3, R, R]. Any S is pooled to 256 first. */
export function identityView(config: IrSeConfig, image: Value): Value {
  const { side, rows, columns } = identityCrop;
  const batch = image.shape[0] as number;
  expectShape(image, [batch, 3, image.shape[2] as number, image.shape[2] as number], 'identity image');
  const resized = image.shape[2] === side ? image : adaptiveAveragePool2d(image, side, side);
  const face = sliceAxes(resized, [
    { axis: 2, start: rows[0], end: rows[1] },
    { axis: 3, start: columns[0], end: columns[1] },
  ]);
  return adaptiveAveragePool2d(face, config.resolution, config.resolution);
}

/** Embeddings of one batch, both [N, embedding]. */
export interface IdentityEmbedding {
  /** As the head gives them. */
  raw: Value;
  /** Scaled to unit length, as they are compared. */
  unit: Value;
}

/** Face crop [N, 3, R, R] in [-1, 1], RGB → embeddings. */
export function identityEmbedding(scope: ParameterScope, config: IrSeConfig, face: Value): IdentityEmbedding {
  const batch = face.shape[0] as number;
  const features = irSeBody(scope, config, face).at(-1) as Value;
  const flat = reshape(batchNorm(scope, 'output_layer.0', features), [batch, -1]);
  const raw = batchNorm(scope, 'output_layer.4', dense(scope, 'output_layer.3', flat, config.embedding));
  return { raw, unit: l2Normalize(raw, -1) };
}

/** The body without head: image [N, 3, R, R] → one feature map per stage, each with half the side of the one before. */
export function irSeBody(scope: ParameterScope, config: IrSeConfig, image: Value): Value[] {
  const { resolution, stages, squeezeReduction } = config;
  expectShape(image, [image.shape[0] as number, 3, resolution, resolution], 'IR-SE image');
  if (stages.length !== 4 || resolution % 16 !== 0)
    throw new Error(`IR-SE: ${stages.length} stages do not halve ${resolution} px four times`);
  const stem = convolution(scope, 'input_layer.0', image, (stages[0] as IrSeStage).channels, { bias: null });
  let x = slopes(scope, 'input_layer.2', batchNorm(scope, 'input_layer.1', stem));
  let index = 0;
  return stages.map(({ channels, units }) => {
    for (let unit = 0; unit < units; unit++)
      x = residualUnit(scope, `body.${index++}`, x, channels, unit === 0 ? 2 : 1, squeezeReduction);
    return x;
  });
}

/** x [N, in, h, h] → [N, channels, h/stride, h/stride]: two convolutions with excitation, added to a shortcut. */
function residualUnit(
  scope: ParameterScope,
  name: string,
  x: Value,
  channels: number,
  stride: number,
  squeezeReduction: number,
): Value {
  const part = (k: number | string): string => `${name}.res_layer.${k}`;
  let y = batchNorm(scope, part(0), x);
  y = slopes(scope, part(2), convolution(scope, part(1), y, channels, { bias: null }));
  y = batchNorm(scope, part(4), convolution(scope, part(3), y, channels, { stride, bias: null }));
  return add(
    excite(scope, part(5), y, squeezeReduction),
    shortcut(scope, `${name}.shortcut_layer`, x, channels, stride),
  );
}

/** Every stride-th pixel where the channels stay, a 1×1 convolution where they change. */
function shortcut(scope: ParameterScope, name: string, x: Value, channels: number, stride: number): Value {
  if (x.shape[1] === channels) return stride === 1 ? x : maxPool2d(x, { kernel: 1, stride });
  const projected = convolution(scope, `${name}.0`, x, channels, { kernel: 1, stride, bias: null });
  return batchNorm(scope, `${name}.1`, projected);
}

/** Squeeze and excitation (Hu et al. 2018): every channel is scaled by what the means of all channels say. */
function excite(scope: ParameterScope, name: string, x: Value, reduction: number): Value {
  const channels = x.shape[1] as number;
  const options = { kernel: 1, bias: null };
  const hidden = convolution(
    scope,
    `${name}.fc1`,
    mean(x, [2, 3], true),
    Math.max(1, Math.floor(channels / reduction)),
    options,
  );
  return mul(x, sigmoid(convolution(scope, `${name}.fc2`, relu(hidden), channels, options)));
}

/** Batch norm of x [N, C, …] with stored statistics. Parameters `NAME.weight`, `bias`, `running_mean`, `running_var`, [C]. */
function batchNorm(scope: ParameterScope, name: string, x: Value): Value {
  const parameter = (suffix: string, value: number): Value =>
    scope(`${name}.${suffix}`, [x.shape[1] as number], { kind: 'constant', value });
  return batchNormInference(x, {
    scale: parameter('weight', 1),
    shift: parameter('bias', 0),
    mean: parameter('running_mean', 0),
    variance: parameter('running_var', 1),
  });
}

/** Leaky ReLU with a learned slope per channel: `NAME.weight` [C]. */
function slopes(scope: ParameterScope, name: string, x: Value): Value {
  return prelu(x, scope(`${name}.weight`, [x.shape[1] as number], { kind: 'constant', value: 0.25 }));
}
