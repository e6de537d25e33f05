/**
 * What an avatar is: twelve attributes, each with a few values, each value with one or more drawings.
 *
 * The table below is the whole model. A row names the attribute as captions, classifiers and edit texts know it;
 * a value lists the DiceBear *avataaars* options (component names, or hex colours) that draw it. Several drawings of
 * one value are its `variants`: they make the picture vary without changing what is true of it.
 *
 * Not here: what can be seen of an attribute (visibility.ts), pictures (renderer.ts), words (captions.ts).
 */

/** A source of uniform numbers in [0, 1). Every random choice of the recipe is drawn from one of these. */
export interface RandomSource {
  next(): number;
}

/** Colours of clothes and hats. */
const FABRIC_COLORS = {
  red: ['e53935'],
  blue: ['3f7fe0'],
  green: ['43a047'],
  yellow: ['fdd835'],
  black: ['262e33'],
  white: ['ffffff'],
  pink: ['ff6fae'],
} as const;

/**
 * attribute → value → drawings. `null` means that the component is left out (no hair, no glasses).
 * Colours are chosen far enough apart to be told apart at 64 pixels.
 */
export const ATTRIBUTES = {
  skin: { pale: ['ffdbb4'], tan: ['edb98a'], brown: ['ae5d29'], dark: ['614335'] },
  top: {
    bald: [null],
    short: ['shortFlat', 'shortRound', 'theCaesar'],
    long: ['straight01', 'straight02', 'straightAndStrand'],
    curly: ['fro', 'curly'],
    bun: ['bun'],
    hat: ['hat'],
    beanie: ['winterHat1', 'winterHat02'],
  },
  // Colours the hair of the head and of the face alike.
  hairColor: {
    black: ['2c1b18'],
    brown: ['724133'],
    blonde: ['e0b860'],
    red: ['c93305'],
    grey: ['b3aeae'],
    pink: ['f59797'],
    blue: ['3a6ee8'],
  },
  accessories: {
    none: [null],
    glasses: ['prescription02', 'round'],
    sunglasses: ['sunglasses', 'wayfarers'],
    eyepatch: ['eyepatch'],
  },
  facialHair: {
    none: [null],
    beard: ['beardMedium', 'beardMajestic'],
    moustache: ['moustacheFancy', 'moustacheMagnum'],
  },
  mouth: {
    smile: ['smile'],
    neutral: ['serious'],
    sad: ['sad', 'disbelief'],
    open: ['screamOpen'],
    tongue: ['tongue'],
  },
  eyes: {
    open: ['default'],
    closed: ['closed', 'happy'],
    wink: ['wink'],
    hearts: ['hearts'],
    surprised: ['surprised'],
  },
  eyebrows: {
    normal: ['default', 'defaultNatural'],
    angry: ['angry', 'angryNatural'],
    worried: ['sadConcerned', 'sadConcernedNatural'],
    raised: ['raisedExcited', 'raisedExcitedNatural'],
  },
  clothing: {
    hoodie: ['hoodie'],
    suit: ['blazerAndShirt', 'blazerAndSweater'],
    shirt: ['shirtCrewNeck', 'shirtVNeck'],
    overalls: ['overall'],
    sweater: ['collarAndSweater'],
  },
  clothesColor: FABRIC_COLORS,
  hatColor: FABRIC_COLORS,
  background: {
    grey: ['d5d8dc'],
    blue: ['b6e3f4'],
    pink: ['ffd5dc'],
    green: ['c6f0c2'],
    yellow: ['fff3b0'],
    purple: ['c0aede'],
  },
} as const satisfies Record<string, Record<string, readonly (string | null)[]>>;

export type AttributeKey = keyof typeof ATTRIBUTES;
export type AttributeValue<K extends AttributeKey = AttributeKey> = K extends AttributeKey
  ? keyof (typeof ATTRIBUTES)[K] & string
  : never;

/** The attributes in their fixed order, which is also their order in a record. */
export const ATTRIBUTE_KEYS = Object.keys(ATTRIBUTES) as readonly AttributeKey[];

/** One value per attribute. */
export type AvatarValues = { readonly [K in AttributeKey]: AttributeValue<K> };

/** An avatar: a value and a drawing of that value (an index from 0) for every attribute. Immutable. */
export interface Avatar {
  readonly values: AvatarValues;
  readonly variants: { readonly [K in AttributeKey]: number };
}

/** Changes to make to an avatar: attribute → new value. */
export type AttributeChanges = { readonly [K in AttributeKey]?: AttributeValue<K> };

/** Bytes of an encoded avatar: value indices of all attributes, then variants of all attributes. */
export const RECORD_BYTES = 2 * ATTRIBUTE_KEYS.length;

/**
 * Chances of the values, where they are not equal. Bare faces with open eyes are the commonest, so that the small
 * parts of the face are seen unobstructed often enough to be learnt; every other value keeps at least 15 %.
 */
