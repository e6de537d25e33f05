import { describe, expect, it } from 'vitest';
import { rowCosines, spreadOf } from './identity-similarity.js';

describe('identity similarity', () => {
  it('compares matching rows, whatever their length', () => {
    const a = [3, 4, 1, 0, 2, 0];
    const b = [30, 40, 0, 5, -7, 0];
    expect([...rowCosines(a, b, 2)]).toEqual([1, 0, -1]);
  });

  it('finds nothing in common with an empty row', () => {
    expect([...rowCosines([0, 0], [1, 2], 2)]).toEqual([0]);
  });

  it('refuses rows that do not match', () => {
    expect(() => rowCosines([1, 2], [1, 2, 3, 4], 2)).toThrow('2 and 4');
    expect(() => rowCosines([1, 2, 3], [1, 2, 3], 2)).toThrow('rows of 2');
  });

  it('takes the spread over the population', () => {
    expect(spreadOf([1, 3])).toEqual({ mean: 2, standardDeviation: 1 });
    expect(() => spreadOf([])).toThrow('no values');
  });
});
