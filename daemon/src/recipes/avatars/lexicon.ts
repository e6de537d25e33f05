/**
 * The words that captions use for each attribute value.
 *
 * Every wording says only what the picture shows and fits exactly one value of its attribute, so that a caption can
 * be checked against the avatar. Wordings kept back for testing are in held-out.ts and must not be added here.
 * How wordings become sentences is captions.ts.
 */
import type { AttributeKey, AttributeValue } from './attributes.js';

/** The wordings of one value, by the place they take in a sentence. */
export interface Wordings {
  /** Adjectives before the noun: "a *smiling* person". */
  readonly adjectives?: readonly string[];
  /** What one has: "with *a moustache*", "has *a moustache*". */
  readonly having?: readonly string[];
  /** What one wears: "wearing *glasses*", "with *glasses*", "wears *glasses*". */
  readonly wearing?: readonly string[];
  /** What stands by itself after the noun: "*clean shaven*", "*without glasses*", "is *without glasses*". */
  readonly plain?: readonly string[];
}

type Lexicon<K extends AttributeKey> = Readonly<Record<AttributeValue<K>, Wordings>>;

/** Attributes worded on their own. Hair, hats and clothes join a kind with a colour; their words follow below. */
export const WORDINGS: { readonly [K in PlainKey]: Lexicon<K> } = {
  skin: {
    pale: { adjectives: ['pale', 'pale skinned', 'fair skinned'], having: ['pale skin', 'fair skin', 'white skin'] },
    tan: { adjectives: ['tanned', 'tan skinned'], having: ['tan skin', 'tanned skin', 'olive skin'] },
    brown: { adjectives: ['brown skinned'], having: ['brown skin', 'a brown complexion'] },
    dark: { adjectives: ['dark skinned'], having: ['dark skin', 'black skin', 'a dark complexion'] },
  },
  accessories: {
    none: { having: ['no glasses'], plain: ['without glasses', 'without any glasses'] },
    glasses: {
      wearing: ['glasses', 'glasses', 'spectacles', 'eyeglasses', 'a pair of glasses', 'reading glasses'],
    },
    sunglasses: {
      wearing: ['sunglasses', 'sunglasses', 'shades', 'dark glasses', 'a pair of sunglasses', 'black sunglasses'],
    },
    eyepatch: {
      wearing: ['an eyepatch', 'an eye patch', 'a black eyepatch'],
      having: ['a patch over one eye', 'a patch on the eye'],
    },
  },
  mouth: {
    smile: {
      adjectives: ['smiling', 'happy', 'cheerful', 'laughing'],
      having: ['a smile', 'a big smile', 'a happy smile', 'a smiling mouth'],
      plain: ['smiling'],
    },
    neutral: {
      adjectives: ['serious', 'calm', 'neutral'],
      having: ['a neutral expression', 'a serious expression', 'a straight mouth', 'a serious look'],
      plain: ['not smiling'],
    },
    sad: {
      adjectives: ['sad', 'unhappy', 'frowning', 'upset'],
      having: ['a sad mouth', 'a frown', 'a sad expression', 'an unhappy look'],
      plain: ['frowning'],
    },
    open: {
      adjectives: ['screaming', 'shouting'],
      having: ['an open mouth', 'a wide open mouth', 'the mouth open'],
      plain: ['screaming', 'shouting'],
    },
    tongue: {
      having: ['tongue out', 'the tongue out', 'the tongue sticking out', 'a tongue sticking out'],
      plain: ['sticking out the tongue', 'showing the tongue'],
    },
  },
  eyes: {
    open: { having: ['open eyes', 'eyes open', 'normal eyes'] },
    closed: {
      adjectives: ['sleeping'],
      having: ['closed eyes', 'eyes closed', 'both eyes closed', 'shut eyes'],
      plain: ['asleep'],
    },
    wink: { adjectives: ['winking'], having: ['a wink', 'one eye closed', 'a winking eye'], plain: ['winking'] },
    hearts: {
      having: ['heart eyes', 'hearts in the eyes', 'heart shaped eyes', 'hearts for eyes'],
      plain: ['in love'],
    },
    surprised: {
      adjectives: ['surprised', 'shocked'],
      having: ['wide eyes', 'wide open eyes', 'big round eyes', 'surprised eyes'],
    },
  },
  eyebrows: {
    normal: { having: ['normal eyebrows', 'relaxed eyebrows'] },
    angry: { adjectives: ['angry', 'mad'], having: ['angry eyebrows', 'an angry look', 'angry brows'] },
    worried: {
      adjectives: ['worried', 'concerned'],
      having: ['worried eyebrows', 'a worried look', 'a concerned look', 'worried brows'],
    },
    raised: {
      adjectives: ['excited'],
      having: ['raised eyebrows', 'lifted eyebrows', 'raised brows', 'high eyebrows'],
    },
  },
  background: {
    grey: { having: ['grey', 'gray'] },
    blue: { having: ['blue', 'blue', 'light blue', 'pale blue'] },
    pink: { having: ['pink', 'pink', 'light pink', 'pale pink'] },
    green: { having: ['green', 'green', 'light green', 'pale green'] },
    yellow: { having: ['yellow', 'yellow', 'light yellow', 'cream'] },
    purple: { having: ['purple', 'purple', 'violet', 'lavender'] },
  },
};

export type PlainKey = 'skin' | 'accessories' | 'mouth' | 'eyes' | 'eyebrows' | 'background';