const CHANCES: { readonly [K in AttributeKey]?: Readonly<Record<AttributeValue<K>, number>> } = {
  accessories: { none: 0.45, glasses: 0.2, sunglasses: 0.2, eyepatch: 0.15 },
  facialHair: { none: 0.55, beard: 0.25, moustache: 0.2 },
  eyes: { open: 0.4, closed: 0.15, wink: 0.15, hearts: 0.15, surprised: 0.15 },
  eyebrows: { normal: 0.4, angry: 0.2, worried: 0.2, raised: 0.2 },
};

/** The values of an attribute, in their fixed order (classifier labels are indices into it). */
export function valuesOf<K extends AttributeKey>(key: K): readonly AttributeValue<K>[] {
  return Object.keys(ATTRIBUTES[key]) as AttributeValue<K>[];
}

/** Index of the avatar's value among `valuesOf(key)`. */
export function valueIndex(avatar: Avatar, key: AttributeKey): number {
  return valuesOf(key).indexOf(avatar.values[key]);
}

/** The drawings of one value. Throws when the attribute has no such value. */
export function drawingsOf(key: AttributeKey, value: string): readonly (string | null)[] {
  const drawings = (ATTRIBUTES[key] as Record<string, readonly (string | null)[] | undefined>)[value];
  if (drawings === undefined) {
    throw new Error(`attribute ${key} has no value '${value}'; expected one of ${valuesOf(key).join(', ')}`);
  }
  return drawings;
}

/** The drawing an avatar shows for an attribute: a DiceBear component name, a hex colour, or null for none. */
export function drawingOf(avatar: Avatar, key: AttributeKey): string | null {
  const drawing = drawingsOf(key, avatar.values[key])[avatar.variants[key]];
  if (drawing === undefined) throw new Error(`avatar has no drawing ${avatar.variants[key]} of its ${key}`);
  return drawing;
}

/** Draws one of `items` with equal chances. */
export function pickFrom<T>(items: readonly T[], random: RandomSource): T {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error(`cannot pick from ${items.length} items`);
  return item;
}

/** Draws a value of an attribute with its chance in the data set. */
export function sampleValue<K extends AttributeKey>(key: K, random: RandomSource): AttributeValue<K> {
  const values = valuesOf(key);
  const chances = CHANCES[key] as Readonly<Record<string, number>> | undefined;
  if (chances === undefined) return pickFrom(values, random);
  let left = random.next();
  for (const value of values) {
    left -= chances[value] ?? 0;
    if (left < 0) return value;
  }
  return values[values.length - 1] as AttributeValue<K>;
}

/** Draws an avatar. Attributes are drawn independently of each other, so none can be inferred from another. */
export function sampleAvatar(random: RandomSource): Avatar {
  const values: Record<string, string> = {};
  const variants: Record<string, number> = {};
  for (const key of ATTRIBUTE_KEYS) {
    const value = sampleValue(key, random);
    values[key] = value;
    variants[key] = sampleVariant(key, value, random);
  }
  return { values, variants } as unknown as Avatar;
}

/** Draws one of the drawings of a value. */
export function sampleVariant(key: AttributeKey, value: string, random: RandomSource): number {
  return Math.floor(random.next() * drawingsOf(key, value).length);
}

/** The same avatar with one attribute replaced. Throws on an unknown value or drawing. */
export function withAttribute<K extends AttributeKey>(
  avatar: Avatar,
  key: K,
  value: AttributeValue<K>,
  variant = 0,
): Avatar {
  const count = drawingsOf(key, value).length;
  if (!Number.isInteger(variant) || variant < 0 || variant >= count) {
    throw new Error(`${key} '${value}' has ${count} drawings; expected an index below that, received ${variant}`);
  }
  return { values: { ...avatar.values, [key]: value }, variants: { ...avatar.variants, [key]: variant } };
}

/** Whether two avatars agree in every value and drawing. */
export function sameAvatar(a: Avatar, b: Avatar): boolean {
  return ATTRIBUTE_KEYS.every((key) => a.values[key] === b.values[key] && a.variants[key] === b.variants[key]);
}

/** Encodes an avatar into `RECORD_BYTES` bytes. */
export function encodeAvatar(avatar: Avatar): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  ATTRIBUTE_KEYS.forEach((key, position) => {
    record[position] = valueIndex(avatar, key);
    record[ATTRIBUTE_KEYS.length + position] = avatar.variants[key];
  });
  return record;
}

/** Decodes a record. Throws when its length, a value index or a drawing index is out of range. */
export function decodeAvatar(record: Uint8Array): Avatar {
  if (record.length !== RECORD_BYTES) {
    throw new Error(`avatar record has ${record.length} bytes, expected ${RECORD_BYTES}`);
  }
  const values: Record<string, string> = {};
  const variants: Record<string, number> = {};
  ATTRIBUTE_KEYS.forEach((key, position) => {
    const value = valuesOf(key)[record[position] ?? 0];
    const variant = record[ATTRIBUTE_KEYS.length + position] ?? 0;
    if (value === undefined) throw new Error(`avatar record: ${key} has no value ${record[position]}`);
    if (variant >= drawingsOf(key, value).length) throw new Error(`avatar record: ${key} has no drawing ${variant}`);
    values[key] = value;
    variants[key] = variant;
  });
  return { values, variants } as unknown as Avatar;
}
