import { describe, expect, it } from 'vitest';
import { addDifference, toEncoded, toLight } from './tone.js';

describe('adding a difference to a sample', () => {
  it('of zero returns the very same sample at every depth', () => {
    for (const sample of [0, 1, 17, 255]) expect(addDifference(sample, 0, 8)).toBe(sample);
    for (const sample of [0, 1, 12_345, 32_768]) expect(addDifference(sample, 0, 16)).toBe(sample);
    for (const sample of [0, 1e-7, 0.3333333, 4.75, -0.01]) expect(addDifference(sample, 0, 32)).toBe(sample);
  });

  it('keeps 16 bit finer than the 8 bit of the difference, and fractions of it', () => {
    expect(addDifference(10_001, 1, 16)).toBe(10_001 + Math.round(32_768 / 255));
    expect(addDifference(10_001, 0.25, 16)).toBe(10_001 + Math.round(32_768 / 1020));
  });

  it('stays within the range of integers', () => {
    expect([addDifference(250, 40, 8), addDifference(3, -40, 8)]).toEqual([255, 0]);
    expect([addDifference(32_700, 40, 16), addDifference(100, -40, 16)]).toEqual([32_768, 0]);
  });

  it('is done in encoded sRGB at 32 bit, where samples are light', () => {
    expect(addDifference(toLight(100 / 255), 20, 32)).toBeCloseTo(toLight(120 / 255), 12);
    expect(addDifference(3, 10, 32)).toBeGreaterThan(3);
    expect(addDifference(3, -10, 32)).toBeGreaterThan(1);
    expect(addDifference(0.0001, -200, 32)).toBe(0);
  });

  it('has curves that are the reverse of each other', () => {
    for (const light of [-0.2, 0, 0.001, 0.003, 0.5, 1, 8]) expect(toLight(toEncoded(light))).toBeCloseTo(light, 12);
  });
});
