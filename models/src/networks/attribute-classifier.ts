/**
 * Attribute classifier: image → logits of several independent attributes.
 *
 * Used by evaluation only, trained on real renders and independent of CLIP, so that scores of edits are not judged by the
 * model that made them.
 */
import { averagePool, reshape, slice, type ParameterScope, type Value } from '@deltaspace/onnx-graph';
import { convolution, dense, expectShape, leaky } from './layers.js';

/** Architecture of the classifier. */
export interface AttributeClassifierConfig {
  /** Side of the square input image, a multiple of 8 times the pooling. */
  resolution: number;
  /** The image is averaged over squares of this side first; default 1. */
  pooling?: number;
  /** Channels of the four convolutions. */
  channels: readonly [number, number, number, number];
  hidden: number;
  /** Attribute names with their number of values, in output order. */
  heads: readonly { readonly name: string; readonly values: number }[];
}

/** Sizes that reached 99.5 % on every attribute at 64 px. */
export function defaultAttributeClassifier(
  resolution: number,
  heads: AttributeClassifierConfig['heads'],
): AttributeClassifierConfig {
  return { resolution, channels: [24, 48, 96, 128], hidden: 256, heads };
}

/** image [N, 3, R, R] in [-1, 1] → logits of all heads, concatenated: [N, Σ values]. */
export function attributeClassifier(scope: ParameterScope, config: AttributeClassifierConfig, image: Value): Value {
  const batch = image.shape[0] as number;
  expectShape(image, [batch, 3, config.resolution, config.resolution], 'classifier image');
  const [first, second, third, fourth] = config.channels;
  const gain = Math.SQRT2;
  const { pooling = 1 } = config;
  const seen = pooling === 1 ? image : averagePool(image, pooling);
  let x = leaky(convolution(scope, 'conv1', seen, first, { stride: 2, gain }));
  x = averagePool(leaky(convolution(scope, 'conv2', x, second, { gain })), 2);
  x = leaky(convolution(scope, 'conv3', x, third, { gain }));
  x = leaky(convolution(scope, 'conv4', x, fourth, { stride: 2, gain }));
  const hidden = leaky(dense(scope, 'hidden', reshape(x, [batch, -1]), config.hidden, { gain }));
  return dense(
    scope,
    'heads',
    hidden,
    config.heads.reduce((total, head) => total + head.values, 0),
  );
}

/** The logits of each head: name → [N, values]. */
export function splitHeads(config: AttributeClassifierConfig, logits: Value): Map<string, Value> {
  let offset = 0;
  return new Map(
    config.heads.map(({ name, values }) => {
      const part = slice(logits, 1, offset, offset + values);
      offset += values;
      return [name, part];
    }),
  );
}
