/** Seeded numbers for tests. Not cryptographic, not for training. */
import { type Shape, sizeOf } from '../ir/shape.js';
import type { CheckedInput } from './central-differences.js';

/** Uniform numbers in [0, 1) from a seed (mulberry32, public domain). */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers of both signs with magnitudes in [0.2, 1.4): away from the kinks that piecewise operators have at 0. */
export function signedSample(shape: Shape, random: () => number): CheckedInput {
  const draw = () => (random() < 0.5 ? -1 : 1) * (0.2 + 1.2 * random());
  return { shape, numbers: Array.from({ length: sizeOf(shape) }, draw) };
}

/** Numbers in [0.3, 1.8). */
export function positiveSample(shape: Shape, random: () => number): CheckedInput {
  return { shape, numbers: Array.from({ length: sizeOf(shape) }, () => 0.3 + 1.5 * random()) };
}
