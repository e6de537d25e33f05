import { describe, expect, it } from 'vitest';
import type { Avatar } from './attributes.js';
import { captionAvatar, captionWords, composeCaption, type Caption } from './captions.js';
import { HELD_OUT_FRAME_WORDS, HELD_OUT_SYNONYMS } from './held-out.js';
import { seededRandom } from './seeded-random.js';
import { SYNONYMS } from './synonyms.js';
import { avatarAt } from './splits.js';
import { wordsOf } from '@deltaspace/models';
import { showsHeadHair, visibleAttributes, wearsHat } from './visibility.js';

const COUNT = 20_000;
const avatars = Array.from({ length: COUNT }, (_, i) => avatarAt('train', i));
const captions: Caption[] = avatars.map((avatar, i) => composeCaption(avatar, seededRandom(i), { richness: 'mixed' }));

/** What words mean, written independently of the lexicon: pattern → whether it is true of the avatar. */
const MEANINGS: readonly (readonly [RegExp, (avatar: Avatar) => boolean])[] = [
  [/\b(pale skin|fair skin|white skin|(pale|fair) skinned)\b/, (a) => a.values.skin === 'pale'],
  [/\b(dark skin|black skin|dark skinned|dark complexion)\b/, (a) => a.values.skin === 'dark'],
  [/\b(brown skin|brown skinned|brown complexion)\b/, (a) => a.values.skin === 'brown'],
  [/\b(tan|tanned|olive)\b/, (a) => a.values.skin === 'tan'],
  [/\b(no|without) hair\b|\bbald\b|\bshaved head\b/, (a) => a.values.top === 'bald'],
  [/\b(short|short \w+) (hair|haircut|haired)\b/, (a) => a.values.top === 'short'],
  [/\blong\b/, (a) => a.values.top === 'long'],
  [/\b(curly|afro|curls|frizzy)\b/, (a) => a.values.top === 'curly'],
  [/\b(bun|topknot)\b/, (a) => a.values.top === 'bun'],
  [/\b(no|without a) hat\b/, (a) => !wearsHat(a)],
  [/\b(beanie|winter|woolly|knitted|cap)\b/, (a) => a.values.top === 'beanie'],
  [/\b(fedora|brim)\b/, (a) => a.values.top === 'hat'],
  [/\b(in|with|wearing|wears) (an?) (big |wide )?(\w+ )?hat\b/, (a) => wearsHat(a)],
  [/\b(no|without|without any) glasses\b/, (a) => a.values.accessories === 'none'],
  [/\b(spectacles|eyeglasses|reading glasses)\b/, (a) => a.values.accessories === 'glasses'],
  [/\b(sunglasses|shades|dark glasses)\b/, (a) => a.values.accessories === 'sunglasses'],
  [/\b(eyepatch|eye patch|patch)\b/, (a) => a.values.accessories === 'eyepatch'],
  [/\b(no|without) (a )?(beard|facial hair)\b|\bshaven\b|\bshaved chin\b/, (a) => a.values.facialHair === 'none'],
  [/\b(full|bushy|bearded)\b/, (a) => a.values.facialHair === 'beard'],
  [/\b(moustache|mustache)\b/, (a) => a.values.facialHair === 'moustache'],
  [/\b(cheerful|laughing|happy|a smile|big smile)\b/, (a) => a.values.mouth === 'smile'],
  [/\b(neutral|serious|calm|not smiling|straight mouth)\b/, (a) => a.values.mouth === 'neutral'],
  [/\b(sad|unhappy|frown|frowning|upset)\b/, (a) => a.values.mouth === 'sad'],
  [/\b(screaming|shouting|open mouth|mouth open)\b/, (a) => a.values.mouth === 'open'],
  [/\btongue\b/, (a) => a.values.mouth === 'tongue'],
  [/\b(both eyes closed|closed eyes|sleeping|asleep|shut eyes)\b/, (a) => a.values.eyes === 'closed'],
  [/\b(wink|winking|one eye closed)\b/, (a) => a.values.eyes === 'wink'],
  [/\b(heart|hearts|in love)\b/, (a) => a.values.eyes === 'hearts'],
  [/\b(surprised|shocked|wide eyes|wide open eyes|round eyes)\b/, (a) => a.values.eyes === 'surprised'],
  [/\b(with|has|and|normal) (open eyes|eyes open|normal eyes)\b/, (a) => a.values.eyes === 'open'],
  [/\b(normal|relaxed) eyebrows\b/, (a) => a.values.eyebrows === 'normal'],
  [/\b(angry|mad)\b/, (a) => a.values.eyebrows === 'angry'],
  [/\b(worried|concerned)\b/, (a) => a.values.eyebrows === 'worried'],
  [/\b(raised|lifted|excited|high eyebrows)\b/, (a) => a.values.eyebrows === 'raised'],
  [/\b(hoodie|hooded)\b/, (a) => a.values.clothing === 'hoodie'],
  [/\b(suit|blazer|jacket)\b/, (a) => a.values.clothing === 'suit'],
  [/\b(shirt|tshirt)\b/, (a) => a.values.clothing === 'shirt'],
  [/\b(overalls|dungarees)\b/, (a) => a.values.clothing === 'overalls'],
  [/\b(sweater|pullover)\b/, (a) => a.values.clothing === 'sweater'],
  [/\b(blonde|blond|golden)\b/, (a) => a.values.hairColor === 'blonde'],
  [/\b(silver)\b/, (a) => a.values.hairColor === 'grey'],
  [/\b(ginger|orange|red hair|red headed|red haired)\b/, (a) => a.values.hairColor === 'red'],
  [/\bblue (hair|haired|beard|moustache|mustache|curls|afro|bun)\b/, (a) => a.values.hairColor === 'blue'],
  [/\bpink (hair|haired|beard|moustache|mustache|curls|afro|bun)\b/, (a) => a.values.hairColor === 'pink'],
  [/\bcrimson\b/, (a) => wearsInColor(a, 'red')],
  [/\bcobalt\b/, (a) => wearsInColor(a, 'blue')],
  [/\bemerald\b/, (a) => wearsInColor(a, 'green')],
  [/\brose\b/, (a) => wearsInColor(a, 'pink')],
  [/\bred (hoodie|suit|blazer|jacket|shirt|overalls|sweater|clothes)\b/, (a) => a.values.clothesColor === 'red'],
  [/\bblue (hoodie|suit|blazer|jacket|shirt|overalls|sweater|clothes)\b/, (a) => a.values.clothesColor === 'blue'],
  [/\bred (hat|beanie|fedora|winter)\b/, (a) => a.values.hatColor === 'red'],
  [/\bpink background\b/, (a) => a.values.background === 'pink'],
  [/\b(grey|gray) background\b/, (a) => a.values.background === 'grey'],
  [/\b(violet|lavender|purple background)\b/, (a) => a.values.background === 'purple'],
];

