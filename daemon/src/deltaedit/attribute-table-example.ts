/**
 * A table of attributes small enough to follow by hand, for tests: three attributes in a space with one axis per phrase. Axis 0
 * is the noun, the last axis is explained by no phrase, and the colour of a hat can be seen only where there is a hat.
 */
import { attributeTable, type AttributeTable, type KnownPhrase } from './attribute-table.js';
import { unit } from './vectors.js';

const axes = ['noun', 'hair red', 'hair brown', 'hat cap', 'hat none', 'hatColour red', 'hatColour blue', 'elsewhere'];

/** Unit vector of the noun (weight 1) and of some axes with given weights. */
export function mixture(weights: Readonly<Record<string, number>>): Float32Array {
  return unit(Float32Array.from(axes, (axis) => weights[axis] ?? (axis === 'noun' ? 1 : 0)));
}

const known = (attribute: string, value: string, phrase: string, also: Record<string, number> = {}): KnownPhrase => ({
  attribute,
  value,
  phrase,
  embedding: mixture({ [`${attribute} ${value}`]: 1, ...also }),
});

const phrases = [
  known('hair', 'red', 'face with red hair'),
  known('hair', 'brown', 'face with brown hair'),
  known('hat', 'cap', 'face with cap'),
  known('hat', 'none', 'bareheaded face'),
  // To speak of a hat's colour is to speak of a hat as well.
  known('hatColour', 'red', 'face with red hat', { 'hat cap': 0.5 }),
  known('hatColour', 'blue', 'face with blue hat', { 'hat cap': 0.5 }),
];

/** The phrase for "attribute value". */
export function phraseOf(name: string): KnownPhrase {
  const found = phrases.find(({ attribute, value }) => `${attribute} ${value}` === name);
  if (found === undefined) throw new Error(`the example has no phrase for ${name}`);
  return found;
}

const attribute = (name: string): AttributeTable['attributes'][number] => ({
  name,
  values: phrases.filter((one) => one.attribute === name).map(({ value, phrase }) => ({ value, phrase })),
  ...(name === 'hatColour' ? { needs: { attribute: 'hat', values: ['cap'] } } : {}),
});

/** The table. */
export const table: AttributeTable = attributeTable(['hair', 'hat', 'hatColour'].map(attribute), phrases, mixture({}));
