import { describe, expect, it } from 'vitest';
import { adaptiveSource, composePhrases } from './adaptive-source.js';
import { mixture, phraseOf, table } from './attribute-table-example.js';

const noun = 'face';
/** A brown-haired face with a blue cap, and one without a hat whose hidden hat would be red. */
const capped = mixture({ 'hair brown': 0.5, 'hat cap': 0.6, 'hatColour blue': 0.5 });
const bareheaded = mixture({ 'hair brown': 0.5, 'hat none': 0.6, 'hatColour red': 0.2 });

describe('the source text written for a layer', () => {
  it('is what the layer shows of the attribute that the target states', () => {
    expect(adaptiveSource(table, noun, capped, phraseOf('hair red').embedding)).toEqual({
      text: 'face with brown hair',
      mentioned: ['hair'],
      alreadyShown: [],
      allShown: false,
    });
  });

  it('speaks of every stated attribute and of no other', () => {
    const target = mixture({ 'hair red': 0.8, 'hat none': 0.7 });
    const { text, mentioned } = adaptiveSource(table, noun, capped, target);
    expect(text).toBe('face with brown hair with cap');
    expect(mentioned).toEqual(['hair', 'hat']);
  });

  it('leaves out what the layer shows already, and says so', () => {
    const target = mixture({ 'hair brown': 0.8, 'hat none': 0.7 });
    expect(adaptiveSource(table, noun, capped, target)).toEqual({
      text: 'face with cap',
      mentioned: ['hair', 'hat'],
      alreadyShown: ['hair'],
      allShown: false,
    });
    expect(adaptiveSource(table, noun, capped, phraseOf('hair brown').embedding)).toMatchObject({ allShown: true });
  });

  it('is the bare noun when the target states nothing', () => {
    const nothing = { text: noun, mentioned: [], alreadyShown: [], allShown: false };
    expect(adaptiveSource(table, noun, capped, mixture({ elsewhere: 1 }))).toEqual(nothing);
  });

  it('speaks of the hat where the target states its colour and there is a hat', () => {
    const { text } = adaptiveSource(table, noun, capped, phraseOf('hatColour red').embedding);
    expect(text).toBe('face with blue hat');
  });

  it('says that there is no hat where the target states its colour and there is none', () => {
    const source = adaptiveSource(table, noun, bareheaded, phraseOf('hatColour red').embedding);
    expect(source.text).toBe('bareheaded face');
    expect(source.alreadyShown).toEqual([]);
  });

  it('says so once when the target states both the hat and its colour', () => {
    const target = mixture({ 'hat cap': 1, 'hatColour red': 1 });
    const { text, mentioned } = adaptiveSource(table, noun, bareheaded, target);
    expect(mentioned.toSorted()).toEqual(['hat', 'hatColour']);
    expect(text).toBe('bareheaded face');
  });
});

describe('composing phrases', () => {
  it('joins words before and behind the noun in order', () => {
    expect(composePhrases('face', ['smiling face', 'face with red hair', 'old face with glasses'])).toBe(
      'smiling old face with red hair with glasses',
    );
  });

  it('puts a phrase without the noun behind it, and is the noun alone without phrases', () => {
    expect(composePhrases('face', ['wearing a hat'])).toBe('face wearing a hat');
    expect(composePhrases('face', [])).toBe('face');
  });

  it('knows a noun of several words', () => {
    expect(composePhrases('tabby cat', ['black tabby cat', 'tabby cat with collar'])).toBe(
      'black tabby cat with collar',
    );
  });
});
