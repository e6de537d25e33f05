import { beforeAll, describe, expect, it } from 'vitest';
import { captionWords } from './captions.js';
import { EDIT_TEXTS } from './edit-suite.js';
import { HELD_OUT_PHRASINGS, HELD_OUT_SYNONYMS } from './held-out.js';
import { promptTemplates } from './prompts.js';
import { wordsOf } from '@deltaspace/models';
import { buildVocabulary, WORD_ALIASES, type Vocabulary } from './vocabulary.js';
import { WORD_DIMENSIONS } from './word-vectors.js';

let vocabulary: Vocabulary;
beforeAll(async () => {
  vocabulary = await buildVocabulary();
});

describe('buildVocabulary', () => {
  it('has thousands of distinct words with a vector each', () => {
    expect(vocabulary.words.length).toBeGreaterThan(3000);
    expect(new Set(vocabulary.words).size).toBe(vocabulary.words.length);
    expect(vocabulary.vectors.length).toBe(vocabulary.words.length * WORD_DIMENSIONS);
    for (const word of vocabulary.words) expect(Math.hypot(...vectorOf(word)), word).toBeGreaterThan(0.5);
  });

  it('knows every word of captions, prompts, edit texts and held-out texts', () => {
    const texts = [
      ...promptTemplates,
      ...HELD_OUT_PHRASINGS,
      ...HELD_OUT_SYNONYMS.map(({ text }) => text),
      ...EDIT_TEXTS.map(({ target }) => target),
    ];
    const known = new Set(vocabulary.words);
    const needed = new Set([...captionWords(), ...texts.flatMap(wordsOf)]);
    expect([...needed].filter((word) => !known.has(word))).toEqual([]);
    expect(vocabulary.withoutVector).toEqual([]);
  });

  it('leaves out words that say nothing about a picture', () => {
    const known = new Set(vocabulary.words);
    expect(['xylophone', 'mitochondria', 'amortization', 'qwzx'].filter((word) => known.has(word))).toEqual([]);
  });

  it('gives aliases the vector of the word they stand for', () => {
    expect(vectorOf('tshirt')).toEqual(vectorOf('shirt'));
    for (const alias of Object.keys(WORD_ALIASES)) expect(vocabulary.words).toContain(alias);
  });

  it('has vectors in which related words are near', () => {
    expect(cosine('sunglasses', 'goggles')).toBeGreaterThan(cosine('sunglasses', 'beard') + 0.1);
    expect(cosine('grinning', 'smiling')).toBeGreaterThan(cosine('grinning', 'hoodie') + 0.1);
    expect(cosine('scarlet', 'crimson')).toBeGreaterThan(cosine('scarlet', 'tongue') + 0.1);
  });
});

function vectorOf(word: string): Float32Array {
  const row = vocabulary.words.indexOf(word);
  expect(row, word).toBeGreaterThanOrEqual(0);
  return vocabulary.vectors.slice(row * WORD_DIMENSIONS, (row + 1) * WORD_DIMENSIONS);
}

function cosine(first: string, second: string): number {
  const [a, b] = [vectorOf(first), vectorOf(second)];
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));
}
