import { describe, expect, it } from 'vitest';
import { attributeTable, readLayer, readText } from './attribute-table.js';
import { mixture, phraseOf, table } from './attribute-table-example.js';

const claims = (text: Float32Array): string[] =>
  readText(table, text).map(({ attribute, value }) => `${attribute} ${value}`);

describe('reading a layer', () => {
  it('finds for every attribute the value whose phrase is nearest', () => {
    const shown = readLayer(
      table,
      mixture({ 'hair red': 0.6, 'hair brown': 0.5, 'hat none': 0.3, 'hatColour blue': 0.1 }),
    );
    expect([...shown].map(([name, { value }]) => [name, value])).toEqual([
      ['hair', 'red'],
      ['hat', 'none'],
      ['hatColour', 'blue'],
    ]);
  });
});

describe('reading a text', () => {
  it('finds what it states, strongest first, one value per attribute', () => {
    expect(claims(mixture({ 'hair red': 0.5, 'hair brown': 0.3, 'hat cap': 0.9 }))).toEqual(['hat cap', 'hair red']);
  });

  it('finds nothing in the noun itself, nor in what no attribute explains', () => {
    expect(claims(table.neutral)).toEqual([]);
    expect(claims(mixture({ elsewhere: 1 }))).toEqual([]);
  });

  it('does not find a value twice over: what a phrase explains is taken away before the next is looked for', () => {
    // "hat cap" and "hatColour red" share an axis in this table: a text of the cap alone must not also state its colour.
    const cap = phraseOf('hat cap').embedding;
    const colour = phraseOf('hatColour red').embedding;
    expect(cap.some((value, axis) => axis > 0 && value !== 0 && colour[axis] !== 0)).toBe(true);
    expect(claims(cap)).toEqual(['hat cap']);
  });

  it('passes over a phrase that says the same as the noun', () => {
    const same = { attribute: 'empty', value: 'none', phrase: 'face', embedding: table.neutral };
    const attributes = [...table.attributes, { name: 'empty', values: [{ value: 'none', phrase: 'face' }] }];
    const wider = attributeTable(attributes, [same, ...table.phrases], table.neutral);
    expect(readText(wider, mixture({ 'hair red': 1 })).map(({ value }) => value)).toEqual(['red']);
  });

  it('survives two phrases of one embedding', () => {
    const twin = { ...phraseOf('hair red'), attribute: 'twin' };
    const read = readText(
      attributeTable(table.attributes, [...table.phrases, twin], table.neutral),
      mixture({ 'hair red': 1 }),
    );
    expect(read.map(({ attribute }) => attribute)).toEqual(['hair']);
  });
});
