import { describe, expect, it } from 'vitest';
import { ATTRIBUTE_KEYS, valuesOf, type Avatar } from './attributes.js';
import { changeEntries, counterfactual, EDIT_TEXTS, isEligible, selectEligible } from './edit-suite.js';
import { wordsOf } from '@deltaspace/models';
import { captionWords, GRAMMAR_WORDS } from './captions.js';
import { HELD_OUT_FRAME_WORDS, HELD_OUT_SYNONYMS } from './held-out.js';
import { NEUTRAL_TEXT, phraseFor, promptTemplates, zeroShotPrompts } from './prompts.js';
import { avatarAt } from './splits.js';
import { visibleAttributes } from './visibility.js';

const avatars = Array.from({ length: 600 }, (_, i) => avatarAt('test', i));

describe('the edit suite', () => {
  it('has texts with different names, all of known attribute values, some of three at once', () => {
    expect(new Set(EDIT_TEXTS.map(({ name }) => name)).size).toBe(EDIT_TEXTS.length);
    expect(EDIT_TEXTS.filter(({ changes }) => changeEntries(changes).length === 3).length).toBe(4);
    for (const { changes } of EDIT_TEXTS) {
      expect(changeEntries(changes).length).toBeGreaterThan(0);
      for (const [key, value] of changeEntries(changes)) expect(valuesOf(key)).toContain(value);
    }
  });

  it('words unseen texts with words that captions do not have, and the others without', () => {
    const known = new Set([...captionWords(), ...GRAMMAR_WORDS.split(' ')]);
    const strange = (text: string) => wordsOf(text).filter((word) => HELD_OUT_FRAME_WORDS.includes(word));
    for (const { target, unseen, name } of EDIT_TEXTS) {
      expect(strange(target).length > 0, name).toBe(unseen);
      for (const word of strange(target)) expect(known.has(word), word).toBe(false);
    }
    expect(EDIT_TEXTS.filter(({ unseen }) => unseen).length).toBeGreaterThanOrEqual(7);
  });

  it('finds at least 64 avatars for every text among 600', () => {
    for (const text of EDIT_TEXTS) expect(selectEligible(avatars, text, 64).length, text.name).toBe(64);
  });

  it('selects in order, and only avatars that lack the target and can show it', () => {
    for (const text of EDIT_TEXTS) {
      const selected = selectEligible(avatars, text, 20);
      expect(selected).toEqual([...selected].sort((a, b) => a - b));
      for (const index of selected) {
        const avatar = avatars[index] as Avatar;
        const visible = visibleAttributes(counterfactual(avatar, text.changes));
        for (const [key, value] of changeEntries(text.changes)) {
          expect(avatar.values[key]).not.toBe(value);
          expect(visible[key], text.name).toBe(true);
        }
      }
    }
  });

  it('does not colour unseen hair or change a mouth into what it is', () => {
    const named = (name: string) => EDIT_TEXTS.find((text) => text.name === name) as (typeof EDIT_TEXTS)[number];
    const plain = counterfactual(avatars[0] as Avatar, { top: 'short', hairColor: 'brown', mouth: 'neutral' });
    expect(isEligible(plain, named('red-hair'))).toBe(true);
    expect(isEligible(counterfactual(plain, { top: 'bald', facialHair: 'beard' }), named('red-hair'))).toBe(false);
    expect(isEligible(plain, named('smile'))).toBe(true);
    expect(isEligible(counterfactual(plain, { mouth: 'smile' }), named('smile'))).toBe(false);
    const longBlonde = named('mix-long-blonde-hair-blue-clothes');
    const bald = counterfactual(plain, { top: 'bald', clothesColor: 'red', facialHair: 'none' });
    expect(isEligible(bald, longBlonde)).toBe(true);
  });

  it('makes counterfactuals that differ only in the changed attributes', () => {
    for (const { changes } of EDIT_TEXTS) {
      const before = avatars[1] as Avatar;
      const after = counterfactual(before, changes);
      for (const key of ATTRIBUTE_KEYS) {
        expect(after.values[key]).toBe(changes[key] ?? before.values[key]);
        if (changes[key] === undefined) expect(after.variants[key]).toBe(before.variants[key]);
      }
    }
  });
});

describe('prompts', () => {
  it('name every value of every attribute by a phrase of its own', () => {
    for (const key of ATTRIBUTE_KEYS) {
      const prompts = zeroShotPrompts(key);
      expect(new Set(prompts).size).toBe(valuesOf(key).length);
      for (const prompt of prompts) expect(prompt).toContain(NEUTRAL_TEXT);
    }
    expect(phraseFor('hairColor', 'brown')).toBe('face with brown hair');
  });

  it('have templates with one place for the phrase', () => {
    for (const template of promptTemplates) expect(template.split('{}').length).toBe(2);
  });

  it('have held-out synonyms of existing values, each containing its words', () => {
    for (const { text, words, key, value } of HELD_OUT_SYNONYMS) {
      expect(valuesOf(key)).toContain(value);
      expect(text).toContain(words);
    }
  });
});
