import { describe, expect, it } from 'vitest';
import { relevanceByRegression, relevanceFromEmbeddings } from './relevance-matrix.js';

/** Four pictures: channel 0 goes with embedding 0, channel 1 half as much with embedding 1, channel 2 with nothing. */
const input = {
  count: 4,
  styles: Float32Array.from([1, 1, 5, -1, 1, 5, 1, -1, 5, -1, -1, 5]),
  embeddings: Float32Array.from([0.8, 0.1, 0.4, 0.1, 0.8, -0.1, 0.4, -0.1]),
  mean: Float32Array.of(0, 0, 5),
  std: Float32Array.of(1, 1, 1e-4),
};

describe('relevanceByRegression', () => {
  it('points each channel to what the embedding does with it, in proportion', () => {
    const rows = relevanceByRegression(input, 3, 2);
    const lengths = [0, 1, 2].map((c) => Math.hypot(rows[2 * c] as number, rows[2 * c + 1] as number));
    expect(lengths[0]).toBeCloseTo(2, 6);
    expect(lengths[1]).toBeCloseTo(1, 6);
    expect(lengths[2]).toBe(0);
    expect(rows[0]).toBeCloseTo(2, 6);
    expect(rows[3]).toBeCloseTo(1, 6);
  });

  it('gives rows of zeros when nothing goes together', () => {
    const still = { ...input, embeddings: new Float32Array(8).fill(0.5) };
    expect([...relevanceByRegression(still, 3, 2)]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('relevanceFromEmbeddings', () => {
  it('averages unit differences over pictures and scales the mean to unit length', () => {
    // One channel, two pictures, width 2: differences (2, 0) and (0, 0.5) count alike.
    const embeddings = Float32Array.from([2, 0, 0, 0, 0, 0.5, 0, 0]);
    const row = relevanceFromEmbeddings(embeddings, 1, 2, 2);
    expect(row[0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect(row[1]).toBeCloseTo(Math.SQRT1_2, 6);
  });

  it('keeps the sign of up minus down', () => {
    expect(relevanceFromEmbeddings(Float32Array.from([0, 0, 3, 0]), 1, 1, 2)[0]).toBeCloseTo(-1, 6);
  });

  it('leaves a channel that changes nothing at zero', () => {
    const rows = relevanceFromEmbeddings(Float32Array.from([1, 2, 1, 2, 0, 1, 0, 0]), 2, 1, 2);
    expect([...rows]).toEqual([0, 0, 0, 1]);
  });
});
