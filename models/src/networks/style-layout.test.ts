import { describe, expect, it } from 'vitest';
import { wPlusLayout } from './style-layout.js';

const levelsOf = (rows: number, styleDim: number) =>
  wPlusLayout(rows, styleDim).levels.map(({ level, offset, width, layerWidths }) => [
    level,
    offset,
    width,
    layerWidths.length,
  ]);

describe('layout of W+', () => {
  it('has four coarse, four medium and ten fine rows at 1024', () => {
    expect(levelsOf(18, 512)).toEqual([
      ['coarse', 0, 2048, 4],
      ['medium', 2048, 2048, 4],
      ['fine', 4096, 5120, 10],
    ]);
    expect(wPlusLayout(18, 512).styleWidth).toBe(9216);
  });

  it('leaves out levels that a small generator has no rows for', () => {
    expect(levelsOf(10, 8).at(-1)).toEqual(['fine', 64, 16, 2]);
    expect(levelsOf(8, 8).map(([level]) => level)).toEqual(['coarse', 'medium']);
    expect(levelsOf(6, 8).at(-1)).toEqual(['medium', 32, 16, 2]);
    expect(levelsOf(4, 8)).toEqual([['coarse', 0, 32, 4]]);
    expect(levelsOf(2, 8)).toEqual([['coarse', 0, 16, 2]]);
  });

  it.each([2, 4, 6, 8, 10, 14, 18])('covers all of %s rows without gap or overlap', (rows) => {
    const { levels, styleWidth } = wPlusLayout(rows, 5);
    let end = 0;
    for (const { offset, width, layerWidths } of levels) {
      expect(offset).toBe(end);
      expect(layerWidths.every((one) => one === 5)).toBe(true);
      expect(layerWidths.length * 5).toBe(width);
      end = offset + width;
    }
    expect([end, styleWidth]).toEqual([5 * rows, 5 * rows]);
  });
});
