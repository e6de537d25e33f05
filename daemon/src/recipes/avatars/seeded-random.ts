/**
 * A small seeded generator for data that must be a pure function of its seed: avatar number i, caption number i.
 *
 * It is not the generator of training runs: that one has a state which checkpoints save. This one is made anew for
 * every item, so making it must cost nothing.
 */
import type { RandomSource } from './attributes.js';

const GOLDEN_RATIO_32 = 0x9e3779b9;

/**
 * A generator of uniform numbers in [0, 1) with 32 random bits each (splitmix32: a Weyl sequence through a strong
 * integer mix). Consecutive seeds give unrelated sequences, because the seed is mixed before it becomes the state.
 * @param seed integer; its low 32 bits count
 */
export function seededRandom(seed: number): RandomSource {
  let state = mix32(seed ^ 0x5bf03635);
  return {
    next(): number {
      state = (state + GOLDEN_RATIO_32) | 0;
      return (mix32(state) >>> 0) / 2 ** 32;
    },
  };
}

/** Mixes 32 bits so that every input bit flips each output bit with a chance near one half. */
export function mix32(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
