/**
 * Fixed texts about attribute values: the canonical phrase of each value, and templates around phrases.
 *
 * Phrases serve as zero-shot prompts and as source texts that name what a picture already shows. Templates serve to
 * average a text's embedding over several ways of putting it.
 */
import type { PackAttribute } from '@deltaspace/models';
import { ATTRIBUTE_KEYS, valuesOf, type AttributeKey, type AttributeValue } from './attributes.js';

/** `{}` is a phrase such as "face with glasses". */
export const promptTemplates: readonly string[] = [
  '{}',
  'a {}',
  'the {}',
  'portrait of a {}',
  'avatar of a {}',
  'cartoon of a {}',
  'picture of a {}',
];

/** The text that says nothing about any attribute. */
export const NEUTRAL_TEXT = 'face';

const PHRASES: { readonly [K in AttributeKey]: Readonly<Record<AttributeValue<K>, string>> } = {
  skin: {
    pale: 'face with pale skin',
    tan: 'face with tan skin',
    brown: 'face with brown skin',
    dark: 'face with dark skin',
  },
  top: {
    bald: 'bald face',
    short: 'face with short hair',
    long: 'face with long hair',
    curly: 'face with curly hair',
    bun: 'face with hair in a bun',
    hat: 'face with a hat',
    beanie: 'face with a beanie',
  },
  hairColor: {
    black: 'face with black hair',
    brown: 'face with brown hair',
    blonde: 'face with blonde hair',
    red: 'face with red hair',
    grey: 'face with grey hair',
    pink: 'face with pink hair',
    blue: 'face with blue hair',
  },
  accessories: {
    none: 'face without glasses',
    glasses: 'face with glasses',
    sunglasses: 'face with sunglasses',
    eyepatch: 'face with an eyepatch',
  },
  facialHair: { none: 'clean shaven face', beard: 'face with a beard', moustache: 'face with a moustache' },
  mouth: {
    smile: 'smiling face',
    neutral: 'serious face',
    sad: 'sad face',
    open: 'face with an open mouth',
    tongue: 'face with tongue out',
  },
  eyes: {
    open: 'face with open eyes',
    closed: 'face with closed eyes',
    wink: 'winking face',
    hearts: 'face with heart eyes',
    surprised: 'surprised face',
  },
  eyebrows: {
    normal: 'face with normal eyebrows',
    angry: 'angry face',
    worried: 'worried face',
    raised: 'face with raised eyebrows',
  },
  clothing: {
    hoodie: 'face wearing a hoodie',
    suit: 'face wearing a suit',
    shirt: 'face wearing a shirt',
    overalls: 'face wearing overalls',
    sweater: 'face wearing a sweater',
  },
  clothesColor: {
    red: 'face in red clothes',
    blue: 'face in blue clothes',
    green: 'face in green clothes',
    yellow: 'face in yellow clothes',
    black: 'face in black clothes',
    white: 'face in white clothes',
    pink: 'face in pink clothes',
  },
  hatColor: {
    red: 'face with a red hat',
    blue: 'face with a blue hat',
    green: 'face with a green hat',
    yellow: 'face with a yellow hat',
    black: 'face with a black hat',
    white: 'face with a white hat',
    pink: 'face with a pink hat',
  },
  background: {
    grey: 'face on a grey background',
    blue: 'face on a blue background',
    pink: 'face on a pink background',
    green: 'face on a green background',
    yellow: 'face on a yellow background',
    purple: 'face on a purple background',
  },
};

/** The canonical phrase that states one attribute value: "face with brown hair". */
export function phraseFor<K extends AttributeKey>(key: K, value: AttributeValue<K>): string {
  return (PHRASES[key] as Readonly<Record<string, string>>)[value] as string;
}

/** The phrases of all values of an attribute in the order of `valuesOf`: the prompts of a zero-shot classifier. */
export function zeroShotPrompts(key: AttributeKey): readonly string[] {
  return valuesOf(key).map((value) => phraseFor(key, value));
}

/** Heads on which the colour of hair shows; elsewhere a text about it speaks of something that is not there. */
const hairyTops = ['short', 'long', 'curly', 'bun'];

/** All attributes with their phrases, as packs list them for `--source auto`. */
export function packAttributes(): PackAttribute[] {
  const needs: { readonly [K in AttributeKey]?: PackAttribute['needs'] } = {
    hairColor: { attribute: 'top', values: hairyTops },
    hatColor: { attribute: 'top', values: ['hat', 'beanie'] },
    eyes: { attribute: 'accessories', values: ['none', 'glasses', 'eyepatch'] },
    eyebrows: { attribute: 'accessories', values: ['none', 'glasses', 'eyepatch'] },
  };
  return ATTRIBUTE_KEYS.map((name) => ({
    name,
    values: valuesOf(name).map((value) => ({ value, phrase: phraseFor(name, value) })),
    ...(needs[name] === undefined ? {} : { needs: needs[name] }),
  }));
}
