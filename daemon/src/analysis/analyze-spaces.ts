/**
 * The analysis of DeltaEdit §3.1 on given embeddings: the figures of the CLIP space and of the DeltaSpace, side by side.
 *
 * Differences are taken as given or made from the pairs. Nothing is read or written here; equal arguments give equal results.
 */
import { AnalysisError } from './analysis-error.js';
import { alignmentOf, type SpaceAlignment } from './alignment.js';
import { differencesAlong } from './differences.js';
import type { FeatureRows } from './feature-rows.js';
import { shuffledRing, strangersOn } from './pairing.js';

/** Embeddings of images and of texts; row k of one belongs to row k of the other. */
export interface PairedRows {
  readonly images: FeatureRows;
  readonly texts: FeatureRows;
}

/** Where the differences come from. */
export type DifferenceFacts =
  | { readonly origin: 'given' }
  | {
      readonly origin: 'made';
      /** Rows 0, 1, … are subtracted from these rows; the rest follows from seed and count. */
      readonly firstPartners: readonly number[];
      /** Pairs without a difference in image or text, which have no direction. */
      readonly leftOut: number;
    };

/** Figures of both spaces, and the rows they were computed from. */
export interface Analysis {
  readonly differences: DifferenceFacts;
  readonly figures: { readonly clip: SpaceAlignment; readonly delta: SpaceAlignment };
  readonly rows: { readonly clip: PairedRows; readonly delta: PairedRows };
}

/** How many partners are named, as a sample to recognise the permutation by. */
const namedPartners = 8;

/**
 * Analyses pairs, with differences that are given or else made.
 * @param seed decides which items are compared at random, and the differences that are made.
 * @throws AnalysisError when rows do not match; the signal's reason when aborted.
 */
export async function analyzeSpaces(
  pairs: PairedRows,
  givenDeltas: PairedRows | undefined,
  seed: number,
  signal?: AbortSignal,
): Promise<Analysis> {
  requireMatch(pairs);
  if (givenDeltas !== undefined) requireMatch(givenDeltas);
  const ring = shuffledRing(pairs.images.count, seed);
  const clip = await alignmentOf(pairs.images, pairs.texts, strangersOn(ring), signal);
  if (givenDeltas !== undefined) {
    const others = strangersOn(shuffledRing(givenDeltas.images.count, seed));
    const delta = await alignmentOf(givenDeltas.images, givenDeltas.texts, others, signal);
    return { differences: { origin: 'given' }, figures: { clip, delta }, rows: { clip: pairs, delta: givenDeltas } };
  }
  const made = differencesAlong(ring, pairs.images, pairs.texts);
  const delta = await alignmentOf(made.images, made.texts, strangersOn(made.ring), signal);
  const firstPartners = [...made.partners.subarray(0, namedPartners)];
  return {
    differences: { origin: 'made', firstPartners, leftOut: made.leftOut },
    figures: { clip, delta },
    rows: { clip: pairs, delta: { images: made.images, texts: made.texts } },
  };
}

function requireMatch({ images, texts }: PairedRows): void {
  if (images.count === texts.count && images.width === texts.width) return;
  const shape = ({ name, count, width }: FeatureRows): string => `${name} is [${count}, ${width}]`;
  throw new AnalysisError(
    'features_mismatch',
    `row k of one must belong to row k of the other: ${shape(images)}, ${shape(texts)}`,
  );
}
