/**
 * The avatars of the data set: number i of a split is a pure function of (data seed, split, i).
 *
 * Splits are kept apart twice. Their seeds come from disjoint ranges, and each possible *look* (the visible values of
 * an avatar) belongs to exactly one split, decided by a hash: an avatar whose look belongs elsewhere is drawn again.
 * Seeds alone would let a test avatar's exact look turn up among a hundred thousand training ones by chance.
 *
 * Not here: pictures of the avatars (dataset.ts).
 */
import {
  ATTRIBUTE_KEYS,
  pickFrom,
  sampleAvatar,
  sampleValue,
  valueIndex,
  withAttribute,
  type AttributeKey,
  type Avatar,
  type RandomSource,
} from './attributes.js';
import { mix32, seededRandom } from './seeded-random.js';
import { visibleAttributes } from './visibility.js';

export type Split = 'train' | 'validation' | 'test';

/** An avatar before and after a change of a few visible attributes. */
export interface AvatarPair {
  readonly before: Avatar;
  readonly after: Avatar;
  readonly changed: readonly AttributeKey[];
}

/** First seed of each split and how many seeds it has. */
export const SEED_RANGES: Readonly<Record<Split, { readonly first: number; readonly count: number }>> = {
  train: { first: 0, count: 2 ** 30 },
  validation: { first: 2 ** 30, count: 2 ** 29 },
  test: { first: 2 ** 30 + 2 ** 29, count: 2 ** 29 },
};

/** One look in this many is a validation look, and one a test look. */
const LOOKS_PER_HELD_OUT_LOOK = 16;
/** Chance that this many draws miss a split: below 1e-14. */
const MAX_DRAWS = 512;
/** How often a pair changes one, two or three attributes. */
const CHANGE_COUNTS = [1, 1, 1, 2, 3] as const;
/** Pairs draw from other seeds than single avatars. */
const PAIR_STREAM = 0x70a1;

/** The split that an avatar's look belongs to. Drawings and invisible attributes do not count. */
export function splitOf(avatar: Avatar): Split {
  const visible = visibleAttributes(avatar);
  let hash = 0;
  for (const key of ATTRIBUTE_KEYS) hash = mix32(hash * 31 + (visible[key] ? valueIndex(avatar, key) + 1 : 0));
  const share = (hash >>> 0) % LOOKS_PER_HELD_OUT_LOOK;
  return share === 0 ? 'validation' : share === 1 ? 'test' : 'train';
}

/**
 * Avatar number `index` of a split.
 * @param dataSeed another seed gives another data set with the same splits of looks
 */
export function avatarAt(split: Split, index: number, dataSeed = 0): Avatar {
  return drawWithin(split, itemRandom(split, index, dataSeed), sampleAvatar);
}

/**
 * Pair number `index` of a split: an avatar and the same avatar with one to three attributes changed, each to the first drawing
 * of its new value. Changed attributes are visible in both, and both looks belong to the split.
 *
 * One drawing only, because nothing in a direction tells which is meant: over several, a regression paints their average.
 */
export function changedPairAt(split: Split, index: number, dataSeed = 0): AvatarPair {
  const random = itemRandom(split, index, dataSeed ^ PAIR_STREAM);
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const before = drawWithin(split, random, sampleAvatar);
    const visible = visibleAttributes(before);
    const open = ATTRIBUTE_KEYS.filter((key) => visible[key]);
    const changed: AttributeKey[] = [];
    for (let count = pickFrom(CHANGE_COUNTS, random); changed.length < count;)
      changed.push(
        pickFrom(
          open.filter((key) => !changed.includes(key)),
          random,
        ),
      );
    const after = changed.reduce((avatar, key) => changeAttribute(avatar, key, random), before);
    const seen = visibleAttributes(after);
    if (splitOf(after) === split && changed.every((key) => seen[key])) return { before, after, changed };
  }
  throw new Error(`no pair ${index} of split ${split} in ${MAX_DRAWS} draws`);
}

/** Gives one attribute another value, drawn with its chance in the data set, in its first drawing. */
export function changeAttribute(avatar: Avatar, key: AttributeKey, random: RandomSource): Avatar {
  for (;;) {
    const value = sampleValue(key, random);
    if (value !== avatar.values[key]) return withAttribute(avatar, key, value);
  }
}

function itemRandom(split: Split, index: number, dataSeed: number): RandomSource {
  const range = SEED_RANGES[split];
  if (!Number.isInteger(index) || index < 0 || index >= range.count) {
    throw new Error(`split ${split} has avatars 0 to ${range.count - 1}, received ${index}`);
  }
  return seededRandom((range.first + index) ^ mix32(dataSeed));
}

function drawWithin(split: Split, random: RandomSource, draw: (random: RandomSource) => Avatar): Avatar {
  for (let attempt = 0; attempt < MAX_DRAWS; attempt++) {
    const avatar = draw(random);
    if (splitOf(avatar) === split) return avatar;
  }
  throw new Error(`no avatar of split ${split} in ${MAX_DRAWS} draws`);
}
