/**
 * Edits scored against the truth: because avatars are rendered from attributes, the right result of an edit can be rendered.
 *
 * Success: an attribute classifier, trained on real renders and independent of CLIP, sees all that the text asked for.
 * Preservation: it still sees every other visible attribute as it is in the avatar (not as it was in the reconstruction).
 * PSNR: against the rendered counterfactual, and against the layer. Identity: cosine of the classifier's scores of what
 * the text leaves alone, layer against edit. What is scored is the decoded picture, as in the paper; the picture that the
 * product delivers (composed onto the layer) is scored beside it.
 */
import type { RenderedAvatars } from '../recipes/avatars/dataset.js';
import { fillImage } from '../recipes/avatars/dataset.js';
import { ATTRIBUTE_KEYS, valuesOf, type AttributeKey, type Avatar } from '../recipes/avatars/attributes.js';
import { changeEntries, counterfactual, type EditText } from '../recipes/avatars/edit-suite.js';
import { visibleAttributes } from '../recipes/avatars/visibility.js';
import { composeEdit, pictureOf, toNetworkImage } from '../imaging/index.js';
import { psnr } from './image-metrics.js';
import { rowCosines } from './metrics/index.js';
import { clamped, type PackNetworks, rowOf, rowsFrom, type Rows } from './pack-networks.js';
import { EvaluationError } from './evaluation-error.js';

/** One avatar and the text that it is edited by. */
export interface EditCase {
  readonly text: EditText;
  readonly avatar: Avatar;
}

/** Layers ready to be edited. Images are rows of `3·R·R` in [-1, 1]. */
export interface Subjects {
  readonly networks: PackNetworks;
  readonly layers: Rows;
  readonly wPlus: Rows;
  readonly styles: Rows;
  readonly reconstructions: Rows;
  readonly embeddings: Rows;
}

/** Cases to be scored: one layer and one rendered counterfactual each. */
export interface EditBench extends Subjects {
  readonly cases: readonly EditCase[];
  readonly truths: Rows;
}

/** One edited picture against its truth. */
export interface CaseScore {
  readonly text: string;
  /** 1 when all that was asked for is there. */
  readonly success: number;
  /** Share of the other visible attributes that are unchanged. */
  readonly preserved: number;
  readonly psnr: number;
  readonly layerPsnr: number;
  readonly identity: number;
}

export interface EditScores {
  readonly successRate: number;
  readonly preservationRate: number;
  /** dB against the rendered counterfactual. */
  readonly psnr: number;
  /** dB against the layer. */
  readonly layerPsnr: number;
  readonly identity: number;
  readonly cases: number;
}

export interface ScoredEdits {
  readonly overall: EditScores;
  readonly texts: Readonly<Record<string, EditScores>>;
}

/** Pictures of a rendered set as rows in [-1, 1]. */
export function imageRows(set: RenderedAvatars): Rows {
  const width = 3 * set.size * set.size;
  const data = new Float32Array(set.count * width);
  for (let i = 0; i < set.count; i++) fillImage(set, i, data, i);
  return { count: set.count, width, data };
}

export async function prepareSubjects(networks: PackNetworks, layers: Rows): Promise<Subjects> {
  const wPlus = await networks.run('inverter', { image: layers }, 'wplus');
  const styles = await networks.run('affine', { wplus: wPlus }, 's');
  const [reconstructions, embeddings] = [await networks.decode(styles), await networks.embedImages(layers)];
  return { networks, layers, wPlus, styles, reconstructions, embeddings };
}

/** The pictures that the product returns for layers of the pack's resolution: composed, in 8 bits. */
export function delivered({ networks, layers, reconstructions }: Subjects, images: Rows): Rows {
  const side = networks.pack.manifest.resolution;
  return rowsFrom(
    Array.from({ length: images.count }, (_, i) => {
      const layer = pictureOf(rowOf(layers, i), side);
      return toNetworkImage(composeEdit(layer, rowOf(images, i), rowOf(reconstructions, i), side), side);
    }),
  );
}

