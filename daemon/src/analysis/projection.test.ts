import { describe, expect, it } from 'vitest';
import { Random } from '../training/random.js';
import { principalComponents, projectToPlane, type Place } from './projection.js';

const quiet = (): void => undefined;

/** Points with deviations 5, 2 and 0.1 along three fixed orthogonal directions of `width` dimensions, around (7, …, 7). */
function ellipsoid(count: number, width: number): { points: Float64Array[]; coordinates: number[][] } {
  const random = new Random(2);
  const raw = Array.from({ length: count }, () => [5, 2, 0.1].map((deviation) => deviation * random.normal()));
  const means = [0, 1, 2].map((axis) => raw.reduce((sum, row) => sum + (row[axis] ?? 0), 0) / count);
  const coordinates = raw.map((row) => row.map((value, axis) => value - (means[axis] ?? 0)));
  const points = coordinates.map(([a = 0, b = 0, c = 0]) =>
    Float64Array.from({ length: width }, (_, d) => {
      const [u, v, w] = [d === 0 ? 0.6 : d === 1 ? 0.8 : 0, d === 0 ? -0.8 : d === 1 ? 0.6 : 0, d === 2 ? 1 : 0];
      return 7 + a * u + b * v + c * w;
    }),
  );
  return { points, coordinates };
}

const column = (places: readonly Place[], axis: 0 | 1): number[] => places.map((place) => place[axis]);

function correlation(a: readonly number[], b: readonly number[]): number {
  const product = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

describe('principal components', () => {
  it.each([
    ['more points than dimensions', 60, 5],
    ['more dimensions than points', 20, 40],
  ])('are the directions of largest variance, with %s', (_name, count, width) => {
    const { points, coordinates } = ellipsoid(count, width);
    const places = principalComponents(points);
    for (const axis of [0, 1] as const) {
      const truth = coordinates.map((row) => row[axis] ?? 0);
      // Samples of independent directions correlate a little, which turns the components by some degrees.
      expect(Math.abs(correlation(column(places, axis), truth))).toBeGreaterThan(0.97);
    }
    expect(Math.abs(correlation(column(places, 0), column(places, 1)))).toBeLessThan(1e-9);
  });

  it('keep the distances of points on a plane, by either matrix', () => {
    for (const width of [3, 30]) {
      const flat = ellipsoid(12, width).points.map((point) => point.with(2, 7));
      const places = principalComponents(flat);
      const [a, b] = [flat[0] as Float64Array, flat[5] as Float64Array];
      const truth = Math.hypot(...a.map((value, d) => value - (b[d] as number)));
      const [p, q] = [places[0] as Place, places[5] as Place];
      expect(Math.hypot(p[0] - q[0], p[1] - q[1])).toBeCloseTo(truth, 9);
    }
  });

  it('of points on a line have no second coordinate', () => {
    const places = principalComponents([1, 2, 4].map((value) => Float64Array.of(value)));
    expect(column(places, 1)).toEqual([0, 0, 0]);
    expect(new Set(column(places, 0)).size).toBe(3);
  });
});

describe('t-SNE', () => {
  /** Two clouds of 15 points, far apart. */
  const clouds = (): Float64Array[] => {
    const random = new Random(4);
    return Array.from({ length: 30 }, (_, i) =>
      Float64Array.from({ length: 8 }, (__, d) => random.normal() + (d === 0 && i >= 15 ? 20 : 0)),
    );
  };

  it('keeps two clouds apart, and equal points give equal places', async () => {
    const places = await projectToPlane(clouds(), 'tsne', quiet);
    expect(await projectToPlane(clouds(), 'tsne', quiet)).toEqual(places);
    const distance = (i: number, j: number): number =>
      Math.hypot(...([0, 1] as const).map((axis) => (places[i]?.[axis] ?? NaN) - (places[j]?.[axis] ?? NaN)));
    const own = (i: number, j: number): boolean => i < 15 === j < 15;
    for (let i = 0; i < 30; i++) {
      const others = [...Array(30).keys()].filter((j) => j !== i).sort((a, b) => distance(i, a) - distance(i, b));
      expect(own(i, others[0] as number)).toBe(true);
    }
  });

  it('tells how far it is and stops when aborted', async () => {
    const abort = new AbortController();
    const shares: number[] = [];
    const run = projectToPlane(clouds(), 'tsne', (share) => (shares.push(share) === 3 ? abort.abort() : undefined), abort.signal); // prettier-ignore
    await expect(run).rejects.toThrow(/abort/i);
    expect(shares).toHaveLength(3);
    expect(shares[2]).toBeGreaterThan(0);
  });
});
