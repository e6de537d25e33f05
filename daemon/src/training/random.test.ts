import { describe, expect, it } from 'vitest';
import { Random } from './random.js';

/** xoshiro128** written once more from the paper's C text, on BigInt, as a reference. */
function referenceWords(state: readonly number[], count: number): number[] {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  const s = state.map(BigInt) as [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}

describe('Random', () => {
  it('is xoshiro128**', () => {
    const words = [0xdeadbeef, 1, 0x80000000, 123456789] as const;
    const random = Random.fromState({ words, spareNormal: null });
    const got = Array.from({ length: 1000 }, () => random.next() * 2 ** 32);
    expect(got).toEqual(referenceWords(words, 1000));
  });

  it('continues from a stored state, in the middle of a normal pair too', () => {
    const random = new Random('seed');
    random.normal();
    const stored = JSON.parse(JSON.stringify(random.state())) as ReturnType<Random['state']>;
    expect(stored.spareNormal).not.toBeNull();
    const expected = Array.from({ length: 5 }, () => [random.normal(), random.next(), random.int(10)]);
    const resumed = Random.fromState(stored);
    expect(Array.from({ length: 5 }, () => [resumed.normal(), resumed.next(), resumed.int(10)])).toEqual(expected);
  });

  it('gives other sequences for other seeds, near ones and large ones included', () => {
    const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 40, '0', '1', 'a', 'b'];
    expect(new Set(seeds.map((seed) => new Random(seed).next())).size).toBe(seeds.length);
  });

  it('has the moments of its distributions', () => {
    const random = new Random(3);
    const count = 200_000;
    let [sum, squares, fourth, uniform] = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const x = random.normal();
      sum += x;
      squares += x * x;
      fourth += x ** 4;
      uniform += random.next();
    }
    // Five standard errors: 1/√n, √(2/n), √(96/n), √(1/12n).
    expect(Math.abs(sum / count)).toBeLessThan(0.0112);
    expect(Math.abs(squares / count - 1)).toBeLessThan(0.0159);
    expect(Math.abs(fourth / count - 3)).toBeLessThan(0.11);
    expect(Math.abs(uniform / count - 0.5)).toBeLessThan(0.0033);
  });

  it('draws integers evenly and refuses impossible ranges', () => {
    const random = new Random(4);
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 70_000; i++) counts[random.int(7)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(() => random.int(0)).toThrow(RangeError);
    expect(() => random.int(1.5)).toThrow(RangeError);
  });

  it('shuffles into a permutation, and refuses states it cannot have', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = [...items];
    new Random(5).shuffle(shuffled);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.sort((a, b) => a - b)).toEqual(items);
    expect(() => Random.fromState({ words: [0, 0, 0, 0], spareNormal: null })).toThrow(RangeError);
    expect(() => Random.fromState({ words: [1, 2, 3, 2 ** 32], spareNormal: null })).toThrow(RangeError);
  });
});
