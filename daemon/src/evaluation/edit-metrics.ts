/**
 * Edits scored against the truth: because avatars are rendered from attributes, the right result of an edit can be rendered.
 *
 * Success: an attribute classifier, trained on real renders and independent of CLIP, sees what the text asked for.
 * Preservation: it still sees every other visible attribute as it is in the avatar (not as it was in the reconstruction).
 * PSNR: against the rendered counterfactual. What is scored is the decoded picture, as in the paper; the picture that the
 * product delivers (composed onto the layer) is scored beside it.
 */
import type { RenderedAvatars } from '../recipes/avatars/dataset.js';
import { fillImage } from '../recipes/avatars/dataset.js';
import { ATTRIBUTE_KEYS, valuesOf, type Avatar } from '../recipes/avatars/attributes.js';
import { changeEntries, counterfactual, type EditText } from '../recipes/avatars/edit-suite.js';
import { visibleAttributes } from '../recipes/avatars/visibility.js';
import {
  applyDelta,
  channelRelevance,
  channelsKept,
  editCondition,
  straightforwardCondition,
  textDirection,
  thresholdMask,
} from '../deltaedit/index.js';
import { composeEdit, pictureOf, toNetworkImage } from '../imaging/index.js';
import { psnr } from './image-metrics.js';
import { clamped, type PackNetworks, rowOf, rowsFrom, type Rows } from './pack-networks.js';

/** One avatar and the text that it is edited by. */
export interface EditCase {
  readonly text: EditText;
  readonly avatar: Avatar;
}

export interface EditScores {
  readonly successRate: number;
  readonly preservationRate: number;
  readonly psnr: number;
  readonly cases: number;
}

export interface ScoredEdits {
  readonly overall: EditScores;
  readonly texts: Readonly<Record<string, EditScores>>;
  /** Style channels that edits changed, on average. */
  readonly meanChannelsKept?: number;
}

/** Layers ready to be edited. Images are rows of `3·R·R` in [-1, 1]. */
export interface Subjects {
  readonly networks: PackNetworks;
  readonly layers: Rows;
  readonly styles: Rows;
  readonly reconstructions: Rows;
  readonly embeddings: Rows;
}

/** Cases to be scored: one layer and one rendered counterfactual each. */
export interface EditBench extends Subjects {
  readonly cases: readonly EditCase[];
  readonly truths: Rows;
}

export interface EditSettings {
  readonly method: 'deltaedit' | 'straightforward';
  readonly strength: number;
  readonly threshold: number;
  readonly clampStyles: boolean;
}

/** Pictures of a rendered set as rows in [-1, 1]. */
export function imageRows(set: RenderedAvatars): Rows {
  const width = 3 * set.size * set.size;
  const data = new Float32Array(set.count * width);
  for (let i = 0; i < set.count; i++) fillImage(set, i, data, i);
  return { count: set.count, width, data };
}

export async function prepareSubjects(networks: PackNetworks, layers: Rows): Promise<Subjects> {
  const styles = await networks.invert(layers);
  const [reconstructions, embeddings] = [await networks.decode(styles), await networks.embedImages(layers)];
  return { networks, layers, styles, reconstructions, embeddings };
}

/** Edits layer i by text i, with one setting for all. Returns decoded pictures, and how many channels each edit kept. */
export async function editAll(
  subjects: Subjects,
  texts: readonly Pick<EditText, 'source' | 'target'>[],
  settings: EditSettings,
): Promise<{ images: Rows; kept: number[] }> {
  const { networks, styles, embeddings } = subjects;
  const { statistics } = networks.pack;
  const directions = await Promise.all(
    texts.map(async ({ source, target }) => ({
      target: await networks.embedPrompt(target),
      source: await networks.embedPrompt(source),
    })),
  );
  const straightforward = settings.method === 'straightforward';
  const conditions = directions.map(({ target, source }, i) =>
    straightforward
      ? straightforwardCondition(rowOf(embeddings, i), target)
      : editCondition(rowOf(embeddings, i), textDirection(target, source)),
  );
  const network = straightforward ? 'straightforward-mapper' : 'mapper';
  const deltas = await networks.run(network, { s: styles, condition: rowsFrom(conditions) }, 'delta');
  const masks = directions.map(({ target, source }) =>
    straightforward
      ? new Uint8Array(styles.width).fill(1)
      : thresholdMask(channelRelevance(statistics.relevance, textDirection(target, source)), settings.threshold),
  );
  const bounds =
    settings.clampStyles && !straightforward ? { low: statistics.styleLow, high: statistics.styleHigh } : undefined;
  const edited = texts.map((_, i) =>
    applyDelta(rowOf(styles, i), rowOf(deltas, i), masks[i] as Uint8Array, settings.strength, bounds),
  );
  return { images: await networks.decode(rowsFrom(edited)), kept: masks.map(channelsKept) };
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
export async function scoreImages(bench: EditBench, images: Rows): Promise<ScoredEdits> {
  const seen = await classify(bench.networks, images);
  const perCase = bench.cases.map((item, i) => {
    const changes = new Map<string, unknown>(changeEntries(item.text.changes));
    const [before, after] = [
      visibleAttributes(item.avatar),
      visibleAttributes(counterfactual(item.avatar, item.text.changes)),
    ];
    const others = ATTRIBUTE_KEYS.filter((key) => !changes.has(key) && before[key] && after[key]);
    const kept = others.filter((key) => seen[i]?.[key] === item.avatar.values[key]).length;
    return {
      text: item.text.name,
      success: [...changes].every(([key, value]) => seen[i]?.[key] === value) ? 1 : 0,
      preserved: others.length === 0 ? 1 : kept / others.length,
      psnr: psnr(rowOf(images, i), rowOf(bench.truths, i)),
    };
  });
  const summarize = (items: typeof perCase): EditScores => {
    const mean = (pick: (item: (typeof perCase)[number]) => number) =>
      items.reduce((sum, item) => sum + pick(item), 0) / Math.max(1, items.length);
    return {
      successRate: mean((item) => item.success),
      preservationRate: mean((item) => item.preserved),
      psnr: mean((item) => item.psnr),
      cases: items.length,
    };
  };
  const names = [...new Set(perCase.map((item) => item.text))];
  const texts = names.map((name) => [name, summarize(perCase.filter((item) => item.text === name))]);
  return { overall: summarize(perCase), texts: Object.fromEntries(texts) as Record<string, EditScores> };
}

/** What the attribute classifier sees in each picture. */
export async function classify(networks: PackNetworks, images: Rows): Promise<Record<string, string>[]> {
  const config = networks.pack.manifest.components['attribute-classifier']?.config;
  if (!config) throw new Error(`pack ${networks.pack.manifest.id} has no attribute classifier, which scores edits`);
  const logits = await networks.run('attribute-classifier', { image: clamped(images) }, 'logits');
  return Array.from({ length: logits.count }, (_, i) => {
    const row = rowOf(logits, i);
    let offset = 0;
    const seen: Record<string, string> = {};
    for (const key of ATTRIBUTE_KEYS) {
      const head = config.heads.find(({ name }) => name === key);
      if (!head) throw new Error(`the attribute classifier has no head ${key}`);
      const scores = row.subarray(offset, offset + head.values);
      offset += head.values;
      seen[key] = valuesOf(key)[scores.indexOf(Math.max(...scores))] ?? '';
    }
    return seen;
  });
}