describe('captions', () => {
  it('claim only what is true and visible', () => {
    captions.forEach(({ claims }, i) => {
      const avatar = avatars[i] as Avatar;
      const visible = visibleAttributes(avatar);
      for (const { key, value } of claims) {
        expect(avatar.values[key]).toBe(value);
        expect(visible[key], `${key} in caption ${i}`).toBe(true);
      }
    });
  });

  it('say only what is true, read back by an independent list of meanings', () => {
    const hits = MEANINGS.map(() => 0);
    const lies: string[] = [];
    captions.forEach(({ text }, i) => {
      // Commas stay, so that no pattern matches across the end of a phrase ("a sad mouth, open eyes").
      const words = text
        .split(',')
        .map((part) => wordsOf(part).join(' '))
        .join(', ');
      MEANINGS.forEach(([pattern, isTrue], m) => {
        if (!pattern.test(words)) return;
        hits[m] = (hits[m] ?? 0) + 1;
        if (!isTrue(avatars[i] as Avatar)) lies.push(`${String(pattern)}: ${text}`);
      });
    });
    expect(lies.slice(0, 5)).toEqual([]);
    expect(MEANINGS.filter((_, m) => hits[m] === 0).map(([pattern]) => String(pattern))).toEqual([]);
  });

  it('mention every value of every attribute', () => {
    const claimed = new Set(captions.flatMap(({ claims }) => claims.map(({ key, value }) => `${key}/${value}`)));
    const present = new Set(
      avatars.flatMap((avatar) => Object.entries(avatar.values).map(([key, value]) => `${key}/${value}`)),
    );
    expect([...present].filter((value) => !claimed.has(value))).toEqual([]);
  });

  it('never mention the colour of hair that cannot be seen', () => {
    captions.forEach(({ text }, i) => {
      const avatar = avatars[i] as Avatar;
      if (showsHeadHair(avatar) || avatar.values.facialHair !== 'none') return;
      expect(wordsOf(text).join(' ')).not.toMatch(/\b(blonde|blond|ginger|brunette|\w+ haired)\b/);
    });
  });

  it('never use a held-out word', () => {
    const held = new Set([...HELD_OUT_SYNONYMS.flatMap(({ words }) => words.split(' ')), ...HELD_OUT_FRAME_WORDS]);
    const used = new Set(captions.flatMap(({ text }) => wordsOf(text)));
    expect([...held].filter((word) => used.has(word))).toEqual([]);
    expect(captionWords().filter((word) => held.has(word))).toEqual([]);
  });

  it('use only words that captionWords lists, and all of them', () => {
    const varied = avatars.map((avatar, i) => captionAvatar(avatar, seededRandom(COUNT + i), { synonymShare: 0.8 }));
    const used = new Set([...captions.map(({ text }) => text), ...varied].flatMap(wordsOf));
    expect([...used].sort()).toEqual(captionWords());
  });

  it('use synonyms only when asked to, and with the article that fits', () => {
    const synonyms = new Set(
      Object.values(SYNONYMS)
        .flatMap((table) => Object.values(table).flat())
        .flatMap(wordsOf),
    );
    const plain = new Set(captions.flatMap(({ text }) => wordsOf(text)));
    const own = [...synonyms].filter((word) => !plain.has(word));
    expect(own.length).toBeGreaterThan(200);
    const varied = avatars.map((avatar, i) => captionAvatar(avatar, seededRandom(i), { synonymShare: 0.5 }));
    expect(varied.filter((text) => wordsOf(text).some((word) => own.includes(word))).length).toBeGreaterThan(COUNT / 2);
    for (const text of varied) expect(text).not.toMatch(/\ba [aeiou]|\ban [^aeiou]|\s\s|[{}]|^\s|\s$|^$/);
  });

  it('make no comparisons', () => {
    for (const { text } of captions) expect(text).not.toMatch(/\b(more|less|than|darker|lighter|longer|shorter)\b/);
  });

  it('use the article that fits and leave no gaps', () => {
    for (const { text } of captions) {
      expect(text).not.toMatch(/\ba [aeiou]|\ban [^aeiou]|\s\s|[{}]|^\s|\s$|^$/);
    }
  });

  it('tell about five attributes when sparse and nearly all when rich', () => {
    const claimsOf = (richness: 'sparse' | 'rich'): number =>
      avatars.slice(0, 2000).reduce((sum, avatar, i) => {
        return sum + new Set(composeCaption(avatar, seededRandom(i), { richness }).claims.map((c) => c.key)).size;
      }, 0) / 2000;
    expect(claimsOf('sparse')).toBeGreaterThan(3.5);
    expect(claimsOf('sparse')).toBeLessThan(6);
    expect(claimsOf('rich')).toBeGreaterThan(8.5);
  });

  it('are determined by the avatar and the random numbers, and vary with them', () => {
    const avatar = avatars[0] as Avatar;
    expect(captionAvatar(avatar, seededRandom(1))).toBe(captionAvatar(avatar, seededRandom(1)));
    expect(new Set(Array.from({ length: 50 }, (_, i) => captionAvatar(avatar, seededRandom(i)))).size).toBeGreaterThan(
      40,
    );
  });
});

function wearsInColor(avatar: Avatar, color: string): boolean {
  return avatar.values.clothesColor === color || (wearsHat(avatar) && avatar.values.hatColor === color);
}
