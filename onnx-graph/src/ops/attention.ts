/** Attention as a composition of matrix products and softmax. */
import type { Value } from '../ir/graph.js';
import { dimension } from '../ir/shape.js';
import { add, mul } from './elementwise.js';
import { transposeLast } from './layout.js';
import { matmul } from './matmul.js';
import { softmax } from './reduce.js';

/**
 * softmax(scale · q·kᵀ + mask)·v: q `[…, Tq, D]`, k `[…, Tk, D]`, v `[…, Tk, E]` → `[…, Tq, E]`. The default scale is 1/√D.
 * `mask` broadcasts to `[…, Tq, Tk]`; −∞ excludes a position.
 */
export function attention(
  q: Value,
  k: Value,
  v: Value,
  options: { readonly scale?: number; readonly mask?: Value } = {},
): Value {
  const scale = options.scale ?? 1 / Math.sqrt(dimension(q.shape, -1));
  const scores = mul(matmul(q, transposeLast(k)), scale);
  return matmul(softmax(options.mask ? add(scores, options.mask) : scores, -1), v);
}

/** Additive mask `[length, length]`: 0 up to the diagonal, −∞ above it. */
export function causalMask(like: Value, length: number): Value {
  const numbers = Array.from({ length: length * length }, (_, at) =>
    at % length > Math.floor(at / length) ? -Infinity : 0,
  );
  return like.graph.constant(numbers, [length, length], like.dtype);
}
