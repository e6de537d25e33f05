import { describe, expect, it } from 'vitest';
import { createTokenizer, wordsOf } from './tokenizer.js';

describe('tokenizer', () => {
  it.each([
    ['A man’s T-shirt', ['a', 'mans', 'tshirt']],
    ['clean-shaven, café!', ['clean', 'shaven', 'cafe']],
    ['42 — …', []],
    ['Face with GLASSES', ['face', 'with', 'glasses']],
    ['a t-shirt, clean-shaven', ['a', 'tshirt', 'clean', 'shaven']],
    ["the man's hat; “l’été”", ['the', 'mans', 'hat', 'lete']],
    ['2 red  hats!', ['red', 'hats']],
    ['café – naïve', ['cafe', 'naive']],
    ['12 … 🙂', []],
    ['лысый 🙂 / 顔', ['лысый', '顔']],
  ])('splits %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('pads with zero, skips unknown words and names each once', () => {
    const encode = createTokenizer(['face', 'with', 'hat'], 5);
    expect(encode('face with zorb hat, zorb')).toEqual({
      ids: BigInt64Array.of(1n, 2n, 3n, 0n, 0n),
      unknownWords: ['zorb'],
      droppedWords: 0,
    });
  });

  it('cuts a long text and says how much', () => {
    const { ids, droppedWords } = createTokenizer(['hat'], 2)('hat hat hat hat');
    expect([ids, droppedWords]).toEqual([BigInt64Array.of(1n, 1n), 2]);
  });
});