/** Scores pictures, one per case. */
export async function scoreImages(bench: EditBench, images: Rows): Promise<CaseScore[]> {
  const seen = await attributeScores(bench.networks, images);
  const original = await layerScores(bench);
  return bench.cases.map(({ text, avatar }, i) => {
    const changes = new Map<string, unknown>(changeEntries(text.changes));
    const [before, after] = [visibleAttributes(avatar), visibleAttributes(counterfactual(avatar, text.changes))];
    const others = ATTRIBUTE_KEYS.filter((key) => !changes.has(key) && before[key] && after[key]);
    const valueOf = (key: AttributeKey) => bestValue(key, seen[i] as AttributeScores);
    const kept = others.filter((key) => valueOf(key) === avatar.values[key]).length;
    return {
      text: text.name,
      success: [...changes].every(([key, value]) => valueOf(key as AttributeKey) === value) ? 1 : 0,
      preserved: others.length === 0 ? 1 : kept / others.length,
      psnr: psnr(rowOf(images, i), rowOf(bench.truths, i)),
      layerPsnr: psnr(rowOf(images, i), rowOf(bench.layers, i)),
      identity: agreement(others, original[i] as AttributeScores, seen[i] as AttributeScores),
    };
  });
}

/** Means over cases, overall and per text in the order of their first case. */
export function summarize(scores: readonly CaseScore[]): ScoredEdits {
  const meanScores = (items: readonly CaseScore[]): EditScores => {
    const mean = (pick: (item: CaseScore) => number) =>
      items.reduce((sum, item) => sum + pick(item), 0) / Math.max(1, items.length);
    return {
      successRate: mean((item) => item.success),
      preservationRate: mean((item) => item.preserved),
      psnr: mean((item) => item.psnr),
      layerPsnr: mean((item) => item.layerPsnr),
      identity: mean((item) => item.identity),
      cases: items.length,
    };
  };
  const names = [...new Set(scores.map(({ text }) => text))];
  const texts = names.map((name) => [name, meanScores(scores.filter(({ text }) => text === name))] as const);
  return { overall: meanScores(scores), texts: Object.fromEntries(texts) };
}

/** The classifier's scores of one picture, by attribute, in the order of its values. */
type AttributeScores = Readonly<Record<AttributeKey, Float32Array>>;

const bestValue = (key: AttributeKey, scores: AttributeScores): string =>
  valuesOf(key)[scores[key].indexOf(Math.max(...scores[key]))] ?? '';

/** Scores of the layers themselves, which every variant is compared with: computed once per bench. */
function layerScores(bench: EditBench): Promise<AttributeScores[]> {
  const known = scoresOfLayers.get(bench);
  const scores = known ?? attributeScores(bench.networks, bench.layers);
  scoresOfLayers.set(bench, scores);
  return scores;
}
const scoresOfLayers = new WeakMap<EditBench, Promise<AttributeScores[]>>();

/** Cosine of the scores of some attributes in two pictures, each attribute's scores taken about their mean. */
function agreement(keys: readonly AttributeKey[], a: AttributeScores, b: AttributeScores): number {
  const centred = (scores: AttributeScores): number[] =>
    keys.flatMap((key) => {
      const mean = scores[key].reduce((sum, value) => sum + value, 0) / scores[key].length;
      return Array.from(scores[key], (value) => value - mean);
    });
  const [first, second] = [centred(a), centred(b)];
  return first.length === 0 ? 1 : (rowCosines(first, second, first.length)[0] as number);
}

/** What the attribute classifier sees in each picture. */
export async function classify(networks: PackNetworks, images: Rows): Promise<Record<AttributeKey, string>[]> {
  return (await attributeScores(networks, images)).map(
    (scores) =>
      Object.fromEntries(ATTRIBUTE_KEYS.map((key) => [key, bestValue(key, scores)])) as Record<AttributeKey, string>,
  );
}

async function attributeScores(networks: PackNetworks, images: Rows): Promise<AttributeScores[]> {
  const config = networks.pack.manifest.components['attribute-classifier']?.config;
  if (!config) {
    const { id } = networks.pack.manifest;
    throw new EvaluationError('network_missing', `pack ${id} has no attribute-classifier, which scores edits`);
  }
  const logits = await networks.run('attribute-classifier', { image: clamped(images) }, 'logits');
  const offsets = new Map<string, readonly [start: number, end: number]>();
  config.heads.reduce((start, { name, values }) => {
    offsets.set(name, [start, start + values]);
    return start + values;
  }, 0);
  return Array.from({ length: logits.count }, (_, i) => {
    const entries = ATTRIBUTE_KEYS.map((key) => {
      const range = offsets.get(key);
      if (!range) throw new EvaluationError('network_missing', `the attribute-classifier has no head ${key}`);
      return [key, rowOf(logits, i).subarray(...range)] as const;
    });
    return Object.fromEntries(entries) as unknown as AttributeScores;
  });
}
