/** Reference kernels of the element-by-element operators. */
import { dtypeFromOnnx, isFloat } from '../ir/dtype.js';
import { broadcastShapes } from '../ir/shape.js';
import { floatAttribute, intAttribute } from '../ops/emit.js';
import { broadcastReader, type Dense, fill, type Kernel, type KernelTable, need, read } from './dense.js';

const unary =
  (f: (x: number) => number): Kernel =>
  (inputs) => {
    const x = need(inputs, 0);
    return [fill(x.shape, (k) => f(read(x, k)))];
  };

const binary =
  (f: (a: number, b: number) => number): Kernel =>
  (inputs) => {
    const [a, b] = [need(inputs, 0), need(inputs, 1)];
    const shape = broadcastShapes(a.shape, b.shape);
    const [left, right] = [broadcastReader(a, shape), broadcastReader(b, shape)];
    return [fill(shape, (k) => f(left(k), right(k)))];
  };

/**
 * erf to double precision: the Maclaurin series for |x| < 3, else 1 minus a continued fraction for erfc
 * (Abramowitz & Stegun 7.1.6 and 7.1.14).
 */
export function errorFunction(x: number): number {
  const size = Math.abs(x);
  if (size < 3) {
    let [term, sum] = [size, size];
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= (2 * size * size) / (2 * n + 1);
      sum += term;
    }
    return (Math.sign(x) * 2 * Math.exp(-size * size) * sum) / Math.sqrt(Math.PI);
  }
  let fraction = size;
  for (let n = 60; n >= 1; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (fraction * Math.sqrt(Math.PI)));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The bound of a Clip, or a default when it is left out. */
const bound = (inputs: readonly (Dense | null)[], index: number, missing: number): number => {
  const value = inputs[index];
  return value ? read(value, 0) : missing;
};

const clip: Kernel = (inputs) => {
  const [low, high] = [bound(inputs, 1, -Infinity), bound(inputs, 2, Infinity)];
  const x = need(inputs, 0);
  return [fill(x.shape, (k) => Math.min(high, Math.max(low, read(x, k))))];
};

const where: Kernel = (inputs) => {
  const [condition, a, b] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
  const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape));
  const [chosen, left, right] = [
    broadcastReader(condition, shape),
    broadcastReader(a, shape),
    broadcastReader(b, shape),
  ];
  return [fill(shape, (k) => (chosen(k) !== 0 ? left(k) : right(k)))];
};

/** Floats stay doubles: the evaluator shows what the graph means, not what a precision does to it. */
const cast: Kernel = (inputs, node) => {
  const to = dtypeFromOnnx(intAttribute(node.attributes, 'to'));
  const convert = isFloat(to) ? (x: number) => x : to === 'bool' ? (x: number) => Number(x !== 0) : Math.trunc;
  return unary(convert)(inputs, node);
};

export const elementwiseKernels: KernelTable = {
  Identity: unary((x) => x),
  StopGradient: unary((x) => x),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Tanh: unary(Math.tanh),
  Sigmoid: unary(sigmoid),
  Softplus: unary(softplus),
  Erf: unary(errorFunction),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Relu: unary((x) => Math.max(0, x)),
  LeakyRelu: (inputs, node) => {
    const slope = floatAttribute(node.attributes, 'alpha', 0.01);
    return unary((x) => (x > 0 ? x : slope * x))(inputs, node);
  },
  Clip: clip,
  Cast: cast,
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Pow: binary(Math.pow),
  Min: binary(Math.min),
  Max: binary(Math.max),
  Greater: binary((a, b) => Number(a > b)),
  Less: binary((a, b) => Number(a < b)),
  Equal: binary((a, b) => Number(a === b)),
  Where: where,
};
