import { describe, expect, it } from 'vitest';
import {
  applyDelta,
  channelRelevance,
  editCondition,
  globalDirection,
  meanUnitFeature,
  pairCondition,
  promptsFor,
  straightforwardCondition,
  styleReach,
  thresholdMask,
  topChannelsMask,
  unitDirection,
} from './index.js';
import { RecentCache } from './recent-cache.js';

const vector = (...values: number[]): Float32Array => Float32Array.from(values);

describe('text direction', () => {
  it('puts the text into every template', () => {
    expect(promptsFor('a $& hat', ['{}', 'photo of {}, {}'])).toEqual(['a $& hat', 'photo of a $& hat, a $& hat']);
  });

  it('weighs every prompt equally, however long its feature', () => {
    expect(meanUnitFeature(vector(100, 0, 0, 1), 2)).toEqual(vector(Math.SQRT1_2, Math.SQRT1_2));
    expect(() => meanUnitFeature(vector(1, 2, 3), 2)).toThrow();
  });

  it('leaves a vanishing direction near zero instead of blowing it up', () => {
    expect(unitDirection(vector(1e-9, 0))[0]).toBeCloseTo(1e-4, 8);
    expect(unitDirection(vector(0, 0))).toEqual(vector(0, 0));
    expect(unitDirection(vector(3, 4))[0]).toBeCloseTo(0.6, 6);
  });
});

describe('condition', () => {
  it('is the same for a pair of images and for two texts with the same difference', () => {
    const [first, second] = [vector(3, 4), vector(0, 2)];
    const delta = vector(0 - 0.6, 1 - 0.8);
    const [a, b] = [pairCondition(first, second), editCondition(first, delta)];
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 6));
    expect(straightforwardCondition(first, second)).toEqual(vector(0.6, 0.8, 0, 1));
  });
});

describe('relevance and application', () => {
  const matrix = vector(1, 0, 0, 2, -1, -1);

  it('measures each channel against the direction', () => {
    expect(channelRelevance(matrix, vector(0.5, -0.25))).toEqual(vector(0.5, -0.5, -0.25));
    expect([...thresholdMask(vector(0.5, -0.5, -0.25, 0.1), 0.25)]).toEqual([1, 1, 1, 0]);
  });

  it('keeps the most relevant channels by size, and the lower channel of two that are equal', () => {
    const relevance = vector(0.5, -0.5, -0.75, 0.5);
    expect([...topChannelsMask(relevance, 2)]).toEqual([1, 0, 1, 0]);
    expect([...topChannelsMask(relevance, 3)]).toEqual([1, 1, 1, 0]);
  });

  it('keeps none for a count of 0 and all for a count beyond S', () => {
    expect([...topChannelsMask(vector(1, 2, 3), 0)]).toEqual([0, 0, 0]);
    expect([...topChannelsMask(vector(1, 2, 3), 99)]).toEqual([1, 1, 1]);
    expect(() => topChannelsMask(vector(1, 2, 3), -1)).toThrow('from 0');
  });

  it('moves open channels only, by strength times delta', () => {
    expect(applyDelta(vector(1, 1, 1), vector(2, 2, -2), Uint8Array.of(1, 0, 1), 0.5)).toEqual(vector(2, 1, 0));
  });

  it('stops at the bounds, but never pulls back a code that is already outside', () => {
    const bounds = { low: vector(0, 0, 0), high: vector(1, 1, 1) };
    expect(applyDelta(vector(0.5, 3, -2), vector(9, 9, 1), Uint8Array.of(1, 1, 1), 1, bounds)).toEqual(
      vector(1, 3, -1),
    );
  });

  it('reports reach in standard deviations', () => {
    expect(styleReach(vector(1, 1), vector(1, 1), vector(1, 1))).toBe(0);
    expect(styleReach(vector(0, 0), vector(3, 0), vector(1.5, 1))).toBeCloseTo(Math.SQRT2, 6);
  });

  it('scales a global direction by the largest relevance and by σ, whatever the length of Δ', () => {
    // relevance to the unit direction (0, 1): 0, 2, −1; the largest is 2
    const expected = { direction: vector(0, 3, -2), channels: 2 };
    expect(globalDirection(matrix, vector(0, 5), vector(1, 3, 4), 0.5)).toEqual(expected);
    expect(globalDirection(matrix, vector(0, 0.01), vector(1, 3, 4), 0.5)).toEqual(expected);
    expect(globalDirection(matrix, vector(0, 5), vector(1, 3, 4), 1.5)).toEqual({
      direction: vector(0, 3, 0),
      channels: 1,
    });
  });

  it('keeps a number of channels of a global direction, whatever β', () => {
    const { direction, channels } = globalDirection(matrix, vector(0, 1), vector(1, 3, 4), 99, 1);
    expect([channels, ...direction]).toEqual([1, 0, 3, 0]);
  });

  it('yields no direction when nothing is relevant enough', () => {
    const { direction, channels } = globalDirection(matrix, vector(1, 0), vector(1, 1, 1), 5);
    expect([channels, ...direction]).toEqual([0, 0, 0, 0]);
  });
});

describe('recent cache', () => {
  it('computes once per key and forgets the least recently used', async () => {
    const cache = new RecentCache<string>(2);
    const computed: string[] = [];
    const get = (key: string): Promise<string> =>
      cache.get(key, () => {
        computed.push(key);
        return Promise.resolve(key);
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await get(key)).toBe(key);
    expect(computed).toEqual(['a', 'b', 'c', 'b']);
  });

  it('does not keep failures', async () => {
    const cache = new RecentCache<number>(2);
    await expect(cache.get('k', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.get('k', () => Promise.resolve(7))).toBe(7);
  });
});
