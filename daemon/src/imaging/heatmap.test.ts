import { describe, expect, it } from 'vitest';
import { differenceHeatmap, differenceMap, fullScaleDifference, heatmapWithLegend } from './heatmap.js';
import { drawNumeral, numeralWidth } from './numerals.js';
import { pixelImage, type PixelImage } from './pixel-image.js';

function painted(width: number, height: number, colour: (x: number, y: number) => readonly number[]): PixelImage {
  const data = Array.from({ length: width * height }, (_, i) => colour(i % width, Math.floor(i / width))).flat();
  return pixelImage(width, height, Uint8Array.from(data));
}

const colourAt = ({ data, width }: PixelImage, x: number, y: number): number[] => [
  ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3),
];

/** A heat map whose column x has the difference x, and two layers that differ like that. */
const before = painted(200, 3, () => [0, 0, 0, 255]);
const after = painted(200, 3, (x) => [x, x, x, 255]);

describe('difference map', () => {
  it('is the mean of the channels’ differences', () => {
    const changed = painted(1, 1, () => [10, 0, 5, 255]);
    expect(
      differenceMap(
        painted(1, 1, () => [0, 30, 5, 255]),
        changed,
      )[0],
    ).toBeCloseTo(40 / 3, 5);
  });

  it('counts differences by the less transparent pixel', () => {
    const hidden = painted(2, 1, () => [0, 0, 0, 0]);
    const faint = painted(2, 1, (x) => [90, 90, 90, x === 0 ? 0 : 51]);
    expect([...differenceMap(hidden, faint)]).toEqual([0, 18]);
  });

  it('refuses layers of different sizes', () => {
    expect(() =>
      differenceMap(
        before,
        painted(3, 200, () => [0, 0, 0, 255]),
      ),
    ).toThrow('differ in size');
  });
});

describe('heat map', () => {
  it('goes from black over red and yellow to white, and stays there', () => {
    const heatmap = differenceHeatmap(before, after);
    expect(colourAt(heatmap, 0, 0)).toEqual([0, 0, 0]);
    expect(colourAt(heatmap, Math.round(fullScaleDifference / 6), 0)[0]).toBeGreaterThan(120);
    expect(colourAt(heatmap, Math.ceil(fullScaleDifference / 3), 0).slice(0, 1)).toEqual([255]);
    expect(colourAt(heatmap, fullScaleDifference, 0)).toEqual([255, 255, 255]);
    expect(colourAt(heatmap, 199, 0)).toEqual([255, 255, 255]);
    expect(colourAt(heatmap, fullScaleDifference - 20, 0)[2]).toBeLessThan(255);
  });
});

describe('legend', () => {
  it.each([
    [64, 48],
    [200, 3],
    [1024, 20],
  ])('stands below a picture of %i×%i px and leaves its pixels alone', (width, height) => {
    const heatmap = painted(width, height, (x, y) => [x % 256, y % 256, 7, 255]);
    const { data, ...size } = heatmapWithLegend(heatmap);
    expect(size.width).toBe(width);
    expect(size.height).toBeGreaterThan(height);
    expect(Buffer.compare(data.subarray(0, heatmap.data.length), heatmap.data)).toBe(0);
    expect(data.length).toBe(4 * size.width * size.height);
    expect(data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
  });

  it('shows the colours of the heat map itself, from no change to full scale', () => {
    const sheet = heatmapWithLegend(differenceHeatmap(before, after));
    const row = 3 + 2 + 3; // picture, margin, half of the ramp
    const [first, last] = [2 + 1, sheet.width - 1 - 2 - 1]; // margin, frame
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const x = first + Math.round(share * (last - first));
      const difference = ((x - first) / (last - first)) * fullScaleDifference;
      const reference = colourAt(differenceHeatmap(before, after), Math.round(difference), 0);
      // A step of one grey level moves a colour by 6 at most.
      colourAt(sheet, x, row).forEach((value, k) => expect(Math.abs(value - reference[k]!)).toBeLessThanOrEqual(6));
    }
    expect(colourAt(sheet, first, row)).toEqual([0, 0, 0]);
    expect(colourAt(sheet, last, row)).toEqual([255, 255, 255]);
  });

  it('marks five differences where there is room and three where there is not', () => {
    expect(numeralsUnder(64)).toEqual(['0', '64', '128+']);
    expect(numeralsUnder(96)).toEqual(['0', '32', '64', '96', '128+']);
    expect(numeralsUnder(240)).toEqual(['0', '32', '64', '96', '128+']);
  });

  it('pads a picture that is too narrow for the numerals', () => {
    const sheet = heatmapWithLegend(painted(5, 2, () => [255, 0, 0, 255]));
    expect(sheet.width).toBeGreaterThan(5);
    expect(colourAt(sheet, 4, 1)).toEqual([255, 0, 0]);
    expect(colourAt(sheet, 5, 1)).not.toEqual([255, 0, 0]);
    expect(numeralsUnder(5)).toEqual(['0', '64', '128+']);
  });

  it('writes digits larger on larger pictures', () => {
    const heightFor = (width: number) => heatmapWithLegend(painted(width, 1, () => [0, 0, 0, 255])).height - 1;
    expect(heightFor(1024)).toBe(4 * heightFor(256));
  });

  it('knows digits only', () => {
    expect(() => drawNumeral('1a', () => undefined)).toThrow('"a"');
  });
});

/** Reads the numerals below a black picture of this width back, by looking for every label at every place. */
function numeralsUnder(width: number): string[] {
  const sheet = heatmapWithLegend(painted(width, 1, () => [0, 0, 0, 255]));
  const top = sheet.height - 2 - 5; // margin, numerals
  const inked = (x: number, y: number): boolean => colourAt(sheet, x, top + y)[0] === 220;
  const isAt = (text: string, left: number): boolean => {
    const ink = new Set<string>();
    drawNumeral(text, (x, y) => ink.add(`${x} ${y}`));
    for (let x = -1; x <= numeralWidth(text); x++)
      for (let y = 0; y < 5; y++) if (inked(left + x, y) !== ink.has(`${x} ${y}`)) return false;
    return left > 0 && left + numeralWidth(text) < sheet.width;
  };
  const labels = ['0', '32', '64', '96', '128+'];
  return Array.from({ length: sheet.width }, (_, left) => labels.filter((label) => isAt(label, left))).flat();
}
