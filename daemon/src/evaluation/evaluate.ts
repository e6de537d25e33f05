/**
 * `deltaspace evaluate`: a pack against held-out avatars, as one JSON object with every figure and the floors it must reach.
 *
 * Avatars come from the test split, which no training stage sees. Equal seeds give equal numbers.
 */
import { loadPack } from '@deltaspace/models';
import { avatarAt } from '../recipes/avatars/splits.js';
import { ATTRIBUTE_KEYS, type Avatar } from '../recipes/avatars/attributes.js';
import { renderAvatars, renderDataset, type RenderedAvatars } from '../recipes/avatars/dataset.js';
import { counterfactual, EDIT_TEXTS, selectEligible } from '../recipes/avatars/edit-suite.js';
import { visibleAttributes } from '../recipes/avatars/visibility.js';
import { alignmentMetrics, heldOutSynonymAuc, zeroShotAccuracy } from './clip-metrics.js';
import {
  classify,
  delivered,
  editAll,
  type EditBench,
  type EditCase,
  imageRows,
  prepareSubjects,
  scoreImages,
} from './edit-metrics.js';
import { checkFloors } from './floors.js';
import { psnr, ssim } from './image-metrics.js';
import { PackNetworks, rowOf, type Rows } from './pack-networks.js';

export interface EvaluateOptions {
  readonly packDirectory: string;
  /** Avatars per text; default 64. */
  readonly avatarsPerText?: number;
  /** Seed of the captions; default 31. */
  readonly seed?: number;
  /** `validation` while choosing settings, `test` (default) for figures that are reported. */
  readonly split?: 'validation' | 'test';
  readonly threads?: number;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Pictures for everything but edits. */
const sampleCount = 1536;
const defaultAvatarsPerText = 64;
/** Avatars searched for eligible ones per text. */
const candidateCount = 2048;

export async function evaluatePack(options: EvaluateOptions) {
  const { log, split = 'test', seed = 31, avatarsPerText = defaultAvatarsPerText } = options;
  const pack = await loadPack(options.packDirectory);
  const networks = new PackNetworks(pack, options.threads);
  const size = pack.manifest.resolution;
  try {
    log(`evaluate: rendering ${sampleCount} ${split} avatars`);
    const sample = await renderDataset({ split, count: sampleCount, size, ...renderOptions(options) });
    const images = imageRows(sample);
    const embeddings = await networks.embedImages(images);
    log('evaluate: CLIP space and DeltaSpace');
    const zeroShot = await zeroShotAccuracy(networks, sample.avatars, embeddings);
    const clip = {
      sparse: await alignmentMetrics(networks, sample.avatars, embeddings, 'sparse', seed),
      rich: await alignmentMetrics(networks, sample.avatars, embeddings, 'rich', seed),
      zeroShot,
      zeroShotMean: mean(Object.values(zeroShot)),
      heldOutSynonyms: await heldOutSynonymAuc(networks, sample.avatars, embeddings),
    };
    options.signal?.throwIfAborted();
    log('evaluate: reconstructions');
    const autoencoder = await reconstructionMetrics(networks, images, size);
    const classifier = await classifierAccuracy(networks, sample, images);
    options.signal?.throwIfAborted();
    log(`evaluate: ${EDIT_TEXTS.length} texts × ${avatarsPerText} avatars`);
    const bench = await editBench(networks, split, size, avatarsPerText, options);
    const edits = await editMetrics(bench, avatarsPerText);
    const figures = { clip, autoencoder, classifier, edits };
    const { id, version } = pack.manifest;
    return {
      pack: { id, version, digest: pack.digest, resolution: size },
      split,
      seed,
      ...figures,
      floors: checkFloors(figures),
    };
  } finally {
    await networks.dispose();
  }
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

/** Cases, layers and truths of the standard texts. */
export async function editBench(
  networks: PackNetworks,
  split: 'validation' | 'test',
  size: number,
  avatarsPerText: number,
  options: EvaluateOptions,
): Promise<EditBench> {
  const candidates: Avatar[] = Array.from({ length: candidateCount }, (_, i) => avatarAt(split, i));
  const cases: EditCase[] = EDIT_TEXTS.flatMap((text) =>
    selectEligible(candidates, text, avatarsPerText).map((i) => ({ text, avatar: candidates[i] as Avatar })),
  );
  const render = (name: string, avatars: readonly Avatar[]) =>
    renderAvatars(name, avatars, { size, ...renderOptions(options) });
  const layers = await render(
    'layers',
    cases.map(({ avatar }) => avatar),
  );
  const truths = await render(
    'truths',
    cases.map(({ avatar, text }) => counterfactual(avatar, text.changes)),
  );
  return { ...(await prepareSubjects(networks, imageRows(layers))), cases, truths: imageRows(truths) };
}

async function editMetrics(bench: EditBench, avatarsPerText: number) {
  const { defaults, components } = bench.networks.pack.manifest;
  const settings = { ...defaults, clampStyles: defaults.clampStyles === true };
  const texts = bench.cases.map(({ text }) => text);
  const deltaedit = await editAll(bench, texts, { method: 'deltaedit', ...settings });
  const ceiling = await bench.networks.decode(await bench.networks.invert(bench.truths));
  const methods = {
    nothing: await scoreImages(bench, bench.reconstructions),
    ceiling: await scoreImages(bench, ceiling),
    deltaedit: { ...(await scoreImages(bench, deltaedit.images)), meanChannelsKept: mean(deltaedit.kept) },
    delivered: await scoreImages(bench, delivered(bench, deltaedit.images)),
    ...(components['straightforward-mapper'] === undefined
      ? {}
      : {
          straightforward: await scoreImages(
            bench,
            (await editAll(bench, texts, { method: 'straightforward', strength: 1, threshold: 0, clampStyles: false }))
              .images,
          ),
        }),
  };
  return { avatarsPerText, texts: EDIT_TEXTS.length, cases: bench.cases.length, settings, methods };
}
