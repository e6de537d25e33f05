/**
 * How well a pack's CLIP space and DeltaSpace line up (DeltaEdit §3.1): retrieval, cosines of matching and random pairs of
 * embeddings and of their differences, zero-shot accuracy, and words that training never saw.
 */
import { captionAvatar, type Richness } from '../recipes/avatars/captions.js';
import { ATTRIBUTE_KEYS, valuesOf, type Avatar } from '../recipes/avatars/attributes.js';
import { HELD_OUT_SYNONYMS } from '../recipes/avatars/held-out.js';
import { zeroShotPrompts, NEUTRAL_TEXT } from '../recipes/avatars/prompts.js';
import { seededRandom } from '../recipes/avatars/seeded-random.js';
import { visibleAttributes } from '../recipes/avatars/visibility.js';
import { difference, dot, unit } from '../deltaedit/index.js';
import { type PackNetworks, rowOf, type Rows } from './pack-networks.js';

/** Candidates per retrieval, as in the floors: the right text among 256. */
const retrievalSize = 256;

export interface AlignmentMetrics {
  /** Share of images whose own caption is the nearest of 256. */
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly pairedCosine: number;
  readonly randomCosine: number;
  readonly deltaPairedCosine: number;
  readonly deltaRandomCosine: number;
  readonly deltaRecallAt1: number;
  /** Distance of the mean image embedding from the mean text embedding. */
  readonly modalityGap: number;
}

/** Captions of the given richness against the images they were written for. Both `[N, D]`, unit rows. */
export async function alignmentMetrics(
  networks: PackNetworks,
  avatars: readonly Avatar[],
  images: Rows,
  richness: Richness,
  seed: number,
): Promise<AlignmentMetrics> {
  const random = seededRandom(seed);
  const texts = await networks.embedTexts(avatars.map((avatar) => captionAvatar(avatar, random, { richness })));
  const [imageDeltas, textDeltas] = [neighbourDifferences(images), neighbourDifferences(texts)];
  const direct = compare(images, texts);
  const delta = compare(imageDeltas, textDeltas);
  return {
    recallAt1: direct.recallAt1,
    recallAt5: direct.recallAt5,
    pairedCosine: direct.paired,
    randomCosine: direct.random,
    deltaPairedCosine: delta.paired,
    deltaRandomCosine: delta.random,
    deltaRecallAt1: delta.recallAt1,
    modalityGap: meanDistance(images, texts),
  };
}

/** Unit differences between each row and one far away in the list: a random pair, the same one for both modalities. */
function neighbourDifferences(rows: Rows): Rows {
  const stride = Math.floor(rows.count / 2) + 1;
  const data = new Float32Array(rows.data.length);
  for (let i = 0; i < rows.count; i++)
    data.set(unit(difference(rowOf(rows, (i + stride) % rows.count), rowOf(rows, i))), i * rows.width);
  return { ...rows, data };
}

/** Mean cosine of matching rows, of rows one apart, and recall within blocks of 256. */
function compare(a: Rows, b: Rows) {
  let [paired, random, first, five, ranked] = [0, 0, 0, 0, 0];
  for (let block = 0; block + retrievalSize <= a.count; block += retrievalSize)
    for (let i = 0; i < retrievalSize; i++) {
      const query = rowOf(a, block + i);
      const own = dot(query, rowOf(b, block + i));
      paired += own;
      random += dot(query, rowOf(b, block + ((i + 1) % retrievalSize)));
      let better = 0;
      for (let j = 0; j < retrievalSize; j++) if (dot(query, rowOf(b, block + j)) > own) better++;
      first += better === 0 ? 1 : 0;
      five += better < 5 ? 1 : 0;
      ranked++;
    }
  return { paired: paired / ranked, random: random / ranked, recallAt1: first / ranked, recallAt5: five / ranked };
}

function meanDistance(a: Rows, b: Rows): number {
  const mean = (rows: Rows): Float32Array => {
    const sum = new Float32Array(rows.width);
    for (let i = 0; i < rows.count; i++)
      rowOf(rows, i).forEach((value, d) => (sum[d] = (sum[d] ?? 0) + value / rows.count));
    return sum;
  };
  return Math.sqrt(difference(mean(a), mean(b)).reduce((sum, value) => sum + value * value, 0));
}

/** Zero-shot accuracy per attribute, on the avatars in which it can be seen. */
export async function zeroShotAccuracy(
  networks: PackNetworks,
  avatars: readonly Avatar[],
  images: Rows,
): Promise<Record<string, number>> {
  const result: Record<string, number> = {};
  const visible = avatars.map((avatar) => visibleAttributes(avatar));
  for (const key of ATTRIBUTE_KEYS) {
    const prompts = await Promise.all(zeroShotPrompts(key).map((text) => networks.embedPrompt(text)));
    let [right, seen] = [0, 0];
    avatars.forEach((avatar, i) => {
      if (!visible[i]?.[key]) return;
      const scores = prompts.map((embedding) => dot(rowOf(images, i), embedding));
      const best = valuesOf(key)[scores.indexOf(Math.max(...scores))];
      seen++;
      right += best === avatar.values[key] ? 1 : 0;
    });
    result[key] = seen === 0 ? Number.NaN : right / seen;
  }
  return result;
}

/**
 * Words that no training caption held: how often an avatar with the meant value scores higher than one without
 * (area under the ROC curve, 0.5 is chance), per word and on average.
 */
export async function heldOutSynonymAuc(
  networks: PackNetworks,
  avatars: readonly Avatar[],
  images: Rows,
): Promise<{ mean: number; words: Record<string, number> }> {
  const neutral = await networks.embedPrompt(NEUTRAL_TEXT);
  const words: Record<string, number> = {};
  for (const { text, words: word, key, value } of HELD_OUT_SYNONYMS) {
    const direction = difference(await networks.embedPrompt(text), neutral);
    const scores = avatars.flatMap((avatar, i) =>
      visibleAttributes(avatar)[key]
        ? [{ score: dot(rowOf(images, i), direction), positive: avatar.values[key] === value }]
        : [],
    );
    words[word] = areaUnderCurve(scores);
  }
  const values = Object.values(words);
  return { mean: values.reduce((a, b) => a + b, 0) / values.length, words };
}

/** Probability that a positive outscores a negative; ties count half. */
export function areaUnderCurve(items: readonly { readonly score: number; readonly positive: boolean }[]): number {
  const sorted = [...items].sort((a, b) => a.score - b.score);
  let [negativesBelow, wins] = [0, 0];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (end < sorted.length && sorted[end]?.score === sorted[i]?.score) end++;
    const tied = sorted.slice(i, end);
    const positives = tied.filter((item) => item.positive).length;
    const negatives = tied.length - positives;
    wins += positives * (negativesBelow + negatives / 2);
    negativesBelow += negatives;
    i = end;
  }
  const positives = items.filter((item) => item.positive).length;
  const pairs = positives * (items.length - positives);
  return pairs === 0 ? Number.NaN : wins / pairs;
}
