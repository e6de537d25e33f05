/**
 * LPIPS: how different two images look (Zhang et al. 2018, version 0.1), as a weighted difference of features of a
 * SqueezeNet 1.1 trunk. 0 for equal images; smaller is more alike.
 *
 * Parameter names are those of the published files, joined in one scope: torchvision's `features.N.*` for the trunk,
 * `linK.model.1.weight` for the weights of the differences. The AlexNet and VGG variants are not here, nor is the
 * classifier of the trunk; dropout is off.
 */
import {
  add,
  concat,
  conv2d,
  div,
  maximum,
  maxPool2d,
  mean,
  mul,
  relu,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type ParameterScope,
  type Value,
} from '@deltaspace/onnx-graph';
import { constantInit, convolution, expectShape, fanInNormal } from './layers.js';

/** Architecture and constants of LPIPS. */
export interface LpipsConfig {
  /** Channels of the seven feature maps that are compared; all but the first are multiples of 8. */
  channels: readonly number[];
  /** Per RGB channel of an image in [-1, 1]: the trunk sees (x − shift)/scale. */
  shift: readonly [number, number, number];
  scale: readonly [number, number, number];
  /** Added to the length of a feature vector before dividing by it. */
  epsilon: number;
}

/** LPIPS 0.1 with SqueezeNet 1.1. */
export const lpipsSqueeze: LpipsConfig = {
  channels: [64, 128, 256, 384, 384, 512, 512],
  shift: [-0.03, -0.088, -0.188],
  scale: [0.458, 0.448, 0.45],
  epsilon: 1e-10,
};

/** What stands between two compared feature maps, after the first: a max pool or none, then fire modules. */
const slices = [
  { pooled: true, fires: 2 },
  { pooled: true, fires: 2 },
  { pooled: true, fires: 1 },
  { pooled: false, fires: 1 },
  { pooled: false, fires: 1 },
  { pooled: false, fires: 1 },
] as const;

/** Distances of one batch of pairs. */
export interface PerceptualDistance {
  /** [N], the sum of `perLayer`. */
  distance: Value;
  /** [N, 7], the share of every compared feature map. */
  perLayer: Value;
}

/** Below this side nothing is left for the last pool. */
const leastSide = 17;

/** Images a and b [N, 3, H, W] in [-1, 1], RGB, at least 17 px on each side → their distances. */
export function lpips(scope: ParameterScope, config: LpipsConfig, a: Value, b: Value): PerceptualDistance {
  const [batch, , height, width] = a.shape as [number, number, number, number];
  expectShape(a, [batch, 3, height, width], 'LPIPS images');
  expectShape(b, a.shape, 'LPIPS second images');
  if (Math.min(height, width) < leastSide) throw new Error(`LPIPS: ${height}×${width} px is below ${leastSide} px`);
  const [featuresOfA, featuresOfB] = [squeezeNetFeatures(scope, config, a), squeezeNetFeatures(scope, config, b)];
  const perLayer = featuresOfA.map((feature, k) => {
    const difference = square(
      sub(unitLength(feature, config.epsilon), unitLength(featuresOfB[k] as Value, config.epsilon)),
    );
    const shape = [1, feature.shape[1] as number, 1, 1];
    const weight = scope(`lin${k}.model.1.weight`, shape, { kind: 'constant', value: 1 / (shape[1] as number) });
    return mean(sum(mul(difference, weight), [1]), [1, 2]);
  });
  return { distance: perLayer.reduce((total, layer) => add(total, layer)), perLayer: stack(perLayer, 1) };
}

/** Image [N, 3, H, W] in [-1, 1] → the feature maps that are compared, [N, channels[k], …]. */
function squeezeNetFeatures(scope: ParameterScope, config: LpipsConfig, image: Value): Value[] {
  if (config.channels.length !== slices.length + 1)
    throw new Error(`LPIPS: ${config.channels.length} feature maps, expected ${slices.length + 1}`);
  const perChannel = (numbers: readonly number[]): Value => image.graph.constant(numbers, [1, 3, 1, 1]);
  let x = div(sub(image, perChannel(config.shift)), perChannel(config.scale));
  x = relu(stem(scope, x, config.channels[0] as number));
  const features = [x];
  let index = 2; // torchvision counts the stem's convolution, its ReLU, every pool and every fire module
  slices.forEach(({ pooled, fires }, k) => {
    if (pooled) {
      // Rounding up keeps the last, partly filled window, as torchvision's SqueezeNet does.
      x = maxPool2d(x, { kernel: 3, stride: 2, ceilMode: true });
      index++;
    }
    // Within one slice all fire modules have the channels of its result.
    for (let i = 0; i < fires; i++) x = fire(scope, `features.${index++}`, x, config.channels[k + 1] as number);
    features.push(x);
  });
  return features;
}

/** The first convolution: 3×3, stride 2, without padding. */
function stem(scope: ParameterScope, x: Value, channels: number): Value {
  const shape = [channels, 3, 3, 3];
  const weight = scope('features.0.weight', shape, fanInNormal(shape));
  return conv2d(x, weight, { stride: 2, bias: scope('features.0.bias', [channels], constantInit(0)) });
}

/** Fire module: squeezed to an eighth of the result's channels, then expanded by 1×1 and by 3×3 to a half each. */
function fire(scope: ParameterScope, name: string, x: Value, channels: number): Value {
  const squeezed = relu(convolution(scope, `${name}.squeeze`, x, channels / 8, { kernel: 1 }));
  const expanded = (part: string, kernel: number): Value =>
    relu(convolution(scope, `${name}.${part}`, squeezed, channels / 2, { kernel }));
  return concat([expanded('expand1x1', 1), expanded('expand3x3', 3)], 1);
}

/** x/(‖x‖ + ε) over the channels of every pixel. The root's limit keeps the gradient of an all-zero pixel finite. */
function unitLength(x: Value, epsilon: number): Value {
  const length = sqrt(maximum(sum(square(x), [1], true), epsilon * epsilon));
  return div(x, add(length, epsilon));
}
