/**
 * Edits of many layers at once, by every method: directions, predictions, edited pictures. The arithmetic is the method's
 * own (deltaedit/); here it runs in batches, and a prediction can be followed with several strengths.
 */
import {
  adaptiveSource,
  applyDelta,
  channelRelevance,
  channelsKept,
  editCondition,
  globalDirection,
  straightforwardCondition,
  textDirection,
  thresholdMask,
  attributeTable,
  type AttributeTable,
  type Direction,
  type EditMethod,
} from '../deltaedit/index.js';
import type { Subjects } from './edit-metrics.js';
import { type PackNetworks, rowOf, rowsFrom, type Rows } from './pack-networks.js';
import { EvaluationError } from './evaluation-error.js';

/** Where source texts come from: written for each layer, or the pack's noun. */
export type SourceMode = 'auto' | 'domain';

export interface EditSettings {
  readonly method: EditMethod;
  readonly source: SourceMode;
  readonly strength: number;
  /** τ, or β of `styleclip-gd`; 0 masks nothing. */
  readonly threshold: number;
  readonly clampStyles: boolean;
}

/** The settings that come after the prediction. */
export type FollowSettings = Omit<EditSettings, 'method' | 'source'>;

/** A direction, and the source text it starts from. */
export interface SourcedDirection extends Direction {
  readonly source: string;
}

export interface EditedRows {
  /** Decoded pictures. */
  readonly images: Rows;
  /** Style channels that each edit could change. */
  readonly kept: readonly number[];
}

/** What a method makes of directions, before strength and threshold. */
export interface Predictions {
  readonly method: EditMethod;
  readonly directions: readonly SourcedDirection[];
  /** Δŝ or the change of W+, one row per layer; null where R_s alone decides. */
  readonly changes: Rows | null;
}

/** Direction i leads layer i to target i. */
export async function directionsTo(
  { networks, embeddings }: Subjects,
  targets: readonly string[],
  mode: SourceMode,
): Promise<SourcedDirection[]> {
  const { domain } = networks.pack.manifest;
  const table = mode === 'auto' ? await tableOf(networks) : null;
  const directions: SourcedDirection[] = [];
  for (const [i, text] of targets.entries()) {
    const target = await networks.embedPrompt(text);
    const source = table === null ? domain : adaptiveSource(table, domain, rowOf(embeddings, i), target).text;
    directions.push({ target, source, delta: textDirection(target, await networks.embedPrompt(source)) });
  }
  return directions;
}

async function tableOf(networks: PackNetworks): Promise<AttributeTable> {
  const { id, domain, text } = networks.pack.manifest;
  if (text.attributes === undefined)
    throw new EvaluationError('edit_failed', `pack ${id} lists no attributes to write source texts from`);
  const phrases = [];
  for (const { name, values } of text.attributes)
    for (const { value, phrase } of values)
      phrases.push({ attribute: name, value, phrase, embedding: await networks.embedPrompt(phrase) });
  return attributeTable(text.attributes, phrases, await networks.embedPrompt(domain));
}

/** Runs a method's mapper over all layers. */
export async function predictEdits(
  { networks, styles, wPlus, embeddings }: Subjects,
  directions: readonly SourcedDirection[],
  method: EditMethod,
): Promise<Predictions> {
  if (method === 'styleclip-gd') return { method, directions, changes: null };
  const conditions = directions.map(({ delta, target }, i) =>
    method === 'straightforward'
      ? straightforwardCondition(rowOf(embeddings, i), target)
      : editCondition(rowOf(embeddings, i), delta),
  );
  const condition = rowsFrom(conditions);
  const changes =
    method === 'wplus'
      ? await networks.run('wplus-mapper', { wplus: wPlus, condition }, 'delta')
      : await networks.run(
          method === 'deltaedit' ? 'mapper' : 'straightforward-mapper',
          { s: styles, condition },
          'delta',
        );
  return { method, directions, changes };
}

/** Follows predictions, with one setting for all. */
export async function followPredictions(
  subjects: Subjects,
  predictions: Predictions,
  settings: FollowSettings,
): Promise<EditedRows> {
  const { networks, styles, wPlus } = subjects;
  const { method, changes, directions } = predictions;
  if (method === 'wplus') {
    const moved = wPlus.data.map((value, i) => value + settings.strength * ((changes as Rows).data[i] as number));
    const s = await networks.run('affine', { wplus: { ...wPlus, data: moved } }, 's');
    return { images: await networks.decode(s), kept: directions.map(() => styles.width) };
  }
  const edited = editedStyles(subjects, predictions, settings);
  return { images: await networks.decode(edited.styles), kept: edited.kept };
}

/** ŝ of every layer, for methods that change S. */
export function editedStyles(
  subjects: Subjects,
  { directions, changes }: Predictions,
  settings: FollowSettings,
): { styles: Rows; kept: number[] } {
  const edits = directions.map(({ delta }, i) => editOne(subjects, i, delta, changes, settings));
  return { styles: rowsFrom(edits.map(({ s }) => s)), kept: edits.map(({ kept }) => kept) };
}

/** ŝ of one layer. */
function editOne(
  { networks, styles }: Subjects,
  index: number,
  delta: Float32Array,
  changes: Rows | null,
  { strength, threshold, clampStyles }: FollowSettings,
): { s: Float32Array; kept: number } {
  const { relevance, styleStd, styleLow, styleHigh } = networks.pack.statistics;
  const s = rowOf(styles, index);
  if (changes === null) {
    const { direction, channels } = globalDirection(relevance, delta, styleStd, threshold);
    return { s: applyDelta(s, direction, new Uint8Array(s.length).fill(1), strength), kept: channels };
  }
  const mask =
    threshold === 0 ? new Uint8Array(s.length).fill(1) : thresholdMask(channelRelevance(relevance, delta), threshold);
  const bounds = clampStyles ? { low: styleLow, high: styleHigh } : undefined;
  return { s: applyDelta(s, rowOf(changes, index), mask, strength, bounds), kept: channelsKept(mask) };
}

/** Edits layer i towards target i. */
export async function editAll(
  subjects: Subjects,
  targets: readonly string[],
  settings: EditSettings,
): Promise<EditedRows> {
  const directions = await directionsTo(subjects, targets, settings.source);
  return followPredictions(subjects, await predictEdits(subjects, directions, settings.method), settings);
}
