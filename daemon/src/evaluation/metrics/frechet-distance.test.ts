import { describe, expect, it } from 'vitest';
import { featureStatistics, frechetDistance } from './frechet-distance.js';

const statistics = (rows: readonly (readonly number[])[]) =>
  featureStatistics({ count: rows.length, width: rows[0]!.length, data: rows.flat() });
const distance = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  frechetDistance(statistics(a), statistics(b));

describe('feature statistics', () => {
  it('divides the covariance by one less than the number of rows', () => {
    const { mean, covariance } = statistics([
      [0, 1],
      [2, 5],
      [4, 3],
    ]);
    expect(mean).toEqual([2, 3]);
    expect(covariance.to2DArray()).toEqual([
      [4, 2],
      [2, 4],
    ]);
  });

  it('refuses a single row and data of another size', () => {
    expect(() => statistics([[1, 2]])).toThrow('two feature rows');
    expect(() => featureStatistics({ count: 2, width: 3, data: [1, 2, 3, 4] })).toThrow('need 6 numbers');
  });
});

describe('Fréchet distance', () => {
  it('of numbers is the squared difference of means plus that of deviations', () => {
    expect(distance([[0], [2]], [[10], [14]])).toBeCloseTo(121 + (Math.SQRT2 - Math.sqrt(8)) ** 2, 10);
  });

  it('of points on two lines needs no full rank', () => {
    // Covariances 2·uuᵀ and 2·vvᵀ of rank 1 in three dimensions: tr (Σ₁Σ₂)^½ = 2·|u·v|.
    const [u, v] = [
      [1, 2, 2],
      [3, 0, -4],
    ] as const;
    const line = (direction: readonly number[]) => [direction, direction.map((x) => -x)];
    expect(distance(line(u), line(v))).toBeCloseTo(2 * 9 + 2 * 25 - 4 * 5, 6);
    // A root of an eigenvalue that should be 0 turns 1e-15 into 3e-8: hence six digits.
    expect(distance(line(u), line(u))).toBeCloseTo(0, 6);
  });

  it('does not depend on the axes', () => {
    const rotated = (rows: readonly (readonly [number, number])[]) =>
      rows.map(([x, y]) => [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y]);
    const [a, b] = [
      [
        [0, 0],
        [1, 3],
        [4, 1],
        [2, 2],
      ] as const,
      [[5, 1], [3, 0], [4, 6]] as const, // prettier-ignore
    ];
    expect(distance(rotated(a), rotated(b))).toBeCloseTo(distance(a, b), 10);
    expect(distance(b, a)).toBeCloseTo(distance(a, b), 10);
  });

  it('refuses features of different widths', () => {
    expect(() => distance([[1], [2]], [[1, 2], [3, 4]])).toThrow('1 and 2'); // prettier-ignore
  });
});
