import { expect, it } from 'vitest';
import { relevanceFromEmbeddings } from './relevance.js';

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
