/**
 * The standard edits that a pack is judged by: 14 texts and four mixes of three attributes, each with the attribute changes
 * that it asks for. The texts marked `unseen` hold words that no caption of the training has (HELD_OUT_FRAME_WORDS).
 *
 * Because avatars are rendered from attributes, the right answer to an edit exists as a picture: `counterfactual`
 * gives the avatar to render. Scoring is elsewhere (evaluation); this file is the list and its meaning.
 */
import {
  ATTRIBUTE_KEYS,
  withAttribute,
  type AttributeChanges,
  type AttributeKey,
  type AttributeValue,
  type Avatar,
} from './attributes.js';
import { showsHeadHair, visibleAttributes } from './visibility.js';

export interface EditText {
  /** Stable short name, used in reports. */
  readonly name: string;
  readonly target: string;
  readonly changes: AttributeChanges;
  /** Worded as no training caption can be. */
  readonly unseen: boolean;
}

const edit = (name: string, target: string, changes: AttributeChanges): EditText => ({
  name,
  target,
  changes,
  unseen: false,
});
const unseen = (name: string, target: string, changes: AttributeChanges): EditText => ({
  ...edit(name, target, changes),
  unseen: true,
});

export const EDIT_TEXTS: readonly EditText[] = [
  edit('sunglasses', 'face with sunglasses', { accessories: 'sunglasses' }),
  unseen('eyeglasses', 'somebody with eyeglasses', { accessories: 'glasses' }),
  unseen('beard', 'guy sporting a beard', { facialHair: 'beard' }),
  edit('moustache', 'face with a moustache', { facialHair: 'moustache' }),
  edit('smile', 'smiling face', { mouth: 'smile' }),
  unseen('sad', 'somebody who looks sad', { mouth: 'sad' }),
  unseen('red-hair', 'somebody with red hair', { hairColor: 'red' }),
  edit('black-hair', 'face with black hair', { hairColor: 'black' }),
  edit('blonde-hair', 'face with blonde hair', { hairColor: 'blonde' }),
  unseen('winter-hat', 'guy in a winter hat', { top: 'beanie' }),
  unseen('long-hair', 'headshot with long hair', { top: 'long' }),
  edit('short-hair', 'face with short hair', { top: 'short' }),
  unseen('hoodie', 'guy sporting a hoodie', { clothing: 'hoodie' }),
  edit('blue-clothes', 'face in blue clothes', { clothesColor: 'blue' }),
  edit('mix-smile-sunglasses-red-hair', 'smiling face with red hair and sunglasses', {
    mouth: 'smile',
    hairColor: 'red',
    accessories: 'sunglasses',
  }),
  edit('mix-beard-glasses-suit', 'bearded face with glasses, wearing a suit', {
    facialHair: 'beard',
    accessories: 'glasses',
    clothing: 'suit',
  }),
  edit('mix-long-blonde-hair-blue-clothes', 'face with long blonde hair in blue clothes', {
    top: 'long',
    hairColor: 'blonde',
    clothesColor: 'blue',
  }),
  unseen('mix-moustache-curls-hoodie', 'guy sporting a moustache, curly hair and a hoodie', {
    facialHair: 'moustache',
    top: 'curly',
    clothing: 'hoodie',
  }),
];

/** The attributes and values that changes name, in the fixed order of attributes. */
export function changeEntries(changes: AttributeChanges): readonly (readonly [AttributeKey, AttributeValue])[] {
  return ATTRIBUTE_KEYS.flatMap((key) => {
    const value = changes[key];
    return value === undefined ? [] : [[key, value] as const];
  });
}

/**
 * Whether an edit makes sense for an avatar: none of the values is there already, every changed attribute can be
 * seen before and after (the colour of new hair only after), and hair to be coloured is on the head.
 */
export function isEligible(avatar: Avatar, { changes }: EditText): boolean {
  const before = visibleAttributes(avatar);
  const after = visibleAttributes(counterfactual(avatar, changes));
  const comesWithHair = (key: AttributeKey): boolean => key === 'hairColor' && changes.top !== undefined;
  const senseless = changeEntries(changes).some(
    ([key, value]) => avatar.values[key] === value || !(before[key] || comesWithHair(key)) || !after[key],
  );
  if (senseless) return false;
  return changes.hairColor === undefined || changes.top !== undefined || showsHeadHair(avatar);
}

/** Indices of the first `limit` avatars that an edit makes sense for. */
export function selectEligible(avatars: readonly Avatar[], text: EditText, limit: number): number[] {
  const selected: number[] = [];
  for (let i = 0; i < avatars.length && selected.length < limit; i++) {
    if (isEligible(avatars[i] as Avatar, text)) selected.push(i);
  }
  return selected;
}

/** The same avatar with the changes made, each in the first drawing of its value. */
export function counterfactual(avatar: Avatar, changes: AttributeChanges): Avatar {
  return changeEntries(changes).reduce(
    (changed, [key, value]) => withAttribute(changed, key, value as AttributeValue<typeof key>),
    avatar,
  );
}
