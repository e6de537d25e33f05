import { describe, expect, it } from 'vitest';
import { bridgeLimits } from '../bridge/index.js';
import { failureWords, noteWords, words } from './words.js';

/** Every sentence of the table. */
const sentences = [
  ...Object.values(failureWords),
  ...Object.values(noteWords),
  ...Object.values(words.wrongEditor),
  ...Object.values(words.relaunch),
  ...[1, 50].map(words.restored),
  words.nothingRestored,
  words.selectSomething,
  words.selectOther,
  words.parameterNeedsText,
  words.parameterNeedsStrength,
];

describe('the words of the main side', () => {
  it('fit into a notice of Figma', () => {
    expect(sentences.filter(({ length }) => length > bridgeLimits.noticeCharacters)).toEqual([]);
  });

  it('are sentences', () => {
    const relaunch: readonly string[] = Object.values(words.relaunch); // descriptions beside a button
    expect(
      sentences.filter((text) => !relaunch.includes(text) && !/^[A-Z0-9].*\.$|^deltaspace .*\.$/.test(text)),
    ).toEqual([]);
  });
});
