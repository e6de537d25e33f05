/**
 * Style codes and image embeddings of the training pictures: the text-free data that the mapper and R_s are made from.
 */
import { affine, clipImageTower, inverter, styleLayout, unitNormalize } from '@deltaspace/models';
import { prefixed, type Tensor } from '@deltaspace/onnx-graph';
import { createBatchedNetwork } from '../batched-network.js';
import { fillImage } from '../dataset.js';
import { clipImageConfig, embedDim, generatorConfig, inverterConfig, resolution } from '../settings.js';
import type { Split } from '../splits.js';
import type { StageResult, Workspace } from '../workspace.js';

/** Most pictures that are encoded; more did not change the mapper. */
const codeCount = 32_768;
const batch = 64;
/** Quantiles that bound every channel of an edited code. */
const quantiles = { low: 0.01, high: 0.99 } as const;
const quantileSamples = 8_192;

/** Encoded pictures of one split. */
export interface EncodedPictures {
  readonly count: number;
  /** `[count, S]`. */
  readonly styles: Float32Array;
  /** Unit CLIP embeddings of the pictures, `[count, D]`. */
  readonly embeddings: Float32Array;
}

/** The training pictures, with statistics of every style channel `[S]`. */
export interface Codes extends EncodedPictures {
  readonly mean: Float32Array;
  readonly std: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

export const styleWidth = styleLayout(generatorConfig).styleWidth;

export async function computeCodes(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('codes');
  if (done) return done;
  const { count, styles, embeddings } = await encodePictures(workspace, 'train');
  const matrix = (data: Float32Array, width: number): Tensor => ({
    dtype: 'float32',
    shape: [data.length / width, width],
    data,
  });
  const statistics = Object.entries(channelStatistics(styles, styleWidth)).map(([name, data]): [string, Tensor] => [
    name,
    { dtype: 'float32', shape: [styleWidth], data },
  ]);
  const weights = new Map([
    ['styles', matrix(styles, styleWidth)],
    ['embeddings', matrix(embeddings, embedDim)],
    ...statistics,
  ]);
  return workspace.finish('codes', { weights, facts: { count: String(count) } });
}

/** Encodes the first pictures of a split with the finished networks. */
export async function encodePictures(workspace: Workspace, split: Split): Promise<EncodedPictures> {
  const images = await workspace.images(split);
  const network = await createBatchedNetwork({
    inputs: { image: { shape: [3, resolution, resolution] } },
    batch,
    weights: new Map([...(await workspace.required('growth')), ...(await workspace.required('clip'))]),
    build: (scope, { image }) => {
      if (!image) throw new Error('codes need an image');
      const code = inverter(prefixed(scope, 'inverter'), inverterConfig, image);
      const { s } = affine(prefixed(scope, 'generator'), generatorConfig, code);
      return { s, embedding: unitNormalize(clipImageTower(scope, clipImageConfig, image)) };
    },
    ...(workspace.options.threads === undefined ? {} : { threads: workspace.options.threads }),
  });
  const count = Math.min(codeCount, images.count);
  const { s, embedding } = await network.run(count, (index, buffers, slot) =>
    fillImage(images, index, buffers['image'] as Float32Array, slot),
  );
  await network.dispose();
  if (!s || !embedding) throw new Error('the code network returned nothing');
  return { count, styles: s, embeddings: embedding };
}

/** The finished codes of a workspace. */
export async function loadCodes(workspace: Workspace): Promise<Codes> {
  const tensors = await workspace.required('codes');
  const data = (name: string): Float32Array => {
    const found = tensors.get(name)?.data;
    if (!(found instanceof Float32Array)) throw new Error(`codes lack ${name}`);
    return found;
  };
  const styles = data('styles');
  return {
    count: styles.length / styleWidth,
    styles,
    embeddings: data('embeddings'),
    mean: data('mean'),
    std: data('std'),
    low: data('low'),
    high: data('high'),
  };
}

/** Mean, standard deviation (plus 1e-4, so that dead channels divide) and quantiles of every column of `[N, width]`. */
function channelStatistics(values: Float32Array, width: number) {
  const rows = values.length / width;
  const [mean, std, low, high] = [0, 1, 2, 3].map(() => new Float32Array(width)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let channel = 0; channel < width; channel++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const value = values[row * width + channel] ?? 0;
      sum += value;
      squares += value * value;
    }
    mean[channel] = sum / rows;
    std[channel] = Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2)) + 1e-4;
    const step = Math.max(1, Math.floor(rows / quantileSamples));
    const sample = Float32Array.from(
      { length: Math.floor(rows / step) },
      (_, k) => values[k * step * width + channel] ?? 0,
    ).sort();
    low[channel] = sample[Math.floor(quantiles.low * (sample.length - 1))] ?? 0;
    high[channel] = sample[Math.floor(quantiles.high * (sample.length - 1))] ?? 0;
  }
  return { mean, std, low, high };
}
