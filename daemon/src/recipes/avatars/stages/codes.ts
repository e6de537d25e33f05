/**
 * Latent codes and image embeddings of the training pictures: the text-free data that the mappers and R_s are made from.
 *
 * Two sets: single avatars, of which any two make a random pair, and pairs before and after a change.
 */
import { affine, clipImageTower, inverter, styleLayout, unitNormalize } from '@deltaspace/models';
import { prefixed, type Tensor } from '@deltaspace/onnx-graph';
import { createBatchedNetwork } from '../batched-network.js';
import { fillImage, renderPairs, type RenderedAvatars } from '../dataset.js';
import {
  clipImageConfig,
  dataSettings,
  embedDim,
  generatorConfig,
  inverterConfig,
  pairSettings,
  resolution,
} from '../settings.js';
import type { Split } from '../splits.js';
import type { StageResult, Workspace } from '../workspace.js';

/** Most single pictures that are encoded; more did not change the mapper. */
const codeCount = 24_576;
const batch = 64;
/** Quantiles that bound every channel of an edited code. */
const quantiles = { low: 0.01, high: 0.99 } as const;
const quantileSamples = 8_192;

/** Encoded pictures. */
export interface EncodedPictures {
  readonly count: number;
  /** `[count, S]`. */
  readonly styles: Float32Array;
  /** `[count, rows · D_w]`. */
  readonly wPlus: Float32Array;
  /** Unit CLIP embeddings of the pictures, `[count, D]`. */
  readonly embeddings: Float32Array;
}

/** Statistics of every column of a matrix. */
export interface ChannelStatistics {
  readonly mean: Float32Array;
  readonly std: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** The training pictures, with statistics of every style channel `[S]` and of W+ `[rows · D_w]`. */
export interface Codes {
  readonly singles: EncodedPictures;
  /** Picture 2k is before a change of a few attributes, picture 2k + 1 after it. */
  readonly pairs: EncodedPictures;
  readonly statistics: ChannelStatistics;
  readonly wPlusStatistics: ChannelStatistics;
}

const layout = styleLayout(generatorConfig);
export const styleWidth = layout.styleWidth;
export const wPlusWidth = layout.rows * generatorConfig.styleDim;

const parts = ['styles', 'wPlus', 'embeddings'] as const;
const widths = { styles: styleWidth, wPlus: wPlusWidth, embeddings: embedDim } as const;

export async function computeCodes(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('codes');
  if (done) return done;
  const encode = await pictureEncoder(workspace);
  const singles = await encode.pictures(await workspace.images('train'), codeCount);
  const pairs = await encode.pictures(await pairImages(workspace, 'train', pairSettings.changedPairs));
  await encode.dispose();
  const weights = new Map<string, Tensor>();
  for (const [set, pictures] of Object.entries({ singles, pairs }))
    for (const part of parts) {
      const shape = [pictures.count, widths[part]];
      weights.set(`${set}.${part}`, { dtype: 'float32', shape, data: pictures[part] });
    }
  return workspace.finish('codes', {
    weights,
    facts: { count: String(singles.count), pairs: String(pairs.count / 2) },
  });
}

/** Validation pictures, encoded with the finished networks: random ones, and a few pairs. */
export async function validationPictures(workspace: Workspace): Promise<Pick<Codes, 'singles' | 'pairs'>> {
  const encode = await pictureEncoder(workspace);
  const singles = await encode.pictures(await workspace.images('validation'));
  const pairs = await encode.pictures(await pairImages(workspace, 'validation', 1024));
  await encode.dispose();
  return { singles, pairs };
}

function pairImages(workspace: Workspace, split: Split, count: number): Promise<RenderedAvatars> {
  const { threads, signal } = workspace.options;
  workspace.log(`rendering ${count} ${split} pairs at ${resolution} px`);
  return renderPairs({
    split,
    count,
    size: resolution,
    dataSeed: dataSettings.dataSeed,
    directory: workspace.imageDirectory,
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The inverter, the affine layers and the aligned image tower as one network, to run over many pictures. */
async function pictureEncoder(workspace: Workspace) {
  const network = await createBatchedNetwork({
    inputs: { image: { shape: [3, resolution, resolution] } },
    batch,
    weights: new Map([...(await workspace.required('growth')), ...(await workspace.required('alignment'))]),
    build: (scope, { image }) => {
      if (!image) throw new Error('codes need an image');
      const wPlus = inverter(prefixed(scope, 'inverter'), inverterConfig, image);
      const { s } = affine(prefixed(scope, 'generator'), generatorConfig, wPlus);
      return { s, wPlus, embedding: unitNormalize(clipImageTower(scope, clipImageConfig, image)) };
    },
    ...(workspace.options.threads === undefined ? {} : { threads: workspace.options.threads }),
  });
  const pictures = async (images: RenderedAvatars, most = Infinity): Promise<EncodedPictures> => {
    const count = Math.min(most, images.count);
    const { s, wPlus, embedding } = await network.run(count, (index, buffers, slot) =>
      fillImage(images, index, buffers['image'] as Float32Array, slot),
    );
    if (!s || !wPlus || !embedding) throw new Error('the code network returned nothing');
    return { count, styles: s, wPlus, embeddings: embedding };
  };
  return { pictures, dispose: () => network.dispose() };
}

/** The finished codes of a workspace, with their statistics over the single pictures. */
export async function loadCodes(workspace: Workspace): Promise<Codes> {
  const tensors = await workspace.required('codes');
  const set = (name: 'singles' | 'pairs'): EncodedPictures => {
    const data = (part: (typeof parts)[number]): Float32Array => {
      const found = tensors.get(`${name}.${part}`)?.data;
      if (!(found instanceof Float32Array)) throw new Error(`codes lack ${name}.${part}`);
      return found;
    };
    const [styles, wPlus, embeddings] = [data('styles'), data('wPlus'), data('embeddings')];
    return { count: styles.length / styleWidth, styles, wPlus, embeddings };
  };
  const [singles, pairs] = [set('singles'), set('pairs')];
  const statistics = channelStatistics(singles.styles, styleWidth);
  return { singles, pairs, statistics, wPlusStatistics: channelStatistics(singles.wPlus, wPlusWidth) };
}

/** Mean, standard deviation (plus 1e-4, so that dead channels divide) and quantiles of every column of `[N, width]`. */
function channelStatistics(values: Float32Array, width: number): ChannelStatistics {
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
