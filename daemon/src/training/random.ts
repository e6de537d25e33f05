/**
 * Seeded random numbers for training: the only source of chance in a run, so that a run can be repeated and resumed.
 *
 * The generator is xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded
 * through splitmix32. Its whole state is four 32-bit words and the unused half of the last normal pair, and is stored in
 * every checkpoint. Normals use Box–Muller; V8 computes `log`, `sin` and `cos` in portable code, so that sequences are the
 * same on every platform. Not for secrets.
 */

/** Everything a generator needs to continue where another stopped; plain JSON. */
export interface RandomState {
  /** Four unsigned 32-bit words, not all zero. */
  readonly words: readonly [number, number, number, number];
  /** The second normal of the last pair, when it has not been handed out yet. */
  readonly spareNormal: number | null;
}

/** A seeded generator. Two generators with equal seeds (or states) give equal sequences. */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #spareNormal: number | null = null;

  /** @param seed any finite number (its low 32 bits and its next 21 bits count) or text. */
  constructor(seed: number | string) {
    const next = splitmix32(typeof seed === 'string' ? hashText(seed) : hashNumber(seed));
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1; // never the all-zero state, which the generator cannot leave
  }

  /** A generator that continues from `state`. */
  static fromState(state: RandomState): Random {
    const random = new Random(0);
    random.restore(state);
    return random;
  }

  /** Uniform in [0, 1), a multiple of 2⁻³². */
  next(): number {
    return this.#nextWord() / 4294967296;
  }

  /** Uniform integer in [0, count), without modulo bias. Throws a RangeError unless 1 ≤ count ≤ 2³². */
  int(count: number): number {
    if (!Number.isInteger(count) || count < 1 || count > 4294967296) {
      throw new RangeError(`Random.int: expected an integer in [1, 2^32], got ${count}`);
    }
    const limit = 4294967296 - (4294967296 % count);
    let word = this.#nextWord();
    while (word >= limit) word = this.#nextWord();
    return word % count;
  }

  /** Standard normal (mean 0, variance 1). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next())); // 1 − u is in (0, 1], so the logarithm is finite
    const angle = 2 * Math.PI * this.next();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Fills `target` with normals of the given standard deviation. */
  fillNormal(target: Float32Array, standardDeviation = 1): void {
    for (let i = 0; i < target.length; i++) target[i] = this.normal() * standardDeviation;
  }

  /** Puts `items` into a random order, in place (Fisher–Yates). */
  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const held = items[i] as T;
      items[i] = items[j] as T;
      items[j] = held;
    }
  }

  state(): RandomState {
    return { words: [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0], spareNormal: this.#spareNormal };
  }

  /** Continues from `state`. Throws a RangeError when it is not a state this class can have. */
  restore(state: RandomState): void {
    const isWord = (word: number): boolean => Number.isInteger(word) && word >= 0 && word <= 0xffffffff;
    const spare = state.spareNormal;
    if (state.words.length !== 4 || !state.words.every(isWord) || state.words.every((word) => word === 0)) {
      throw new RangeError(
        `Random.restore: expected four 32-bit words, not all zero, got ${JSON.stringify(state.words)}`,
      );
    }
    if (spare !== null && !Number.isFinite(spare)) throw new RangeError(`Random.restore: spareNormal is ${spare}`);
    const [a, b, c, d] = state.words;
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
    this.#spareNormal = spare;
  }

  /** xoshiro128**: an unsigned 32-bit word. */
  #nextWord(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }
}

function rotateLeft(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count));
}

/** splitmix32: spreads one word over as many as asked for. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return word ^ (word >>> 15);
  };
}

function hashNumber(seed: number): number {
  if (!Number.isFinite(seed)) throw new RangeError(`Random: expected a finite seed, got ${seed}`);
  const low = seed >>> 0;
  const high = Math.floor(seed / 4294967296) >>> 0;
  return high === 0 ? low : low ^ Math.imul(high, 0x85ebca6b);
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
