/**
 * Δi and Δt from pairs (DeltaEdit §3.1): for both modalities, the unit embedding of another item less the item's own. The same other
 * item for both, so that both differences mean the same change.
 */
import { AnalysisError } from './analysis-error.js';
import { analysisLimits, rowAt, type FeatureRows } from './feature-rows.js';
import { itemsAhead } from './pairing.js';

/** Differences shorter than this are rounding: the two items have the same embedding, as equal captions do. */
const shortestDifference = 1e-6;

/** Differences of both modalities, and what was left out. */
export interface MadeDifferences {
  readonly images: FeatureRows;
  readonly texts: FeatureRows;
  /** The ring of the rows that are left, by their new numbers. */
  readonly ring: Int32Array;
  /** For every item of the pairs, the item it is subtracted from. */
  readonly partners: Int32Array;
  /** Items whose image or text is that of their partner: no direction. */
  readonly leftOut: number;
}

/**
 * Differences along a ring over the items; rows stay in the order of the items.
 * @throws AnalysisError `features_too_few` when hardly an item differs from its partner.
 */
export function differencesAlong(ring: Int32Array, images: FeatureRows, texts: FeatureRows): MadeDifferences {
  const partners = itemsAhead(ring, 1);
  const kept = [...partners.keys()].filter((item) => {
    const partner = partners[item] as number;
    return [images, texts].every((rows) => differenceLength(rows, item, partner) >= shortestDifference);
  });
  if (kept.length < analysisLimits.fewestPairs)
    throw new AnalysisError(
      'features_too_few',
      `only ${kept.length} of ${partners.length} pairs differ from another one; at least ${analysisLimits.fewestPairs} must`,
    );
  const numbers = new Map(kept.map((item, row) => [item, row]));
  return {
    images: differencesOf(images, kept, partners),
    texts: differencesOf(texts, kept, partners),
    ring: Int32Array.from([...ring].flatMap((item) => numbers.get(item) ?? [])),
    partners,
    leftOut: partners.length - kept.length,
  };
}

function differenceLength(rows: FeatureRows, item: number, partner: number): number {
  return Math.sqrt(unitDifference(rows, item, partner).reduce((sum, value) => sum + value * value, 0));
}

/** Unit embedding of the partner less that of the item. */
function unitDifference(rows: FeatureRows, item: number, partner: number): Float64Array {
  const [own, other] = [rowAt(rows, item), rowAt(rows, partner)];
  const [ownLength, otherLength] = [rows.lengths[item] as number, rows.lengths[partner] as number];
  return Float64Array.from({ length: rows.width }, (_, d) => {
    return (other[d] as number) / otherLength - (own[d] as number) / ownLength;
  });
}

function differencesOf(rows: FeatureRows, items: readonly number[], partners: Int32Array): FeatureRows {
  const data = new Float32Array(items.length * rows.width);
  const lengths = new Float64Array(items.length);
  items.forEach((item, row) => {
    const values = data.subarray(row * rows.width, (row + 1) * rows.width);
    values.set(unitDifference(rows, item, partners[item] as number));
    lengths[row] = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  });
  return { name: `differences of ${rows.name}`, count: items.length, width: rows.width, data, lengths };
}