/** Bald heads, which have no colour to name. */
export const BALD_WORDINGS: Wordings = {
  adjectives: ['bald', 'bald headed'],
  having: ['no hair', 'a bald head', 'a shaved head'],
  plain: ['without hair'],
};

/** Hair styles: `{}` is where a colour may stand ("long {} hair"). `short` names take no colour ("short haired"). */
export const HAIR_STYLES: Readonly<
  Record<
    'short' | 'long' | 'curly' | 'bun',
    { readonly having: readonly string[]; readonly adjectives?: readonly string[] }
  >
> = {
  short: { having: ['short {} hair', 'short {} hair', 'a short {} haircut'], adjectives: ['short haired'] },
  long: { having: ['long {} hair', 'long {} hair', 'long straight {} hair'], adjectives: ['long haired'] },
  curly: {
    having: ['curly {} hair', 'curly {} hair', 'a {} afro', 'big {} curls', 'frizzy {} hair'],
    adjectives: ['curly haired'],
  },
  bun: { having: ['{} hair in a bun', 'a {} bun', 'a {} hair bun', 'a {} topknot'] },
};

/** Hair colours as adjectives of hair, beards and moustaches. */
export const HAIR_COLORS: Lexicon<'hairColor'> = {
  black: { having: ['black', 'black', 'dark'], adjectives: ['black haired', 'dark haired'] },
  brown: { having: ['brown', 'brown', 'brunette'], adjectives: ['brown haired', 'brunette'] },
  blonde: { having: ['blonde', 'blond', 'golden'], adjectives: ['blonde', 'blond', 'blonde haired'] },
  red: { having: ['red', 'red', 'ginger', 'orange'], adjectives: ['red haired', 'ginger', 'red headed'] },
  grey: { having: ['grey', 'gray', 'silver'], adjectives: ['grey haired', 'gray haired'] },
  pink: { having: ['pink'], adjectives: ['pink haired'] },
  blue: { having: ['blue'], adjectives: ['blue haired'] },
};

/** Head wear: `{}` is where a colour may stand. */
export const HATS: Readonly<Record<'hat' | 'beanie', readonly string[]>> = {
  hat: ['a {} hat', 'a {} hat', 'a {} fedora', 'a wide {} hat', 'a big {} hat', 'a {} hat with a brim'],
  beanie: ['a {} beanie', 'a {} beanie', 'a {} winter hat', 'a woolly {} hat', 'a {} knitted cap', 'a {} winter cap'],
};
/** What is true of everybody without head wear. */
export const NO_HAT_WORDINGS: Wordings = { having: ['no hat'], plain: ['without a hat'] };

/** Facial hair: `{}` is where a hair colour may stand. */
export const FACIAL_HAIR: Readonly<
  Record<'beard' | 'moustache', { having: readonly string[]; adjectives?: readonly string[] }>
> = {
  beard: { having: ['a {} beard', 'a {} beard', 'a full {} beard', 'a bushy {} beard'], adjectives: ['bearded'] },
  moustache: { having: ['a {} moustache', 'a {} moustache', 'a {} mustache', 'a thick {} moustache'] },
};
export const NO_FACIAL_HAIR_WORDINGS: Wordings = {
  adjectives: ['clean shaven'],
  having: ['no beard', 'no facial hair', 'a shaved chin'],
  plain: ['clean shaven', 'without a beard', 'without facial hair'],
};

/** Clothes: `{}` is where a colour may stand. */
export const CLOTHES: Readonly<Record<AttributeValue<'clothing'>, readonly string[]>> = {
  hoodie: ['a {} hoodie', 'a {} hoodie', 'a hooded {} top'],
  suit: ['a {} suit', 'a {} suit', 'a {} blazer', 'a {} jacket'],
  shirt: ['a {} shirt', 'a {} shirt', 'a {} t-shirt', 'a plain {} shirt'],
  overalls: ['{} overalls', '{} overalls', '{} dungarees'],
  sweater: ['a {} sweater', 'a {} sweater', 'a {} pullover', 'a {} sweater with a collar'],
};
/** Clothes of which only the colour is named. */
export const UNNAMED_CLOTHES: readonly string[] = ['{} clothes', '{} clothing'];

/** Colours of clothes and hats. */
export const FABRIC_COLORS: Lexicon<'clothesColor'> = {
  red: { having: ['red', 'red', 'red', 'crimson', 'bright red'] },
  blue: { having: ['blue', 'blue', 'blue', 'cobalt'] },
  green: { having: ['green', 'green', 'green', 'emerald'] },
  yellow: { having: ['yellow', 'yellow', 'yellow', 'bright yellow'] },
  black: { having: ['black', 'black', 'black', 'dark'] },
  white: { having: ['white', 'white', 'white', 'pure white'] },
  pink: { having: ['pink', 'pink', 'pink', 'rose'] },
};

/** What the picture is of. */
export const SUBJECTS: readonly string[] = [
  'face',
  'face',
  'face',
  'person',
  'person',
  'avatar',
  'head',
  'character',
  'cartoon face',
  'cartoon character',
];

/** What stands before the noun and its adjectives; `{}` is the rest, beginning with an article where one is needed. */
export const FRAMES: readonly string[] = [
  '{}',
  '{}',
  '{a}',
  '{a}',
  'the {}',
  'portrait of {a}',
  'a portrait of {a}',
  'avatar of {a}',
  'cartoon of {a}',
  'picture of {a}',
  'a picture of {a}',
  'a drawing of {a}',
  'an illustration of {a}',
  'an image showing {a}',
];
