import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { emptyRecipe, parseRecipe, recipeLimits, RecipeError, serializeRecipe, type Recipe } from './recipe.js';

const recipe: Recipe = {
  ...emptyRecipe,
  texts: ['face with sunglasses', 'Gesicht mit Hut 😀'],
  source: { mode: 'auto' },
  strength: -1.5,
  threshold: 0.02,
  method: 'deltaedit',
  pack: 'avatars',
};

function codeOf(text: string): string | undefined {
  try {
    parseRecipe(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    return error.code;
  }
}

describe('a recipe', () => {
  it('comes back as it was', () => {
    expect(parseRecipe(serializeRecipe(recipe))).toEqual(recipe);
    expect(parseRecipe(serializeRecipe(emptyRecipe))).toEqual(emptyRecipe);
  });

  it('of a newer version is refused with what to do', () => {
    const newer = JSON.stringify({ ...recipe, version: 2, seeds: [1] });
    expect(codeOf(newer)).toBe('recipe_newer');
    expect(() => parseRecipe(newer)).toThrow('update the plugin');
  });

  it.each([
    ['{', 'recipe_damaged'],
    ['null', 'recipe_damaged'],
    ['[]', 'recipe_damaged'],
    [JSON.stringify({ ...recipe, format: 'other', version: 2 }), 'recipe_damaged'],
    [JSON.stringify({ ...recipe, strength: 11 }), 'recipe_damaged'],
    [JSON.stringify({ ...recipe, texts: Array.from({ length: recipeLimits.texts + 1 }, () => 'a') }), 'recipe_damaged'],
    [JSON.stringify({ ...recipe, extra: 1 }), 'recipe_damaged'],
    [' '.repeat(recipeLimits.jsonCharacters + 1), 'recipe_too_long'],
  ])('is not %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('that would be too long is not written', () => {
    const texts = Array.from({ length: recipeLimits.texts }, () => '\u0001'.repeat(999) + 'x');
    expect(() => serializeRecipe({ ...recipe, texts })).toThrow(RecipeError);
  });

  it('is read or refused in words, never otherwise, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['recipe_damaged', 'recipe_newer', undefined]).toContain(codeOf(text));
      }),
    );
  });
});
