import { describe, expect, it } from 'vitest';
import {
  ATTRIBUTE_KEYS,
  decodeAvatar,
  drawingsOf,
  encodeAvatar,
  RECORD_BYTES,
  sampleAvatar,
  valueIndex,
  valuesOf,
  withAttribute,
  type AttributeKey,
  type Avatar,
} from './attributes.js';
import { seededRandom } from './seeded-random.js';

const SAMPLES = 20_000;
const random = seededRandom(7);
const avatars = Array.from({ length: SAMPLES }, () => sampleAvatar(random));

describe('sampleAvatar', () => {
  it('makes every pair of values of different attributes occur', () => {
    const missing: string[] = [];
    forEachKeyPair((first, second) => {
      const seen = new Set(avatars.map((avatar) => `${avatar.values[first]}/${avatar.values[second]}`));
      for (const a of valuesOf(first)) {
        for (const b of valuesOf(second)) if (!seen.has(`${a}/${b}`)) missing.push(`${first} ${a}, ${second} ${b}`);
      }
    });
    expect(missing).toEqual([]);
  });

  it('draws attributes independently of each other', () => {
    forEachKeyPair((first, second) => {
      // With independent attributes the plug-in estimate is about cells / (2 × samples) < 0.0013 nats.
      expect(mutualInformation(avatars, first, second), `${first}, ${second}`).toBeLessThan(0.003);
    });
  });

  it('uses every drawing of every value', () => {
    for (const key of ATTRIBUTE_KEYS) {
      const seen = new Set(avatars.map((avatar) => `${avatar.values[key]}/${avatar.variants[key]}`));
      expect(seen.size, key).toBe(valuesOf(key).reduce((sum, value) => sum + drawingsOf(key, value).length, 0));
    }
  });

  it('is determined by its random numbers', () => {
    expect(sampleAvatar(seededRandom(3))).toEqual(sampleAvatar(seededRandom(3)));
    expect(sampleAvatar(seededRandom(3))).not.toEqual(sampleAvatar(seededRandom(4)));
  });
});

describe('records', () => {
  it('decode to the avatar they encode', () => {
    for (const avatar of avatars.slice(0, 200)) expect(decodeAvatar(encodeAvatar(avatar))).toEqual(avatar);
  });

  it('are refused when damaged', () => {
    const record = encodeAvatar(avatars[0] as Avatar);
    expect(() => decodeAvatar(record.subarray(1))).toThrow(`${RECORD_BYTES - 1} bytes, expected ${RECORD_BYTES}`);
    expect(() => decodeAvatar(record.with(0, 200))).toThrow('skin has no value 200');
    expect(() => decodeAvatar(record.with(ATTRIBUTE_KEYS.length, 9))).toThrow('skin has no drawing 9');
  });
});

describe('withAttribute', () => {
  it('replaces one attribute and leaves the original alone', () => {
    const avatar = withAttribute(avatars[0] as Avatar, 'mouth', 'smile');
    const changed = withAttribute(avatar, 'mouth', 'sad', 1);
    expect(changed).toEqual({
      values: { ...avatar.values, mouth: 'sad' },
      variants: { ...avatar.variants, mouth: 1 },
    });
    expect(avatar.values.mouth).toBe('smile');
  });

  it('refuses unknown values and drawings', () => {
    const avatar = avatars[0] as Avatar;
    expect(() => withAttribute(avatar, 'mouth', 'beard' as 'smile')).toThrow("mouth has no value 'beard'");
    expect(() => withAttribute(avatar, 'mouth', 'smile', 1)).toThrow('has 1 drawings');
  });
});

function forEachKeyPair(visit: (first: AttributeKey, second: AttributeKey) => void): void {
  ATTRIBUTE_KEYS.forEach((first, i) => {
    for (const second of ATTRIBUTE_KEYS.slice(i + 1)) visit(first, second);
  });
}

function mutualInformation(samples: readonly Avatar[], first: AttributeKey, second: AttributeKey): number {
  const columns = valuesOf(second).length;
  const joint = new Float64Array(valuesOf(first).length * columns);
  for (const avatar of samples) {
    const cell = valueIndex(avatar, first) * columns + valueIndex(avatar, second);
    joint[cell] = (joint[cell] ?? 0) + 1 / samples.length;
  }
  const rowSums = valuesOf(first).map((_, row) => joint.subarray(row * columns, (row + 1) * columns).reduce(add));
  const columnSums = valuesOf(second).map((_, column) => joint.filter((_, i) => i % columns === column).reduce(add));
  return joint.reduce((sum, chance, i) => {
    const expected = (rowSums[Math.floor(i / columns)] ?? 0) * (columnSums[i % columns] ?? 0);
    return chance === 0 ? sum : sum + chance * Math.log(chance / expected);
  }, 0);
}

function add(a: number, b: number): number {
  return a + b;
}
