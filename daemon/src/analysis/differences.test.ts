import { describe, expect, it } from 'vitest';
import { differencesAlong } from './differences.js';
import { featureRows, rowAt } from './feature-rows.js';
import { itemsAhead, shuffledRing, strangersOn } from './pairing.js';

const rowsOf = (name: string, rows: readonly (readonly number[])[]) =>
  featureRows(
    { dtype: 'float32', shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) },
    name,
  );

describe('random pairing', () => {
  it.each([4, 5, 6, 97])('of %i items compares no difference with one that shares an item', (count) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const ring = shuffledRing(count, seed);
      const [partners, strangers] = [itemsAhead(ring, 1), strangersOn(ring)];
      expect([...partners].sort((a, b) => a - b)).toEqual([...partners.keys()]);
      for (let item = 0; item < count; item++) {
        const stranger = strangers[item] as number;
        expect(new Set([item, partners[item], stranger, partners[stranger]]).size).toBe(4);
      }
    }
  });

  it('is the same for the same seed and another one for another', () => {
    expect(shuffledRing(50, 7)).toEqual(shuffledRing(50, 7));
    expect(shuffledRing(50, 7)).not.toEqual(shuffledRing(50, 8));
  });
});

describe('differences of pairs', () => {
  const images = rowsOf('i', [[3, 0], [0, 1], [-2, 0], [0, -1], [0.6, 0.8]]); // prettier-ignore
  const texts = rowsOf('t', [[1, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]); // prettier-ignore
  const ring = Int32Array.of(0, 1, 2, 3, 4);

  it('are the unit embedding of the partner less the own one, with equal texts left out', () => {
    const made = differencesAlong(ring, images, texts);
    expect(made.leftOut).toBe(1); // texts 0 and 1 are equal
    expect([...made.partners]).toEqual([1, 2, 3, 4, 0]);
    expect(made.images.count).toBe(4);
    expect([...rowAt(made.images, 0)]).toEqual([-1, -1]); // item 2 less item 1
    expect([...rowAt(made.texts, 0)]).toEqual([-1, 1]);
    expect(made.images.lengths[0]).toBeCloseTo(Math.SQRT2, 6);
    expect([...made.ring]).toEqual([0, 1, 2, 3]);
  });

  it('are refused when hardly any are left', () => {
    const same = rowsOf(
      't',
      Array.from({ length: 5 }, () => [1, 2]),
    );
    expect(() => differencesAlong(ring, images, same)).toThrow(expect.objectContaining({ code: 'features_too_few' }));
  });
});
