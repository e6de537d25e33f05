/**
 * Words and phrasings that captions never use, so that understanding them must come from the word vectors.
 *
 * The first list measures how far text towers generalise: each wording should rank avatars that have the value above
 * those that do not. The second holds ways to put a sentence. Tests check that no caption contains any of them.
 */
import type { AttributeKey } from './attributes.js';

export interface HeldOutSynonym {
  /** A whole text, as a user would type it. */
  readonly text: string;
  /** The word or words that captions never use, in the tokeniser's spelling. */
  readonly words: string;
  readonly key: AttributeKey;
  readonly value: string;
}

const synonym = (text: string, words: string, key: AttributeKey, value: string): HeldOutSynonym => ({
  text,
  words,
  key,
  value,
});

export const HELD_OUT_SYNONYMS: readonly HeldOutSynonym[] = [
  synonym('face with ivory skin', 'ivory', 'skin', 'pale'),
  synonym('face with ebony skin', 'ebony', 'skin', 'dark'),
  synonym('hairless face', 'hairless', 'top', 'bald'),
  synonym('face with cropped hair', 'cropped', 'top', 'short'),
  synonym('face with flowing hair', 'flowing', 'top', 'long'),
  synonym('face with ringlets', 'ringlets', 'top', 'curly'),
  synonym('face with a chignon', 'chignon', 'top', 'bun'),
  synonym('face with a sombrero', 'sombrero', 'top', 'hat'),
  synonym('face with a bonnet', 'bonnet', 'top', 'beanie'),
  synonym('face with chestnut hair', 'chestnut', 'hairColor', 'brown'),
  synonym('face with scarlet hair', 'scarlet', 'hairColor', 'red'),
  synonym('face with flaxen hair', 'flaxen', 'hairColor', 'blonde'),
  synonym('face with turquoise hair', 'turquoise', 'hairColor', 'blue'),
  synonym('face with goggles', 'goggles', 'accessories', 'glasses'),
  synonym('bespectacled face', 'bespectacled', 'accessories', 'glasses'),
  synonym('face with tinted lenses', 'tinted', 'accessories', 'sunglasses'),
  synonym('face with a goatee', 'goatee', 'facialHair', 'beard'),
  synonym('face with whiskers', 'whiskers', 'facialHair', 'beard'),
  synonym('mustachioed face', 'mustachioed', 'facialHair', 'moustache'),
  synonym('joyful face', 'joyful', 'mouth', 'smile'),
  synonym('solemn face', 'solemn', 'mouth', 'neutral'),
  synonym('gloomy face', 'gloomy', 'mouth', 'sad'),
  synonym('miserable face', 'miserable', 'mouth', 'sad'),
  synonym('yelling face', 'yelling', 'mouth', 'open'),
  synonym('licking face', 'licking', 'mouth', 'tongue'),
  synonym('dozing face', 'dozing', 'eyes', 'closed'),
  synonym('blinking face', 'blinking', 'eyes', 'wink'),
  synonym('infatuated face', 'infatuated', 'eyes', 'hearts'),
  synonym('astonished face', 'astonished', 'eyes', 'surprised'),
  synonym('furious face', 'furious', 'eyebrows', 'angry'),
  synonym('anxious face', 'anxious', 'eyebrows', 'worried'),
  synonym('face in a sweatshirt', 'sweatshirt', 'clothing', 'hoodie'),
  synonym('face in a tuxedo', 'tuxedo', 'clothing', 'suit'),
  synonym('face in a blouse', 'blouse', 'clothing', 'shirt'),
  synonym('face in coveralls', 'coveralls', 'clothing', 'overalls'),
  synonym('face in a jumper', 'jumper', 'clothing', 'sweater'),
  synonym('face in navy clothes', 'navy', 'clothesColor', 'blue'),
  synonym('face in magenta clothes', 'magenta', 'clothesColor', 'pink'),
  synonym('face on a lilac background', 'lilac', 'background', 'purple'),
  synonym('face on a mint background', 'mint', 'background', 'green'),
];

/** Ways to put a sentence that captions never use, as templates for a caption's noun phrase. */
export const HELD_OUT_PHRASINGS: readonly string[] = [
  'headshot of a {}',
  'a photo depicting a {}',
  'somebody who looks like a {}',
  'a guy sporting a look of a {}',
];

/** The words of HELD_OUT_PHRASINGS that captions never use. */
export const HELD_OUT_FRAME_WORDS: readonly string[] = [
  'headshot',
  'photo',
  'depicting',
  'somebody',
  'looks',
  'guy',
  'sporting',
];
