/**
 * What a pack can tell about a layer and about a text, by attribute: zero-shot reading of both with the same phrases.
 *
 * A pack may list its attributes (hair colour, glasses, …) with one phrase per value ("face with brown hair"). A layer shows
 * the value whose phrase its embedding is nearest to. A text mentions the values whose directions (phrase − noun) add up to
 * its own direction, found greedily, one value per attribute (orthogonal matching pursuit). Measured on 122 captions with
 * one to four claims of avatars 0.1.0: 294 of 316 claims found, none with a wrong value, 3 found that were not made.
 *
 * Only embeddings and arithmetic here; adaptive-source.ts writes texts with it.
 */
import type { PackAttribute } from '@deltaspace/models';
import { difference, dot, length } from './vectors.js';

/** One value of an attribute with the embedding of its phrase. */
export interface KnownPhrase {
  readonly attribute: string;
  readonly value: string;
  readonly phrase: string;
  /** Unit text embedding [D]. */
  readonly embedding: Float32Array;
}

export interface AttributeTable {
  readonly attributes: readonly PackAttribute[];
  readonly phrases: readonly KnownPhrase[];
  /** Unit embedding of the pack's noun, [D]. */
  readonly neutral: Float32Array;
  /** Phrases that a text can be told to mention: where they lead from the noun, [D] each. */
  readonly directions: readonly PhraseDirection[];
}

interface PhraseDirection {
  readonly phrase: KnownPhrase;
  readonly direction: Float32Array;
  readonly length: number;
}

/** A residual direction shorter than this along a phrase says nothing about it. */
const smallestMention = 0.2;
/** Most attributes looked for in one text. */
const mostMentions = 8;
/** Keeps the normal equations solvable when two phrases say nearly the same. */
const ridge = 1e-4;

/** A table of phrases with what reading texts needs of them again and again. */
export function attributeTable(
  attributes: readonly PackAttribute[],
  phrases: readonly KnownPhrase[],
  neutral: Float32Array,
): AttributeTable {
  const directions = phrases.map((phrase) => {
    const direction = difference(phrase.embedding, neutral);
    return { phrase, direction, length: length(direction) };
  });
  return { attributes, phrases, neutral, directions: directions.filter((known) => known.length > smallestMention) };
}

/** The phrase that describes the layer best, by attribute name. `image` is its unit embedding [D]. */
export function readLayer(table: AttributeTable, image: Float32Array): Map<string, KnownPhrase> {
  const best = new Map<string, { phrase: KnownPhrase; score: number }>();
  for (const phrase of table.phrases) {
    const score = dot(image, phrase.embedding);
    const known = best.get(phrase.attribute);
    if (known === undefined || score > known.score) best.set(phrase.attribute, { phrase, score });
  }
  return new Map([...best].map(([name, { phrase }]) => [name, phrase]));
}

/** The values that a text states, strongest first. `text` is its unit embedding [D]. */
export function readText(table: AttributeTable, text: Float32Array): KnownPhrase[] {
  const wanted = difference(text, table.neutral);
  const chosen: PhraseDirection[] = [];
  let residual = wanted;
  while (chosen.length < mostMentions) {
    const open = table.directions.filter(({ phrase }) =>
      chosen.every((known) => known.phrase.attribute !== phrase.attribute),
    );
    const scores = open.map((known) => dot(residual, known.direction) / known.length);
    const best = scores.indexOf(Math.max(...scores));
    const found = open[best];
    if (found === undefined || (scores[best] as number) < smallestMention) break;
    chosen.push(found);
    residual = withoutProjection(
      wanted,
      chosen.map(({ direction }) => direction),
    );
  }
  return chosen.map(({ phrase }) => phrase);
}

/** What is left of a vector after its least-squares fit by some directions. All [D]. */
function withoutProjection(vector: Float32Array, directions: readonly Float32Array[]): Float32Array {
  const coefficients = solve(
    directions.map((a) => directions.map((b) => dot(a, b))),
    directions.map((a) => dot(a, vector)),
  );
  return vector.map((value, d) =>
    directions.reduce((rest, direction, k) => rest - (coefficients[k] as number) * (direction[d] as number), value),
  );
}

/** Gauss–Jordan on a small symmetric positive definite system. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [
    ...row.map((value, j) => (i === j ? value + ridge : value)),
    right[i] as number,
  ]);
  rows.forEach((pivotRow, pivot) => {
    const scale = pivotRow[pivot] as number;
    for (let j = pivot; j < pivotRow.length; j++) pivotRow[j] = (pivotRow[j] as number) / scale;
    rows.forEach((row, i) => {
      if (i === pivot) return;
      const factor = row[pivot] as number;
      for (let j = pivot; j < row.length; j++) row[j] = (row[j] as number) - factor * (pivotRow[j] as number);
    });
  });
  return rows.map((row) => row.at(-1) as number);
}
