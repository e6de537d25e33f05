import { describe, expect, it } from 'vitest';
import { ATTRIBUTE_KEYS, encodeAvatar, sameAvatar } from './attributes.js';
import { seededRandom } from './seeded-random.js';
import { avatarAt, changedPairAt, SEED_RANGES, splitOf, type Split } from './splits.js';
import { visibleAttributes } from './visibility.js';

const SPLITS: readonly Split[] = ['train', 'validation', 'test'];

describe('splits', () => {
  it('make avatar i a pure function of split, index and data seed', () => {
    for (const split of SPLITS) expect(avatarAt(split, 41)).toEqual(avatarAt(split, 41));
    expect(avatarAt('train', 41)).not.toEqual(avatarAt('train', 42));
    expect(avatarAt('train', 41)).not.toEqual(avatarAt('train', 41, 1));
  });

  it('stay the same from version to version', () => {
    // A recipe resumed by a later version must find the data it trained on.
    expect(Buffer.from(encodeAvatar(avatarAt('train', 0))).toString('hex')).toMatchInlineSnapshot(
      `"020505020202000203050201000000000000000000000000"`,
    );
    expect(Buffer.from(encodeAvatar(avatarAt('test', 0))).toString('hex')).toMatchInlineSnapshot(
      `"010400010002030202020602000000000001000101000000"`,
    );
  });

  it('have disjoint seed ranges', () => {
    const ranges = SPLITS.map((split) => SEED_RANGES[split]).sort((a, b) => a.first - b.first);
    ranges.slice(1).forEach((range, i) => {
      const previous = ranges[i];
      expect(range.first).toBeGreaterThanOrEqual((previous?.first ?? 0) + (previous?.count ?? 0));
    });
    expect(() => avatarAt('test', SEED_RANGES.test.count)).toThrow('split test has avatars 0 to');
    expect(() => avatarAt('test', -1)).toThrow('received -1');
  });

  it('share no look', () => {
    for (const split of SPLITS) {
      for (let i = 0; i < 1000; i++) expect(splitOf(avatarAt(split, i))).toBe(split);
    }
  });

  it('do not skew the attributes of held-out avatars', () => {
    const smiling = Array.from({ length: 4000 }, (_, i) => avatarAt('test', i)).filter(
      (a) => a.values.mouth === 'smile',
    );
    expect(smiling.length / 4000).toBeCloseTo(0.2, 1);
  });
});

describe('changedPairAt', () => {
  it('changes one to three attributes, visible before and after, within the split', () => {
    for (const split of SPLITS) {
      for (let i = 0; i < 300; i++) {
        const { before, after, changed } = changedPairAt(split, i);
        const differing = ATTRIBUTE_KEYS.filter((key) => before.values[key] !== after.values[key]);
        expect(differing).toEqual(ATTRIBUTE_KEYS.filter((key) => changed.includes(key)));
        expect([1, 2, 3]).toContain(changed.length);
        for (const key of changed) {
          expect(visibleAttributes(before)[key] && visibleAttributes(after)[key]).toBe(true);
          expect(after.variants[key]).toBe(0);
        }
        expect([splitOf(before), splitOf(after)]).toEqual([split, split]);
      }
    }
  });

  it('changes every attribute now and then, and draws other avatars than avatarAt', () => {
    const pairs = Array.from({ length: 300 }, (_, i) => changedPairAt('train', i));
    expect(new Set(pairs.flatMap((pair) => pair.changed)).size).toBe(ATTRIBUTE_KEYS.length);
    expect(pairs.filter((pair, i) => sameAvatar(pair.before, avatarAt('train', i)))).toEqual([]);
  });
});

describe('seededRandom', () => {
  it('is uniform, and unrelated for consecutive seeds', () => {
    const first = Array.from({ length: 20_000 }, (_, seed) => seededRandom(seed).next());
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    const correlation = first.reduce((sum, value, i) => sum + (value - 0.5) * ((first[i + 1] ?? 0.5) - 0.5), 0);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...first)).toBeLessThan(1);
    expect(mean).toBeCloseTo(0.5, 1.7);
    expect(Math.abs(correlation) / first.length / (1 / 12)).toBeLessThan(0.03);
  });
});
