import { describe, expect, it } from 'vitest';
import { areaUnderCurve } from './clip-metrics.js';

describe('area under the ROC curve', () => {
  it('is the share of positive–negative pairs in the right order', () => {
    const items = [
      { score: 0.1, positive: false },
      { score: 0.4, positive: true },
      { score: 0.35, positive: false },
      { score: 0.2, positive: true },
    ];
    // Of four pairs, (0.4, 0.1), (0.4, 0.35) and (0.2, 0.1) are right.
    expect(areaUnderCurve(items)).toBeCloseTo(0.75, 12);
  });

  it('counts ties as half, whatever their order', () => {
    const tied = [true, false, true, false].map((positive) => ({ score: 1, positive }));
    expect(areaUnderCurve(tied)).toBe(0.5);
    expect(areaUnderCurve([...tied].reverse())).toBe(0.5);
  });

  it('is not a number without both kinds', () => {
    expect(areaUnderCurve([{ score: 1, positive: true }])).toBeNaN();
  });
});
