import { describe, expect, it } from 'vitest';
import { gridProblem, mostStrengths, readStrengths, usualStrengths } from './strengths.js';

describe('a list of strengths', () => {
  it.each([
    ['1', [1]],
    ['0.5, 1;1.5  2.', [0.5, 1, 1.5, 2]],
    ['−1, -2, +.5', [-1, -2, 0.5]],
    ['1, 1, 1.0', [1]],
  ])('is read from “%s”', (typed, strengths) => {
    expect(readStrengths(typed)).toEqual({ ok: true, strengths });
  });

  it.each([
    ['', 'at least one'],
    ['1, much', '“much”'],
    ['11', '“11”'],
    ['1e1', '“1e1”'],
    [Array.from({ length: mostStrengths + 1 }, (_, index) => index).join(), `at most ${mostStrengths}`],
  ])('is refused in words for “%s”', (typed, words) => {
    const reading = readStrengths(typed);
    expect(reading.ok ? '' : reading.problem).toContain(words);
  });

  it('begins around the strength of the pack, and is read back', () => {
    expect(usualStrengths(1.1)).toBe('0.6, 1.1, 1.7');
    expect(readStrengths(usualStrengths(1.1))).toMatchObject({ ok: true });
  });
});

it('says when a grid is too large for a board', () => {
  expect(gridProblem(8, 8)).toBeUndefined();
  expect(gridProblem(8, 9)).toContain('72 pictures');
});
