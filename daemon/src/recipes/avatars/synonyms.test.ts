/** Curated synonyms: what they stand for, which value each means, and that they leave the held-out words alone. */
import { wordsOf } from '@deltaspace/models';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTE_KEYS, valuesOf, type AttributeKey } from './attributes.js';
import { HELD_OUT_SYNONYMS } from './held-out.js';
import * as lexicon from './lexicon.js';
import { SYNONYMS } from './synonyms.js';

type WordingsByValue = Readonly<Record<string, readonly string[]>>;

const flat = ({ adjectives = [], having = [], wearing = [], plain = [] }: lexicon.Wordings): readonly string[] => [
  ...adjectives,
  ...having,
  ...wearing,
  ...plain,
];
const flatTable = (table: Readonly<Record<string, lexicon.Wordings>>): WordingsByValue =>
  Object.fromEntries(Object.entries(table).map(([value, wordings]) => [value, flat(wordings)]));

/** What captions say of each value, as captions.ts takes it from the lexicon. */
const WORDINGS: Readonly<Record<AttributeKey, WordingsByValue>> = {
  ...(Object.fromEntries(Object.entries(lexicon.WORDINGS).map(([key, table]) => [key, flatTable(table)])) as Readonly<
    Record<lexicon.PlainKey, WordingsByValue>
  >),
  top: { ...flatTable(lexicon.HAIR_STYLES), bald: flat(lexicon.BALD_WORDINGS), ...lexicon.HATS },
  hairColor: flatTable(lexicon.HAIR_COLORS),
  facialHair: { ...flatTable(lexicon.FACIAL_HAIR), none: flat(lexicon.NO_FACIAL_HAIR_WORDINGS) },
  clothing: lexicon.CLOTHES,
  clothesColor: flatTable(lexicon.FABRIC_COLORS),
  hatColor: flatTable(lexicon.FABRIC_COLORS),
};

/** "no beard" and "not smiling" say that a value is not there, with whichever word. */
const denies = (wording: string): boolean => /^(no|not|without) /.test(wording);

/** Words and phrases → the values of an attribute that they are said of. */
class Meanings {
  readonly #values = new Map<string, Set<string>>();

  add(text: string, value: string): void {
    this.#values.set(text, this.of(text).add(value));
  }
  of(text: string): Set<string> {
    return new Set(this.#values.get(text));
  }
  /** Texts that are said of more than one value. */
  ambiguous(): string[] {
    return [...this.#values].filter(([, values]) => values.size > 1).map(([text]) => text);
  }
}

const synonymsOf = (key: AttributeKey, word: string): readonly string[] => SYNONYMS[key]?.[word] ?? [];

/** Each affirmative wording of an attribute with its value. */
function affirmations(key: AttributeKey): readonly (readonly [value: string, wording: string])[] {
  const all = Object.entries(WORDINGS[key]).flatMap(([value, wordings]) =>
    wordings.map((wording) => [value, wording] as const),
  );
  return all.filter(([, wording]) => !denies(wording));
}

/** Without the endings that make other forms of an English word; double consonants before them become one. */
const stem = (word: string): string =>
  word.replace(/(ing|ed|es|er|e|s|y)$/, '').replace(/([b-df-hj-np-tv-z])\1$/, '$1');

/**
 * Single words that mean one thing alone and another beside the right word: "a smooth head" and "long smooth hair", "a hairdo"
 * and "a short hairdo", "a cap" and "a knitted cap", "glasses" and "dark glasses", "a thick beard" and "a thick moustache",
 * "a top" and "a hooded top".
 */
const toldApartByNeighbours: readonly string[] = ['smooth', 'hairdo', 'cap', 'glasses', 'thick', 'top'];
/** Words of the lexicon itself of that kind: "woolly hat", "dark glasses", "one eye closed". Their synonyms are no better. */
const sharedWords: readonly string[] = ['hat', 'glasses', 'closed'];

describe('SYNONYMS', () => {
  it('are looked up by words that captions use for the attribute', () => {
    const unused = ATTRIBUTE_KEYS.flatMap((key) => {
      const words = new Set(affirmations(key).flatMap(([, wording]) => wording.split(' ')));
      return Object.keys(SYNONYMS[key] ?? {}).filter((word) => !words.has(word));
    });
    expect(unused).toEqual([]);
    expect(Object.values(SYNONYMS).flatMap((table) => Object.keys(table)).length).toBeGreaterThan(80);
  });

  it('are in the spelling of captions, each once for a word, and never the word itself', () => {
    for (const [key, table] of Object.entries(SYNONYMS))
      for (const [word, synonyms] of Object.entries(table)) {
        expect(new Set(synonyms).size, `${key}: ${word}`).toBe(synonyms.length);
        expect(synonyms, key).not.toContain(word);
        for (const synonym of synonyms) expect(wordsOf(synonym).join(' '), `${key}: ${word}`).toBe(synonym);
      }
  });

  it('are no held-out words and no forms of them', () => {
    expect([stem('grinning'), stem('blinked'), stem('goggle')]).toEqual([stem('grin'), stem('blink'), stem('goggles')]);
    const held = new Set(HELD_OUT_SYNONYMS.flatMap(({ words }) => wordsOf(words)).map(stem));
    const words = Object.values(SYNONYMS).flatMap((table) => Object.values(table).flat().flatMap(wordsOf));
    expect(words.filter((word) => held.has(stem(word)))).toEqual([]);
  });

  it.each(ATTRIBUTE_KEYS)('make no phrase that means two values of %s', (key) => {
    const phrases = new Meanings();
    expect(Object.keys(WORDINGS[key]).sort()).toEqual([...valuesOf(key)].sort());
    for (const [value, wordings] of Object.entries(WORDINGS[key]))
      for (const wording of wordings) {
        phrases.add(wording, value);
        const words = wording.split(' ');
        words.forEach((word, i) => {
          for (const synonym of synonymsOf(key, word)) phrases.add(words.with(i, synonym).join(' '), value);
        });
      }
    expect(phrases.ambiguous()).toEqual([]);
  });

  it.each(ATTRIBUTE_KEYS)('mean one value of %s even out of their phrase, but for listed ones', (key) => {
    const own = new Meanings();
    for (const [value, wording] of affirmations(key)) wording.split(' ').forEach((word) => own.add(word, value));
    const shared = Object.keys(SYNONYMS[key] ?? {}).filter((word) => own.of(word).size > 1);
    expect(shared.filter((word) => !sharedWords.includes(word))).toEqual([]);

    const meanings = new Meanings();
    for (const [word, synonyms] of Object.entries(SYNONYMS[key] ?? {}))
      for (const synonym of shared.includes(word) ? [] : synonyms)
        for (const value of [...own.of(word), ...own.of(synonym)]) meanings.add(synonym, value);
    expect(meanings.ambiguous().filter((synonym) => !toldApartByNeighbours.includes(synonym))).toEqual([]);
  });
});
