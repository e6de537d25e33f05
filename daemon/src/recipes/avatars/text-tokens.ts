/** Words → token ids of the pack's vocabulary: id 0 is padding, word i of the vocabulary has id i + 1. */
import { wordsOf } from './tokenizer.js';

export interface TokenTable {
  readonly idOf: ReadonlyMap<string, number>;
  readonly contextLength: number;
}

export function tokenTable(words: readonly string[], contextLength: number): TokenTable {
  return { idOf: new Map(words.map((word, i) => [word, i + 1])), contextLength };
}

/**
 * Writes the ids of a text into place `slot` of ids `[N, L]`. Unknown words are left out; a text without any known word
 * becomes the word `fallback`.
 */
export function fillTokens(table: TokenTable, text: string, ids: Int32Array, slot: number, fallback = 'face'): void {
  const known = wordsOf(text).flatMap((word) => table.idOf.get(word) ?? []);
  const tokens = known.length > 0 ? known : [table.idOf.get(fallback) ?? 0];
  const row = ids.subarray(slot * table.contextLength, (slot + 1) * table.contextLength);
  row.fill(0);
  row.set(tokens.slice(0, table.contextLength));
}
