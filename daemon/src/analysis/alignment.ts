/**
 * How well two lists of embeddings, row k of one belonging to row k of the other, line up: the figures of one space.
 *
 * DeltaEdit §3.1 shows both spaces as pictures; these are the usual numbers behind such pictures. Everything is summed in
 * double precision. Rank rule: the number of other items with a strictly larger cosine, so that equal captions do not
 * push each other down.
 */
import { setImmediate } from 'node:timers/promises';
import { analysisLimits, cosine, rowAt, type FeatureRows } from './feature-rows.js';

/** Shares of queries, 0 to 1, whose own partner is among the nearest 1, 5 and 10. */
export interface Recall {
  readonly at1: number;
  readonly at5: number;
  readonly at10: number;
}

/** Figures of one space. Deviations are those of the population. */
export interface SpaceAlignment {
  readonly pairs: number;
  readonly width: number;
  /** Image k with text k. */
  readonly pairedCosine: number;
  readonly pairedCosineDeviation: number;
  /** Image k with the text of another item, one for each. */
  readonly randomCosine: number;
  readonly randomCosineDeviation: number;
  /** Every image with every text that is not its own, among the ranked rows. */
  readonly unpairedCosine: number;
  readonly unpairedCosineDeviation: number;
  /** Distance of the mean unit image embedding from the mean unit text embedding. */
  readonly modalityGap: number;
  /** The same without bringing the rows to unit length first. */
  readonly rawModalityGap: number;
  readonly meanImageLength: number;
  readonly meanTextLength: number;
  /** Rows that were ranked against each other; recall depends on their number. */
  readonly rankedRows: number;
  readonly imageToText: Recall;
  readonly textToImage: Recall;
}

/**
 * The figures of a space.
 * @param images `[N, D]`, @param texts `[N, D]`; @param others `[N]`, for every image the row of a text that is not its own.
 * @throws the signal's reason when aborted.
 */
export async function alignmentOf(
  images: FeatureRows,
  texts: FeatureRows,
  others: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<SpaceAlignment> {
  if (images.count !== texts.count || images.width !== texts.width || others.length !== images.count)
    throw new Error(`alignment: expected equal rows, got ${images.count}, ${texts.count} and ${others.length}`);
  const items = Array.from({ length: images.count }, (_, k) => k);
  const paired = momentsOf(items.map((k) => cosine(images, k, texts, k)));
  const random = momentsOf(items.map((k) => cosine(images, k, texts, others[k] as number)));
  const { unpaired, ...ranked } = await rank(images, texts, signal);
  return {
    pairs: images.count,
    width: images.width,
    pairedCosine: paired.mean,
    pairedCosineDeviation: paired.deviation,
    randomCosine: random.mean,
    randomCosineDeviation: random.deviation,
    unpairedCosine: unpaired.mean,
    unpairedCosineDeviation: unpaired.deviation,
    modalityGap: distance(meanRow(images, images.lengths), meanRow(texts, texts.lengths)),
    rawModalityGap: distance(meanRow(images), meanRow(texts)),
    meanImageLength: momentsOf(images.lengths).mean,
    meanTextLength: momentsOf(texts.lengths).mean,
    ...ranked,
  };
}

/** Recall in both directions and the unpaired cosines, from one look at every image with every text. */
async function rank(images: FeatureRows, texts: FeatureRows, signal: AbortSignal | undefined) {
  const rankedRows = Math.min(images.count, analysisLimits.rankedRows);
  const own = Float64Array.from({ length: rankedRows }, (_, k) => cosine(images, k, texts, k));
  const [nearerTexts, nearerImages] = [new Int32Array(rankedRows), new Int32Array(rankedRows)];
  let [sum, squares] = [0, 0];
  for (let i = 0; i < rankedRows; i++) {
    if (i % 64 === 0) await setImmediate(); // so that Ctrl-C is heard
    signal?.throwIfAborted();
    for (let j = 0; j < rankedRows; j++) {
      if (i === j) continue;
      const value = cosine(images, i, texts, j);
      sum += value;
      squares += value * value;
      if (value > (own[i] as number)) nearerTexts[i]!++;
      if (value > (own[j] as number)) nearerImages[j]!++;
    }
  }
  const [count, mean] = [rankedRows * (rankedRows - 1), sum / (rankedRows * (rankedRows - 1))];
  return {
    unpaired: { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) },
    rankedRows,
    imageToText: recallOf(nearerTexts),
    textToImage: recallOf(nearerImages),
  };
}

function recallOf(ranks: Int32Array): Recall {
  const within = (k: number): number => ranks.filter((rank) => rank < k).length / ranks.length;
  return { at1: within(1), at5: within(5), at10: within(10) };
}

function momentsOf(values: ArrayLike<number>): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let k = 0; k < values.length; k++) sum += values[k] as number;
  const mean = sum / values.length;
  for (let k = 0; k < values.length; k++) squares += ((values[k] as number) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Mean of the rows, each divided by its entry of `lengths` when given. */
function meanRow(rows: FeatureRows, lengths?: Float64Array): Float64Array {
  const mean = new Float64Array(rows.width);
  for (let k = 0; k < rows.count; k++) {
    const scale = 1 / (rows.count * (lengths?.[k] ?? 1));
    const row = rowAt(rows, k);
    for (let d = 0; d < rows.width; d++) mean[d]! += (row[d] as number) * scale;
  }
  return mean;
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, d) => sum + (value - (b[d] as number)) ** 2, 0));
}
