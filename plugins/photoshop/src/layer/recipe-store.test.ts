import { describe, expect, it } from 'vitest';
import { readRecipes, recipeLimits, recipeOf, storeRecipe, type Recipe } from './recipe-store.js';

const recipe = (layerId: number, parts: Partial<Recipe> = {}): Recipe => ({
  layerId,
  layerName: `edit ${layerId}`,
  sourceId: 1,
  sourceName: 'face',
  edit: '{"target":"a <b> & "c" \'d\' ☂"}',
  ...parts,
});

const packet = (inside: string, prefix = 'rdf'): string =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><${prefix}:RDF xmlns:${prefix}="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${inside}</${prefix}:RDF></x:xmpmeta>`;

const foreign =
  '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></rdf:Description>';

describe('recipes in XMP', () => {
  it('come back as they were, also from a document that had no metadata', () => {
    const xmp = storeRecipe(storeRecipe('', recipe(5))!, recipe(6))!;
    expect(readRecipes(xmp)).toEqual([recipe(5), recipe(6)]);
  });

  it('come back with the part that was read, and without one that is no rectangle', () => {
    const area = { left: 3, top: -1, right: 40, bottom: 20 };
    const xmp = storeRecipe('', recipe(5, { area }))!;
    expect(readRecipes(xmp)).toEqual([recipe(5, { area })]);
    const odd = { left: 0.5, top: 0, right: 2, bottom: 2 };
    expect(readRecipes(storeRecipe('', recipe(5, { area: odd }))!)).toEqual([]);
  });

  it('replace an earlier one of the same layer, and leave one property', () => {
    const xmp = storeRecipe(storeRecipe(packet(foreign), recipe(5))!, recipe(5, { edit: 'new' }))!;
    expect(readRecipes(xmp)).toEqual([recipe(5, { edit: 'new' })]);
    expect(xmp.match(/xmlns:deltaspace=/g)).toHaveLength(1);
    expect(xmp).toContain(foreign);
  });

  it('leave the rest as it was to the letter', () => {
    const before = packet(foreign);
    const after = storeRecipe(before, recipe(5))!;
    const start = after.indexOf('<rdf:Description rdf:about="" xmlns:deltaspace');
    const end = after.indexOf('</rdf:Description>', start) + '</rdf:Description>'.length;
    expect(after.slice(0, start) + after.slice(end)).toBe(before);
  });

  it('are read when others wrote them as an attribute, with another prefix and other quotes', () => {
    const written = storeRecipe('', recipe(5))!;
    const text = /<deltaspace:recipes>([^<]*)</.exec(written)![1]!;
    const hex = text.replaceAll('&#34;', '&quot;').replaceAll('&#39;', '&#x27;').replaceAll('&#38;', '&amp;');
    for (const quote of ['"', "'"]) {
      const xmp = packet(
        `<rdf:Description rdf:about="" xmlns:ns1=${quote}https://deltaspace.dev/ns/edit/1.0/${quote} ns1:recipes=${quote}${hex}${quote} dc:x="1"/>`,
      );
      expect(readRecipes(xmp)).toEqual([recipe(5)]);
      const next = storeRecipe(xmp, recipe(6))!;
      expect(readRecipes(next)).toEqual([recipe(5), recipe(6)]);
      expect(next).toContain('dc:x="1"');
    }
  });

  it('go into an RDF element that is empty, or has another prefix', () => {
    const closed =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>';
    for (const xmp of [closed, packet('', 'q')]) expect(readRecipes(storeRecipe(xmp, recipe(5))!)).toEqual([recipe(5)]);
  });

  it.each([
    ' '.repeat(recipeLimits.xmpCharacters + 1),
    '<broken',
    'no xml at all',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>',
  ])('are not forced into %.60s', (xmp) => {
    expect(storeRecipe(xmp, recipe(5))).toBeUndefined();
  });

  it('that are no recipes are passed over', () => {
    const odd = [recipe(5), { layerId: 'x' }, null, recipe(6, { edit: 'x'.repeat(recipeLimits.editCharacters + 1) })];
    const text = JSON.stringify(odd).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
    const own = (inside: string): string =>
      packet(
        `<rdf:Description xmlns:d="https://deltaspace.dev/ns/edit/1.0/"><d:recipes>${inside}</d:recipes></rdf:Description>`,
      );
    expect(readRecipes(own(text))).toEqual([recipe(5)]);
    expect(readRecipes(own('[{'))).toEqual([]);
    expect(readRecipes(own('{}'))).toEqual([]);
  });

  it('give way to newer ones beyond the limits', () => {
    let xmp = '';
    for (let id = 1; id <= recipeLimits.recipes + 3; id++) xmp = storeRecipe(xmp, recipe(id, { edit: '{}' }))!;
    const ids = readRecipes(xmp).map(({ layerId }) => layerId);
    expect(ids).toHaveLength(recipeLimits.recipes);
    expect([ids[0], ids.at(-1)]).toEqual([4, recipeLimits.recipes + 3]);
    expect(storeRecipe('', recipe(1, { edit: 'x'.repeat(recipeLimits.editCharacters + 1) }))).toBeUndefined();
    const long = recipe(0, { edit: 'x'.repeat(recipeLimits.editCharacters) });
    for (let id = 1; id <= 40; id++) xmp = storeRecipe(xmp, { ...long, layerId: 1000 + id })!;
    expect(JSON.stringify(readRecipes(xmp)).length).toBeLessThanOrEqual(recipeLimits.allCharacters);
    expect(readRecipes(xmp).at(-1)!.layerId).toBe(1040);
  });
});

describe('the recipe of a layer', () => {
  it('is found by id, and by name when ids were given anew', () => {
    const recipes = [recipe(5), recipe(6)];
    expect(recipeOf(recipes, { id: 6, name: 'edit 6' })).toBe(recipes[1]);
    expect(recipeOf(recipes, { id: 6, name: 'renamed' })).toBe(recipes[1]);
    expect(recipeOf(recipes, { id: 60, name: 'edit 6' })).toBe(recipes[1]);
    expect(recipeOf(recipes, { id: 60, name: 'other' })).toBeUndefined();
  });
});
