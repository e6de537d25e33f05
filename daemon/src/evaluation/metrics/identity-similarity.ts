/**
 * Identity similarity (IDS): cosines of the embeddings that an identity network gives for an image and its edit. The network
 * and the crop are in `models` (`identityView`, `identityEmbedding`); this is what is done with its vectors.
 */

/** Mean and spread of a figure over images. */
export interface Spread {
  readonly mean: number;
  /** Population standard deviation (n, not n − 1). */
  readonly standardDeviation: number;
}

/** Cosine of every row of a with the same row of b: rows of `width` numbers of any length, 0 beside a zero row. */
export function rowCosines(a: ArrayLike<number>, b: ArrayLike<number>, width: number): Float64Array {
  if (a.length !== b.length || a.length % width !== 0)
    throw new Error(`expected equally many rows of ${width}, got ${a.length} and ${b.length} numbers`);
  return Float64Array.from({ length: a.length / width }, (_, row) => {
    let [dot, squaredA, squaredB] = [0, 0, 0];
    for (let i = row * width; i < (row + 1) * width; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      dot += x * y;
      squaredA += x * x;
      squaredB += y * y;
    }
    return dot === 0 ? 0 : dot / Math.sqrt(squaredA * squaredB);
  });
}

/** Mean and population standard deviation. Throws without values. */
export function spreadOf(values: ArrayLike<number>): Spread {
  const numbers = Array.from(values);
  if (numbers.length === 0) throw new Error('no values to average');
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  return { mean, standardDeviation: Math.sqrt(variance) };
}
