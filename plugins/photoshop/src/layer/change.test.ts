import { describe, expect, it } from 'vitest';
import type { Capture } from './capture.js';
import { cornersAt, findChange, soften } from './change.js';
import { sentSizeOf, tileSideFor } from './reduction.js';

const captureOf = (widthPx: number, heightPx: number, selected?: Uint8Array): Capture =>
  ({
    size: { widthPx, heightPx, factor: 1 },
    rgba: new Uint8Array(widthPx * heightPx * 4).fill(100),
    selected,
  }) as unknown as Capture;

describe('the change of an edit', () => {
  it('is found within its bounds and a soft edge, cut off where the crop ends', () => {
    const capture = captureOf(40, 30);
    const edited = capture.rgba.slice();
    edited[(10 * 40 + 2) * 4] = 150;
    edited[(12 * 40 + 9) * 4 + 2] = 50;
    const { bounds, mask } = findChange(capture, edited)!;
    expect(bounds).toEqual({ left: 0, top: 6, right: 14, bottom: 17 });
    expect(mask[(10 - 6) * 14 + 2]).toBe(255);
    expect(mask[(12 - 6) * 14 + 9]).toBe(255);
    expect(mask[0]).toBeLessThan(255);
    expect(mask[13]).toBe(0);
  });

  it('is none for rounding, for alpha, and for what was not selected', () => {
    const capture = captureOf(8, 8);
    expect(
      findChange(
        capture,
        capture.rgba.map((value) => value + 1),
      ),
    ).toBeUndefined();
    expect(
      findChange(
        capture,
        capture.rgba.map((value, at) => (at % 4 === 3 ? 0 : value)),
      ),
    ).toBeUndefined();
    const unselected = captureOf(8, 8, new Uint8Array(64));
    expect(
      findChange(
        unselected,
        unselected.rgba.map(() => 200),
      ),
    ).toBeUndefined();
  });
});

describe('softening a mask', () => {
  it('keeps what was set, falls off outside and ends at twice the radius', () => {
    const mask = new Uint8Array(31);
    mask[15] = 255;
    soften(mask, 31, 1, 4);
    expect(mask[15]).toBe(255);
    for (let at = 16; at <= 24; at++) expect(mask[at]!).toBeLessThan(mask[at - 1]! + 1);
    expect(mask[23]).toBeGreaterThan(0);
    expect(mask[24]).toBe(0);
    expect([...mask]).toEqual([...mask].reverse());
  });
});

describe('reduction and magnification', () => {
  it('agree about where a reduced pixel is: its weight is whole at the centre of the pixels that it stands for', () => {
    const size = { widthPx: 5, heightPx: 4, factor: 3 };
    for (let j = 0; j < 4; j++) {
      for (let i = 0; i < 5; i++) {
        const { pixels, weights } = cornersAt(i * 3 + 1, j * 3 + 1, size);
        expect([pixels[0], weights[0]]).toEqual([j * 5 + i, 1]);
      }
    }
    const between = cornersAt(2, 1, size);
    expect(between.weights[0]).toBeCloseTo(2 / 3, 12);
    expect(between.weights[1]).toBeCloseTo(1 / 3, 12);
    const sum = cornersAt(13, 10, size).weights.reduce((a, b) => a + b);
    expect(sum).toBeCloseTo(1, 12);
  });

  it('take the smallest factor that fits, and tiles that end between reduced pixels', () => {
    const crop = { left: -5, top: 7, right: 29_995, bottom: 30_007 };
    const { widthPx, heightPx, factor } = sentSizeOf(crop);
    expect([widthPx, heightPx, factor]).toEqual([3750, 3750, 8]);
    expect(tileSideFor(7) % 7).toBe(0);
    expect(tileSideFor(5000)).toBe(5000);
  });
});
