/**
 * Embeddings of a pack to analyse: held-out avatars, and a sparse caption of each, as `deltaspace evaluate` compares them.
 */
import { loadPack } from '@deltaspace/models';
import { alignmentMetrics, type AlignmentMetrics } from '../evaluation/clip-metrics.js';
import { imageRows } from '../evaluation/edit-metrics.js';
import { PackNetworks, type Rows } from '../evaluation/pack-networks.js';
import { captionAvatar } from '../recipes/avatars/captions.js';
import { renderDataset } from '../recipes/avatars/dataset.js';
import { seededRandom } from '../recipes/avatars/seeded-random.js';
import type { PairedRows } from './analyze-spaces.js';
import { featureRows, type FeatureRows } from './feature-rows.js';

export interface PackFeaturesOptions {
  readonly packDirectory: string;
  readonly split: 'validation' | 'test';
  /** Avatars to render; 256 or more, or `evaluate`'s figures have no block to rank. */
  readonly avatars: number;
  /** Seed of the captions. */
  readonly seed: number;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface PackFeatures {
  readonly pack: { readonly id: string; readonly version: string; readonly digest: string };
  readonly pairs: PairedRows;
  /** The same avatars and captions as `evaluate` measures them: recall within blocks of 256. */
  readonly evaluated: AlignmentMetrics;
}

/** Embeds the first avatars of a split and their captions. */
export async function packFeatures(options: PackFeaturesOptions): Promise<PackFeatures> {
  const { split, avatars: count, seed, signal } = options;
  const pack = await loadPack(options.packDirectory);
  const networks = new PackNetworks(pack);
  try {
    options.log(`analyze: rendering ${count} ${split} avatars`);
    const size = pack.manifest.resolution;
    const sample = await renderDataset({ split, count, size, ...(signal === undefined ? {} : { signal }) });
    options.log('analyze: embedding images and captions');
    const images = await networks.embedImages(imageRows(sample));
    signal?.throwIfAborted();
    const random = seededRandom(seed);
    const captions = sample.avatars.map((avatar) => captionAvatar(avatar, random, { richness: 'sparse' }));
    const texts = await networks.embedTexts(captions);
    const evaluated = await alignmentMetrics(networks, sample.avatars, images, 'sparse', seed);
    const { id, version } = pack.manifest;
    return {
      pack: { id, version, digest: pack.digest },
      pairs: { images: asFeatures(images, 'avatars'), texts: asFeatures(texts, 'captions') },
      evaluated,
    };
  } finally {
    await networks.dispose();
  }
}

function asFeatures({ count, width, data }: Rows, name: string): FeatureRows {
  return featureRows({ dtype: 'float32', shape: [count, width], data }, name);
}
