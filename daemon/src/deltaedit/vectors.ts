/** Arithmetic on embeddings: plain float32 vectors, results always new. */

/** Euclidean length, accumulated in double precision. */
export function length(vector: Float32Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

/** v / max(‖v‖, floor). */
export function unit(vector: Float32Array, floor = 1e-12): Float32Array {
  const norm = Math.max(length(vector), floor);
  return vector.map((value) => value / norm);
}

/** a − b. Throws when lengths differ. */
export function difference(a: Float32Array, b: Float32Array): Float32Array {
  expectLength(b, a.length, 'difference');
  return a.map((value, i) => value - (b[i] as number));
}

/** a·b, accumulated in double precision. */
export function dot(a: Float32Array, b: Float32Array): number {
  expectLength(b, a.length, 'dot');
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Throws unless the vector has the expected length. */
export function expectLength(vector: { readonly length: number }, expected: number, what: string): void {
  if (vector.length !== expected) throw new Error(`${what}: expected ${expected} values, got ${vector.length}`);
}
