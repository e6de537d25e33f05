import { describe, expect, it } from 'vitest';
import { EditError } from './edit-error.js';
import { interpolationWeights, lerp, mixRows, slerp } from './interpolation.js';

const vector = (...values: number[]): Float32Array => Float32Array.from(values);
const expectNear = (actual: Float32Array, expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 5));
};

describe('lerp', () => {
  it('is the first code at weight 0 and the second at weight 1', () => {
    const [a, b] = [vector(1, -2, 0.1), vector(5, 2, 0.7)];
    expect(lerp(a, b, 0)).toEqual(a);
    expect(lerp(a, b, 1)).toEqual(b);
    expectNear(lerp(a, b, 0.25), [2, -1, 0.25]);
  });

  it('refuses codes of different lengths', () => {
    expect(() => lerp(vector(1, 2), vector(1), 0.5)).toThrow('second code: expected 2 values, got 1');
  });
});

describe('slerp', () => {
  it('goes along the circle between perpendicular unit vectors', () => {
    expectNear(slerp(vector(1, 0), vector(0, 1), 1 / 3), [Math.cos(Math.PI / 6), 0.5]);
  });

  it('reaches both ends, whatever their lengths', () => {
    const [a, b] = [vector(3, 0, 0), vector(1, 2, 0)];
    expectNear(slerp(a, b, 0), [3, 0, 0]);
    expectNear(slerp(a, b, 1), [1, 2, 0]);
  });

  it('does not equalise lengths: half-way between perpendicular vectors is (a + b)/√2', () => {
    expectNear(slerp(vector(2, 0), vector(0, 4), 0.5), [Math.SQRT2, 2 * Math.SQRT2]);
  });

  it.each([
    ['the same vector', vector(1, 2), vector(1, 2)],
    ['parallel vectors of different lengths', vector(1, 2), vector(3, 6)],
    ['opposite vectors', vector(1, 2), vector(-1, -2)],
    ['a vector of no length', vector(0, 0), vector(1, 2)],
  ])('is the straight line between %s', (_, a, b) => {
    for (const weight of [0, 0.3, 1]) expect(slerp(a, b, weight)).toEqual(lerp(a, b, weight));
  });

  it('stays near the straight line between nearly parallel vectors', () => {
    const [a, b] = [vector(1, 0), vector(1, 1e-4)];
    expectNear(slerp(a, b, 0.5), [1, 0.5e-4]);
  });
});

describe('interpolation weights', () => {
  it('are evenly spaced and hold both ends', () => {
    expect(interpolationWeights(2)).toEqual([0, 1]);
    expect(interpolationWeights(5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it.each([1, 0, 2.5, NaN])('are refused for %s steps', (steps) => {
    expect(() => interpolationWeights(steps)).toThrow(EditError);
  });
});

describe('mixing of rows', () => {
  const [content, style] = [vector(1, 2, 3, 4, 5, 6), vector(-1, -2, -3, -4, -5, -6)];

  it('takes rows from the cut on from the style', () => {
    expect(mixRows(content, style, 3, 1)).toEqual(vector(1, 2, -3, -4, -5, -6));
  });

  it('is the style when cut at row 0, and the content when cut behind the last row', () => {
    expect(mixRows(content, style, 3, 0)).toEqual(style);
    expect(mixRows(content, style, 3, 3)).toEqual(content);
  });

  it('leaves its inputs as they are', () => {
    mixRows(content, style, 3, 1);
    expect(content).toEqual(vector(1, 2, 3, 4, 5, 6));
  });

  it.each([-1, 4, 0.5])('refuses a cut at row %s of 3', (row) => {
    expect(() => mixRows(content, style, 3, row)).toThrow('row 0 to 3');
  });
});
