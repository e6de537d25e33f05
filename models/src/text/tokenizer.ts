/**
 * Word tokeniser of the small text tower: text → words → token ids, naming the words it cannot know.
 *
 * The same rules serve captions in training, prompt templates and what a user types: lower case, letters only, accents
 * of Latin letters dropped. Words of other scripts are words too: unknown ones, but named. Apostrophes vanish ("man's" → "mans"); a hyphen after a single letter joins ("t-shirt" → "tshirt"), any other
 * separates. Byte-level BPE for published CLIP models is not here.
 */

/** The words of a text in order; empty for a text without letters. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/([a-z])[\u0300-\u036f]+/g, '$1')
    .replace(/['\u2018\u2019]/g, '')
    .replace(/\b([a-z])-(?=[a-z])/g, '$1');
  return plain.normalize('NFC').match(/[\p{L}\p{M}]+/gu) ?? [];
}

/** A text as the text tower takes it. */
export interface EncodedText {
  /** [contextLength] token ids, 0 = padding. */
  readonly ids: BigInt64Array;
  /** Words of the text without an id, each once, in order; they are left out of `ids`. */
  readonly unknownWords: readonly string[];
  /** Number of known words that did not fit. */
  readonly droppedWords: number;
}

/** Encoder for a vocabulary: word i has id i + 1. Unknown words are skipped, surplus words cut off at the end. */
export function createTokenizer(words: readonly string[], contextLength: number): (text: string) => EncodedText {
  const idOf = new Map(words.map((word, i) => [word, BigInt(i + 1)]));
  return (text) => {
    const found = wordsOf(text);
    const known = found.flatMap((word) => idOf.get(word) ?? []);
    const ids = new BigInt64Array(contextLength);
    ids.set(known.slice(0, contextLength));
    return {
      ids,
      unknownWords: [...new Set(found.filter((word) => !idOf.has(word)))],
      droppedWords: Math.max(0, known.length - contextLength),
    };
  };
}
