/**
 * `deltaspace evaluate`: a pack against held-out avatars, as one JSON object with every figure and the floors it must reach.
 *
 * Avatars come from splits that no training stage sees. Equal options give equal figures, all but `timings`.
 */
import { loadPack } from '@deltaspace/models';
import type { EditMethod } from '../deltaedit/index.js';
import { ATTRIBUTE_KEYS, type Avatar } from '../recipes/avatars/attributes.js';
import { renderDataset, type RenderedAvatars } from '../recipes/avatars/dataset.js';
import { visibleAttributes } from '../recipes/avatars/visibility.js';
import { alignmentMetrics, heldOutSynonymAuc, zeroShotAccuracy } from './clip-metrics.js';
import { standardTexts } from './edit-bench.js';
import { classify, imageRows } from './edit-metrics.js';
import { reportEdits } from './edit-report.js';
import { checkFloors } from './floors.js';
import { psnr, ssim } from './image-metrics.js';
import { PackNetworks, rowOf, type Rows } from './pack-networks.js';
import { Stopwatch, type Timed } from './stopwatch.js';

export interface EvaluateOptions {
  readonly packDirectory: string;
  /** Avatars per text; default 200. */
  readonly avatarsPerText?: number;
  /** Seed of the captions; default 31. */
  readonly seed?: number;
  /** `validation` while choosing settings, `test` (default) for figures that are reported. */
  readonly split?: 'validation' | 'test';
  /** Methods to compare; all by default. */
  readonly methods?: readonly EditMethod[];
  /** Names of standard texts; all by default, and every reported figure is of all. */
  readonly texts?: readonly string[];
  /** Pictures for everything but edits; a multiple of 256, default 1536. */
  readonly pictures?: number;
  readonly threads?: number;
  readonly log: (line: string) => void;
  /** Told what begins. */
  readonly onStage?: (stage: EvaluationStage) => void;
  readonly signal?: AbortSignal;
}

/** Parts of an evaluation, in their order. */
export type EvaluationStage = 'rendering' | 'embedding' | 'reconstructing' | 'editing';

const defaultPictures = 1536;
const defaultAvatarsPerText = 200;
export const editMethods: readonly EditMethod[] = ['deltaedit', 'straightforward', 'wplus', 'styleclip-gd'];

export type EvaluationReport = Awaited<ReturnType<typeof evaluatePack>>;

/** Measures a pack. Throws for names of texts that are not standard, and the signal's reason when aborted. */
export async function evaluatePack(options: EvaluateOptions) {
  const { split = 'test', seed = 31 } = options;
  standardTexts(options.texts); // Refused before minutes of computing.
  const watch = new Stopwatch();
  const pack = await loadPack(options.packDirectory);
  const networks = new PackNetworks(pack, options.threads);
  try {
    const figures = await measure(networks, { ...options, split, seed }, watch.time);
    const { id, version, resolution, defaults, licence, provenance } = pack.manifest;
    return {
      pack: { id, version, digest: pack.digest, resolution, defaults, licence, provenance },
      split,
      seed,
      ...figures,
      floors: checkFloors(figures),
      timings: watch.timings(),
    };
  } finally {
    await networks.dispose();
  }
}

type Measured = EvaluateOptions & Required<Pick<EvaluateOptions, 'split' | 'seed'>>;

/** All figures of a pack. */
async function measure(networks: PackNetworks, options: Measured, time: Timed) {
  const { log, signal, split, avatarsPerText = defaultAvatarsPerText, pictures = defaultPictures } = options;
  const { methods = editMethods, texts, onStage = () => undefined } = options;
  onStage('rendering');
  const size = networks.pack.manifest.resolution;
  log(`evaluate: rendering ${pictures} ${split} avatars`);
  const shared = renderOptions(options);
  const sample = await time('rendering', () => renderDataset({ split, count: pictures, size, ...shared }));
  const images = imageRows(sample);
  onStage('embedding');
  log('evaluate: CLIP space and DeltaSpace');
  const embeddings = await time('CLIP space', () => networks.embedImages(images));
  const clip = await time('CLIP space', () => clipMetrics(networks, sample.avatars, embeddings, options.seed));
  signal?.throwIfAborted();
  onStage('reconstructing');
  log('evaluate: reconstructions');
  const autoencoder = await time('reconstructions', () => reconstructionMetrics(networks, images, size));
  const classifier = await time('classifier', () => classifierAccuracy(networks, sample, images));
  signal?.throwIfAborted();
  onStage('editing');
  const edits = await reportEdits({
    ...{ networks, split, avatarsPerText, methods, realEmbeddings: embeddings, log, time },
    ...(texts === undefined ? {} : { texts }),
    ...shared,
  });
  return { clip, autoencoder, classifier, edits };
}

async function clipMetrics(networks: PackNetworks, avatars: readonly Avatar[], embeddings: Rows, seed: number) {
  const zeroShot = await zeroShotAccuracy(networks, avatars, embeddings);
  return {
    sparse: await alignmentMetrics(networks, avatars, embeddings, 'sparse', seed),
    rich: await alignmentMetrics(networks, avatars, embeddings, 'rich', seed),
    zeroShot,
    zeroShotMean: mean(Object.values(zeroShot)),
    heldOutSynonyms: await heldOutSynonymAuc(networks, avatars, embeddings),
  };
}

const renderOptions = ({ threads, signal }: EvaluateOptions) => ({
  ...(threads === undefined ? {} : { threads }),
  ...(signal === undefined ? {} : { signal }),
});

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

async function reconstructionMetrics(networks: PackNetworks, images: Rows, size: number) {
  const reconstructions = await networks.decode(await networks.invert(images));
  const pairs = Array.from({ length: images.count }, (_, i) => [rowOf(images, i), rowOf(reconstructions, i)] as const);
  return {
    psnr: mean(pairs.map(([a, b]) => psnr(a, b))),
    // SSIM is slow in JavaScript; a few hundred pictures fix it to three digits.
    ssim: mean(pairs.slice(0, 384).map(([a, b]) => ssim(a, b, size))),
    images: images.count,
    attributesKept: await keptAttributes(networks, reconstructions),
  };
  async function keptAttributes(judge: PackNetworks, pictures: Rows) {
    const [truth, seen] = [await classify(judge, images), await classify(judge, pictures)];
    return Object.fromEntries(
      ATTRIBUTE_KEYS.map((key) => [
        key,
        mean(truth.map((attributes, i) => (attributes[key] === seen[i]?.[key] ? 1 : 0))),
      ]),
    );
  }
}

/** Accuracy of the scoring classifier on real renders it never saw, where the attribute can be seen. */
async function classifierAccuracy(networks: PackNetworks, sample: RenderedAvatars, images: Rows) {
  const seen = await classify(networks, images);
  return Object.fromEntries(
    ATTRIBUTE_KEYS.map((key) => {
      const visible = sample.avatars.flatMap((avatar, i) => (visibleAttributes(avatar)[key] ? [i] : []));
      return [key, mean(visible.map((i) => (seen[i]?.[key] === sample.avatars[i]?.values[key] ? 1 : 0)))];
    }),
  );
}
