/**
 * Chance in the analysis: which items are compared by accident, as a function of the seed alone.
 *
 * All items stand on a ring in shuffled order. Each is subtracted from the next one, and a difference is compared at random with
 * the one half a ring away: the two share no item. Independent permutations would share some, and two differences with
 * a common item are alike or opposite for that reason alone.
 */
import { Random } from '../training/random.js';

/** Items 0 … count − 1 in the order of the ring. */
export function shuffledRing(count: number, seed: number): Int32Array {
  const ring = Array.from({ length: count }, (_, i) => i);
  new Random(seed).shuffle(ring);
  return Int32Array.from(ring);
}

/** For every item the one `steps` further on the ring. */
export function itemsAhead(ring: Int32Array, steps: number): Int32Array {
  const ahead = new Int32Array(ring.length);
  ring.forEach((item, position) => (ahead[item] = ring[(position + steps) % ring.length] as number));
  return ahead;
}

/** For every item the one half a ring away; with four items or more, not even its neighbour. */
export function strangersOn(ring: Int32Array): Int32Array {
  return itemsAhead(ring, Math.floor(ring.length / 2));
}
