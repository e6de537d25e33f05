import { describe, expect, it } from 'vitest';
import { smallestAlignment, warningsOf, type EditFacts } from './warnings.js';

const good: EditFacts = {
  unknownWords: [],
  alreadyShown: [],
  allShown: false,
  reach: 0.5,
  styleChange: 0.3,
  alignment: 0.6,
};
const codes = (facts: Partial<EditFacts>): string[] => warningsOf({ ...good, ...facts }).map(({ code }) => code);
const message = (facts: Partial<EditFacts>): string => warningsOf({ ...good, ...facts })[0]?.message ?? '';

describe('warnings', () => {
  it('are none for an edit that went where it should', () => {
    expect(codes({})).toEqual([]);
    expect(codes({ alignment: smallestAlignment })).toEqual([]);
  });

  it('name unknown words, and say what the edit follows only when there is something to follow', () => {
    expect(codes({ unknownWords: ['zorb', 'quux'] })).toEqual(['unknown_words']);
    expect(message({ unknownWords: ['zorb', 'quux'] })).toContain('"zorb", "quux"; the edit follows');
    expect(message({ unknownWords: ['zorb'], reach: 0, styleChange: 0 })).toBe('the pack does not know "zorb"');
  });

  it('name what the layer shows already', () => {
    expect(codes({ alreadyShown: ['hat'] })).toEqual(['already_there']);
    expect(message({ alreadyShown: ['hat', 'hairColor', 'eye-wear'] })).toMatch(/: hat, hair color, eye wear$/);
  });

  it('tell texts without a difference from sliders that stop an edit', () => {
    expect(codes({ reach: 0, styleChange: 0, alignment: 0 })).toEqual(['no_change']);
    expect(message({ reach: 0, styleChange: 0 })).toContain('say the same');
    expect(codes({ styleChange: 0.01 })).toEqual(['no_change']);
    expect(message({ styleChange: 0.01 })).toContain('higher strength');
    expect(codes({ styleChange: 0.03 })).toEqual([]);
  });

  it('say when the picture did not move where the text asked, unless it hardly moved at all', () => {
    expect(codes({ alignment: 0.2 })).toEqual(['out_of_reach']);
    expect(message({ alignment: -0.125 })).toContain('-0.13 of 1');
    expect(codes({ alignment: 0.2, styleChange: 0 })).toEqual(['no_change']);
  });

  it('do not call out of reach what is there already', () => {
    expect(codes({ alreadyShown: ['mouth'], allShown: true, alignment: 0.1 })).toEqual(['already_there']);
    expect(codes({ alreadyShown: ['mouth'], alignment: 0.1 })).toEqual(['already_there', 'out_of_reach']);
  });

  it('come together when several hold', () => {
    expect(codes({ unknownWords: ['zorb'], alreadyShown: ['hat'], alignment: 0 })).toEqual([
      'unknown_words',
      'already_there',
      'out_of_reach',
    ]);
  });
});
