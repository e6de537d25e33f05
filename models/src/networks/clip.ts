/**
 * Small CLIP: an image tower and a text tower into one embedding space.
 *
 * The text tower starts from frozen general word vectors, so that words never seen in training still mean something; two
 * residual blocks look at neighbouring words, and attention pooling with several heads (plus a plain sum) makes one vector.
 * Towers return raw features; `unitNormalize` makes them comparable. Contrastive loss and tokenisation are not here.
 */
import {
  add,
  averagePool,
  cast,
  concat,
  gather,
  greater,
  l2Normalize,
  matmul,
  mul,
  pad,
  reshape,
  slice,
  softmax,
  sub,
  sum,
  transpose,
  type ParameterScope,
  type Value,
} from '@deltaspace/onnx-graph';
import { convolution, dense, expectShape, leaky } from './layers.js';

/** Architecture of the image tower. */
export interface ClipImageConfig {
  /** Side of the square input image. */
  resolution: number;
  /** The image is averaged over squares of this side first; default 1. */
  pooling?: number;
  /** 3×3 convolutions in order. */
  layers: readonly { readonly channels: number; readonly stride: 1 | 2 }[];
  /** Width of the dense layer before the projection. */
  hidden: number;
  /** Width of the embedding. */
  embedDim: number;
}

/** Architecture of the text tower. */
export interface ClipTextConfig {
  /** Rows of the word-vector table; row 0 is padding. */
  vocabularySize: number;
  /** Length of one word vector. */
  wordDim: number;
  /** Tokens per text; shorter texts are padded with id 0. */
  contextLength: number;
  width: number;
  blocks: number;
  heads: number;
  hidden: number;
  embedDim: number;
}

/** Image tower sizes that served 64 px well; larger images get further halving layers. */
export function defaultClipImage(resolution: number, embedDim = 128): ClipImageConfig {
  const layers: { channels: number; stride: 1 | 2 }[] = [
    { channels: 32, stride: 2 },
    { channels: 64, stride: 2 },
    { channels: 128, stride: 2 },
    { channels: 128, stride: 1 },
    { channels: 192, stride: 2 },
  ];
  for (let side = 64; side < resolution; side *= 2) layers.unshift({ channels: 16, stride: 2 });
  return { resolution, layers, hidden: 384, embedDim };
}

/** Text tower sizes that served the avatars well. */
export function defaultClipText(vocabularySize: number, embedDim = 128): ClipTextConfig {
  return { vocabularySize, wordDim: 100, contextLength: 26, width: 128, blocks: 2, heads: 4, hidden: 256, embedDim };
}

/** image [N, 3, R, R] in [-1, 1] → features [N, embedDim], not normalised. */
export function clipImageTower(scope: ParameterScope, config: ClipImageConfig, image: Value): Value {
  const batch = image.shape[0] as number;
  expectShape(image, [batch, 3, config.resolution, config.resolution], 'clip image');
  const { pooling = 1 } = config;
  let x = pooling === 1 ? image : averagePool(image, pooling);
  config.layers.forEach(({ channels, stride }, i) => {
    x = leaky(convolution(scope, `visual.conv${i}`, x, channels, { stride, gain: Math.SQRT2 }));
  });
  const hidden = leaky(dense(scope, 'visual.hidden', reshape(x, [batch, -1]), config.hidden, { gain: Math.SQRT2 }));
  return dense(scope, 'visual.proj', hidden, config.embedDim);
}

/** Name of the frozen word-vector table among the text tower's parameters. */
export const wordVectorsName = 'text.word_vectors';

/** Word vectors of token ids [N, L] (int32 or int64): [N, L, wordDim]. */
export function embedWords(scope: ParameterScope, config: ClipTextConfig, ids: Value): Value {
  const shape = [config.vocabularySize, config.wordDim];
  return gather(scope(wordVectorsName, shape, { kind: 'normal', std: 0.3, learningRateScale: 0 }), ids, 0);
}

/** 1 where an id is a word, 0 where it is padding: [N, L] float32. */
export function tokenMask(ids: Value): Value {
  return cast(greater(cast(ids, 'float32'), 0.5), 'float32');
}

/**
 * Word vectors [N, L, wordDim] and mask [N, L] → features [N, embedDim], not normalised.
 * Apart from `clipTextTower` so that training can disturb the word vectors.
 */
export function textTowerOfVectors(scope: ParameterScope, config: ClipTextConfig, vectors: Value, mask: Value): Value {
  const { contextLength: length, width, heads } = config;
  const batch = vectors.shape[0] as number;
  expectShape(vectors, [batch, length, config.wordDim], 'text word vectors');
  expectShape(mask, [batch, length], 'text mask');
  const wordMask = reshape(mask, [batch, length, 1]);
  let h = mul(dense(scope, 'text.input', vectors, width), wordMask);
  for (let block = 0; block < config.blocks; block++) {
    const y = leaky(dense(scope, `text.block${block}`, withNeighbours(h), width, { gain: Math.SQRT2 }));
    h = add(h, mul(y, wordMask));
  }
  const scores = transpose(dense(scope, 'text.attention', h, heads), [0, 2, 1]); // [N, heads, L]
  const hidePadding = mul(sub(reshape(mask, [batch, 1, length]), 1), 1e4);
  const attention = softmax(add(scores, hidePadding), -1);
  const pooled = reshape(matmul(attention, h), [batch, heads * width]);
  const total = mul(sum(h, [1]), 0.2);
  const hidden = leaky(dense(scope, 'text.hidden', concat([pooled, total], 1), config.hidden, { gain: Math.SQRT2 }));
  return dense(scope, 'text.proj', hidden, config.embedDim);
}

/** ids [N, L] (int32 or int64, 0 = padding) → features [N, embedDim], not normalised. */
export function clipTextTower(scope: ParameterScope, config: ClipTextConfig, ids: Value): Value {
  expectShape(ids, [ids.shape[0] as number, config.contextLength], 'text ids');
  return textTowerOfVectors(scope, config, embedWords(scope, config, ids), tokenMask(ids));
}

/** Features [N, D] scaled to unit length. */
export function unitNormalize(features: Value): Value {
  return l2Normalize(features, -1);
}

/** [N, L, W] → [N, L, 3W]: previous, own and next word; zeros beyond the ends. */
function withNeighbours(h: Value): Value {
  const length = h.shape[1] as number;
  const padded = pad(h, [0, 1, 0], [0, 1, 0]);
  return concat([slice(padded, 1, 0, length), h, slice(padded, 1, 2, length + 2)], 2);
}
