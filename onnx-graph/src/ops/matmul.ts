/**
 * Matrix products. MatMul broadcasts leading axes like NumPy; Gemm is the two-dimensional form with transposition flags.
 */
import { int, type Value } from '../ir/graph.js';
import { assertShape, broadcastShapes, dimension, formatShape } from '../ir/shape.js';
import { mul } from './elementwise.js';
import { commonDType, emit, type Inference, type InferenceTable, intAttribute, required } from './emit.js';
import { reshape } from './layout.js';

const matmulInference: Inference = (inputs) => {
  const [a, b] = [required(inputs, 0), required(inputs, 1)];
  if (a.shape.length < 2 || b.shape.length < 2 || dimension(a.shape, -1) !== dimension(b.shape, -2))
    throw new Error(`MatMul: ${formatShape(a.shape)} × ${formatShape(b.shape)} do not fit`);
  const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...lead, dimension(a.shape, -2), dimension(b.shape, -1)];
  return [{ shape, dtype: commonDType('MatMul', a, b) }];
};

const gemmInference: Inference = (inputs, attributes) => {
  const [a, b] = [required(inputs, 0), required(inputs, 1)];
  const [transA, transB] = [intAttribute(attributes, 'transA', 0), intAttribute(attributes, 'transB', 0)];
  if (a.shape.length !== 2 || b.shape.length !== 2) throw new Error('Gemm: both factors must be matrices');
  const inner = [dimension(a.shape, transA ? 0 : 1), dimension(b.shape, transB ? 1 : 0)];
  if (inner[0] !== inner[1])
    throw new Error(`Gemm: ${formatShape(a.shape)} and ${formatShape(b.shape)} do not fit (${inner.join(' ≠ ')})`);
  const shape = [dimension(a.shape, transA ? 1 : 0), dimension(b.shape, transB ? 0 : 1)];
  const bias = inputs[2];
  if (bias)
    assertShape(`Gemm: the result with bias ${formatShape(bias.shape)}`, broadcastShapes(shape, bias.shape), shape);
  return [{ shape, dtype: commonDType('Gemm', a, b) }];
};

export const matmulFamilyInference: InferenceTable = { MatMul: matmulInference, Gemm: gemmInference };

/** a `[…, M, K]` × b `[…, K, N]`; leading axes broadcast. */
export function matmul(a: Value, b: Value): Value {
  return emit('MatMul', matmulInference, [a, b]);
}

export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Added to every row; `[N]` or `[1, N]`. */
  readonly bias?: Value;
}

/** Two-dimensional product of (optionally transposed) matrices, plus a bias. */
export function gemm(a: Value, b: Value, options: GemmOptions = {}): Value {
  const attributes = { transA: int(options.transA ? 1 : 0), transB: int(options.transB ? 1 : 0) };
  const inputs = options.bias ? [a, b, options.bias] : [a, b];
  return emit('Gemm', gemmInference, inputs, attributes);
}

/** x·wᵀ + b for x `[…, in]`, w `[out, in]`, b `[out]`. */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const rows = reshape(x, [-1, dimension(x.shape, -1)]);
  const result = gemm(rows, weight, bias ? { transB: true, bias } : { transB: true });
  return reshape(result, [...x.shape.slice(0, -1), dimension(weight.shape, 0)]);
}

/** StyleGAN's equalised linear layer, x·(w·lrMul/√in)ᵀ + b·lrMul, from weights as checkpoints store them. */
export function equalLinear(x: Value, weight: Value, bias: Value | null, lrMul = 1): Value {
  const scaled = mul(weight, lrMul / Math.sqrt(dimension(weight.shape, 1)));
  return bias ? linear(x, scaled, mul(bias, lrMul)) : linear(x, scaled);
}
