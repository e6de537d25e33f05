import { expect, it } from 'vitest';
import { wordsOf } from './tokenizer.js';

it.each([
  ['Face with GLASSES', ['face', 'with', 'glasses']],
  ['a t-shirt, clean-shaven', ['a', 'tshirt', 'clean', 'shaven']],
  ["the man's hat; “l’été”", ['the', 'mans', 'hat', 'lete']],
  ['2 red  hats!', ['red', 'hats']],
  ['café – naïve', ['cafe', 'naive']],
  ['12 … 🙂', []],
])('splits %j into words', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});
