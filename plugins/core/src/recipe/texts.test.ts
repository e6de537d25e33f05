import { describe, expect, it } from 'vitest';
import { emptyRecipe } from '@deltaspace/shared-protocol';
import { localityOfThreshold, thresholdOfLocality } from './locality.js';
import { recipeTitle, signed, targetText } from './texts.js';

describe('targetText', () => {
  it.each([
    [[], undefined],
    [['  '], undefined],
    [['face with hat'], 'face with hat'],
    [['face with hat', 'Face with red hair'], 'face with hat and red hair'],
    [['a face with hat', 'bald face'], 'a face with hat and bald face'],
    [['smile', 'face with hat'], 'smile and face with hat'],
  ])('makes one text of %j', (texts, expected) => {
    expect(targetText(texts)).toBe(expected);
  });
});

describe('recipeTitle', () => {
  it.each([
    [{ texts: ['face with sunglasses'], strength: 1 }, 'sunglasses +1.0'],
    [{ texts: ['a face with hat', 'bald face'], strength: -0.7 }, 'hat, bald face −0.7'],
    [{ texts: ['smile'] }, 'smile +1.1'],
    [{ texts: [] }, 'edit +1.1'],
  ])('of %j is short', (recipe, expected) => {
    expect(recipeTitle({ ...emptyRecipe, ...recipe }, 1.1)).toBe(expected);
  });

  it('is cut when it is long', () => {
    const title = recipeTitle({ ...emptyRecipe, texts: ['x'.repeat(500)], strength: 2 });
    expect(title).toMatch(/^x{47}… \+2\.0$/);
  });

  it('has no minus nought', () => {
    expect(signed(-0.01)).toBe('+0.0');
  });
});

describe('locality', () => {
  it('and threshold are inverse to each other, and cover all of it', () => {
    for (let locality = 0; locality <= 100; locality++) {
      expect(localityOfThreshold(thresholdOfLocality(locality))).toBeCloseTo(locality, 9);
    }
    expect([thresholdOfLocality(-5), thresholdOfLocality(14), thresholdOfLocality(200)]).toEqual([
      0,
      expect.closeTo(0.0196, 9),
      1,
    ]);
  });
});
