import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { lossPlotSvg, renderLossPlot } from './loss-plot.js';

const falling = Array.from({ length: 100 }, (_, i) => ({ step: i * 10, loss: 100 / (1 + i) }));

/** The vertical pixel positions of the pale, raw curve. */
function heights(svg: string): number[] {
  const points = /points="([^"]+)"/.exec(svg)?.[1] ?? '';
  return points.split(' ').map((point) => Number(point.split(',')[1]));
}

describe('the loss plot', () => {
  it('draws a falling loss falling, from edge to edge', () => {
    const ys = heights(lossPlotSvg('loss', falling));
    expect(ys).toHaveLength(100);
    expect([ys[0], ys[99]]).toEqual([48, 492]); // SVG y grows downwards
    for (let i = 1; i < ys.length; i++) expect(ys[i]!).toBeGreaterThanOrEqual(ys[i - 1]!);
  });

  it('is logarithmic over more than a decade, and only for positive losses', () => {
    expect(lossPlotSvg('loss', falling)).toContain('(log)');
    expect(lossPlotSvg('loss', falling.slice(50))).not.toContain('(log)');
    expect(lossPlotSvg('loss', [...falling, { step: 1000, loss: -1 }])).not.toContain('(log)');
  });

  it('is a picture with no points, one point, and points that are no numbers', async () => {
    for (const points of [[], [{ step: 1, loss: 2 }], [...falling, { step: 1001, loss: NaN }]]) {
      const svg = lossPlotSvg('a < b & c', points);
      expect(svg).not.toMatch(/NaN|Infinity/);
      expect((await sharp(await renderLossPlot('a < b & c', points)).metadata()).format).toBe('png');
    }
  });
});
