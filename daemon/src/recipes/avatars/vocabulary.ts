/**
 * The words that the text tower knows, with their vectors.
 *
 * The tower reads frozen word vectors, so a word that no caption uses is still understood through its neighbours. The
 * vocabulary is what makes sense to say about a picture of somebody: all caption words, the held-out synonyms, words
 * for looks (look-words.ts), the nearest neighbours of all these in the vector space, and the commonest words of
 * English. Everything else is reported to the user as unknown instead of being guessed at.
 */
import { captionWords, GRAMMAR_WORDS } from './captions.js';
import { HELD_OUT_FRAME_WORDS, HELD_OUT_SYNONYMS } from './held-out.js';
import { LOOK_WORDS } from './look-words.js';
import { wordsOf } from '@deltaspace/models';
import { readWordVectors, WORD_DIMENSIONS, type WordVectors } from './word-vectors.js';

export interface Vocabulary {
  /** Distinct words; word i has row i. The tokeniser's spelling. */
  readonly words: readonly string[];
  /** Float32, [V, 100], as published (not normalised). */
  readonly vectors: Float32Array;
  /** Words that were wanted but have no vector and no alias. */
  readonly withoutVector: readonly string[];
}

/** Words without a vector of their own → the word whose vector they use. */
export const WORD_ALIASES: Readonly<Record<string, string>> = {
  a: 'an', // the published vectors leave "a" out
  tshirt: 'shirt',
  tshirts: 'shirts',
  hoody: 'hoodie',
  bearded: 'beard',
  sunnies: 'sunglasses',
  selfie: 'portrait',
  emoji: 'icon',
};

/** Neighbours are sought among this many of the most frequent words; beyond are mostly names and misspellings. */
const NEIGHBOUR_RANKS = 40_000;
const NEIGHBOURS_PER_WORD = 16;
const COMMONEST_WORDS = 1500;

/** Builds the vocabulary from the embeddings package. Deterministic; takes a few seconds and about 500 MB. */
export async function buildVocabulary(): Promise<Vocabulary> {
  const wanted = [
    ...new Set([...captionWords(), ...heldOutWords(), ...LOOK_WORDS, ...Object.keys(WORD_ALIASES)]),
  ].sort();
  const targets = wanted.map((word) => WORD_ALIASES[word] ?? word);
  const all = await readWordVectors(NEIGHBOUR_RANKS, new Set([...wanted, ...targets]));
  const rowOf = new Map(all.words.map((word, row) => [word, row]));
  // A word's own vector goes before its alias.
  const sourceOf = (word: string): number | undefined => rowOf.get(word) ?? rowOf.get(WORD_ALIASES[word] ?? word);

  const grammar = new Set(wordsOf(GRAMMAR_WORDS));
  const seeds = wanted.filter((word) => !grammar.has(word)).flatMap((word) => rowOf.get(word) ?? []);
  const neighbours = nearestRows(all, seeds, NEIGHBOURS_PER_WORD).map((row) => all.words[row] as string);
  const known = [...wanted, ...all.words.slice(0, COMMONEST_WORDS), ...neighbours];
  const words = [...new Set(known)].filter((word) => sourceOf(word) !== undefined).sort();

  const vectors = new Float32Array(words.length * WORD_DIMENSIONS);
  words.forEach((word, i) => {
    const row = sourceOf(word) as number;
    vectors.set(all.vectors.subarray(row * WORD_DIMENSIONS, (row + 1) * WORD_DIMENSIONS), i * WORD_DIMENSIONS);
  });
  return { words, vectors, withoutVector: wanted.filter((word) => sourceOf(word) === undefined) };
}

function heldOutWords(): string[] {
  return [...HELD_OUT_SYNONYMS.flatMap((synonym) => wordsOf(synonym.text)), ...HELD_OUT_FRAME_WORDS];
}

/** The rows nearest to any of the seed rows by cosine, `count` for each seed, without repeats. */
function nearestRows(all: WordVectors, seeds: readonly number[], count: number): number[] {
  const unit = normalizeRows(all.vectors);
  const rows = all.words.length;
  const cosines = new Float32Array(rows);
  const near = new Set<number>();
  for (const seed of seeds) {
    const query = unit.subarray(seed * WORD_DIMENSIONS, (seed + 1) * WORD_DIMENSIONS);
    for (let row = 0; row < rows; row++) cosines[row] = row === seed ? -1 : dot(unit, row * WORD_DIMENSIONS, query);
    for (const row of largest(cosines, count)) near.add(row);
  }
  return [...near];
}

/** Indices of the `count` largest values. */
function largest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (best.length === count && value <= (values[best[count - 1] as number] as number)) continue;
    let place = best.length;
    while (place > 0 && (values[best[place - 1] as number] as number) < value) place--;
    best.splice(place, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}

function normalizeRows(vectors: Float32Array): Float32Array {
  const unit = Float32Array.from(vectors);
  for (let start = 0; start < unit.length; start += WORD_DIMENSIONS) {
    const row = unit.subarray(start, start + WORD_DIMENSIONS);
    const length = Math.sqrt(dot(row, 0, row)) || 1;
    for (let i = 0; i < WORD_DIMENSIONS; i++) row[i] = (row[i] as number) / length;
  }
  return unit;
}

function dot(matrix: Float32Array, start: number, vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (matrix[start + i] as number) * (vector[i] as number);
  return sum;
}
