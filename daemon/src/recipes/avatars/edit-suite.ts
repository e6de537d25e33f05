/**
 * The standard edits that a pack is judged by: 24 texts, each with the attribute changes that it asks for.
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
import { NEUTRAL_TEXT } from './prompts.js';
import { showsHeadHair, visibleAttributes } from './visibility.js';

export interface EditText {
  /** Stable short name, used in reports. */
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly changes: AttributeChanges;
}

const edit = (name: string, target: string, changes: AttributeChanges, source = NEUTRAL_TEXT): EditText => ({
  name,
  source,
  target,
  changes,
});

export const EDIT_TEXTS: readonly EditText[] = [
  edit('sunglasses', 'face with sunglasses', { accessories: 'sunglasses' }),
  edit('glasses', 'face with glasses', { accessories: 'glasses' }),
  edit('beard', 'face with a beard', { facialHair: 'beard' }),
  edit('moustache', 'face with a moustache', { facialHair: 'moustache' }),
  edit('smile', 'smiling face', { mouth: 'smile' }),
  edit('sad', 'sad face', { mouth: 'sad' }),
  edit('tongue', 'face with tongue out', { mouth: 'tongue' }),
  edit('red-hair', 'face with red hair', { hairColor: 'red' }),
  edit('blonde-hair', 'face with blonde hair', { hairColor: 'blonde' }),
  edit('blue-hair', 'face with blue hair', { hairColor: 'blue' }),
  edit('long-hair', 'face with long hair', { top: 'long' }),
  edit('curly-hair', 'face with curly hair', { top: 'curly' }),
  edit('bald', 'bald face', { top: 'bald' }),
  edit('hat', 'face with a hat', { top: 'hat' }),
  edit('dark-skin', 'face with dark skin', { skin: 'dark' }),
  edit('pale-skin', 'face with pale skin', { skin: 'pale' }),
  edit('suit', 'face wearing a suit', { clothing: 'suit' }),
  edit('blue-hoodie', 'face wearing a blue hoodie', { clothing: 'hoodie', clothesColor: 'blue' }),
  edit('red-clothes', 'face in red clothes', { clothesColor: 'red' }),
  edit('heart-eyes', 'face with heart eyes', { eyes: 'hearts' }),
  edit('closed-eyes', 'face with closed eyes', { eyes: 'closed' }),
  edit('angry', 'angry face', { eyebrows: 'angry' }),
  edit('green-background', 'face on a green background', { background: 'green' }),
  edit('no-glasses', 'face without glasses', { accessories: 'none' }, 'face with glasses'),
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
 * seen before and after, hair to be coloured is on the head, and glasses to be taken off are glasses.
 */
export function isEligible(avatar: Avatar, { changes }: EditText): boolean {
  const before = visibleAttributes(avatar);
  const after = visibleAttributes(counterfactual(avatar, changes));
  if (changeEntries(changes).some(([key, value]) => avatar.values[key] === value || !before[key] || !after[key])) {
    return false;
  }
  if (changes.hairColor !== undefined && !showsHeadHair(avatar)) return false;
  return !(changes.accessories === 'none' && avatar.values.accessories === 'eyepatch');
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
