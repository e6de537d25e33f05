/** The attributes that a pack lists for automatic source texts: against the data set's attributes and what pictures show. */
import { wordsOf } from '@deltaspace/models';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTE_KEYS, valuesOf, type AttributeKey, type Avatar } from './attributes.js';
import { captionWords } from './captions.js';
import { packAttributes, phraseFor } from './prompts.js';
import { avatarAt } from './splits.js';
import { showsHeadHair, visibleAttributes } from './visibility.js';

const attributes = packAttributes();
const avatars = Array.from({ length: 500 }, (_, i) => avatarAt('validation', i));

/** Whether the pack holds that the attribute can be told from a picture of the avatar. */
function canBeTold(avatar: Avatar, key: AttributeKey): boolean {
  const { needs } = attributes.find(({ name }) => name === key) ?? {};
  return needs === undefined || needs.values.includes(avatar.values[needs.attribute as AttributeKey]);
}

describe('packAttributes', () => {
  it('lists every attribute and value once, in the order of the data set, with its phrase', () => {
    expect(attributes.map(({ name, values }) => [name, values])).toEqual(
      ATTRIBUTE_KEYS.map((key) => [key, valuesOf(key).map((value) => ({ value, phrase: phraseFor(key, value) }))]),
    );
    const phrases = attributes.flatMap(({ values }) => values.map(({ phrase }) => phrase));
    expect(new Set(phrases).size).toBe(phrases.length);
  });

  it('phrases values in words that the text tower is trained with', () => {
    const known = new Set(captionWords());
    const words = attributes.flatMap(({ values }) => values.flatMap(({ phrase }) => wordsOf(phrase)));
    expect(words.filter((word) => !known.has(word))).toEqual([]);
  });

  it('needs other attributes and values that exist', () => {
    const needed = attributes.flatMap(({ name, needs }) => (needs === undefined ? [] : [{ name, ...needs }]));
    expect(needed.map(({ name }) => name)).toEqual(['hairColor', 'eyes', 'eyebrows', 'hatColor']);
    for (const { name, attribute, values } of needed) {
      expect(attribute).not.toBe(name);
      expect(valuesOf(attribute as AttributeKey)).toEqual(expect.arrayContaining([...values]));
    }
  });

  it('needs what makes an attribute visible, no more and no less; hair on the head for its colour', () => {
    for (const avatar of avatars) {
      // In a beard the colour of hair shows too, but texts about hair mean the head's.
      const visible = { ...visibleAttributes(avatar), hairColor: showsHeadHair(avatar) };
      expect(Object.fromEntries(ATTRIBUTE_KEYS.map((key) => [key, canBeTold(avatar, key)]))).toEqual(visible);
    }
    for (const key of ['hairColor', 'eyes', 'eyebrows', 'hatColor'] as const)
      expect(new Set(avatars.map((avatar) => canBeTold(avatar, key))), key).toEqual(new Set([true, false]));
  });
});
