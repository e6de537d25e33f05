/** Reverse-mode rules of the element-by-element operators. The calculus stands beside each row. */
import type { Value } from '../ir/graph.js';
import { sameShape, type Shape } from '../ir/shape.js';
import {
  cast,
  cos,
  div,
  equal,
  greater,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  sin,
  sub,
  where,
  exp,
  square,
} from '../ops/elementwise.js';
import { constantNumbers, floatAttribute } from '../ops/emit.js';
import { reshape } from '../ops/layout.js';
import { sum } from '../ops/reduce.js';
import { type RuleTable, singleResult } from './rule.js';

/** Sums a cotangent over the axes along which an operand of `shape` was broadcast. */
export function unbroadcast(cotangent: Value, shape: Shape): Value {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  const extra = cotangent.shape.length - shape.length;
  const axes = cotangent.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(sum(cotangent, axes, true), shape);
}

/** A rule for y = f(x) from dy/dx. */
const unary = (derivative: (x: Value, y: Value) => Value) =>
  singleResult((d, [x], y) => [mul(d, derivative(x as Value, y))]);

/** A rule for y = f(a, b) with broadcasting, from the two products of the cotangent. */
const binary = (
  left: (d: Value, a: Value, b: Value, y: Value) => Value,
  right: (d: Value, a: Value, b: Value, y: Value) => Value,
) =>
  singleResult((d, [a, b], y, needs) => {
    const [first, second] = [a as Value, b as Value];
    return [
      needs[0] ? unbroadcast(left(d, first, second, y), first.shape) : null,
      needs[1] ? unbroadcast(right(d, first, second, y), second.shape) : null,
    ];
  });

/** 1 where the condition holds, `otherwise` elsewhere, in the dtype of `like`; constant under differentiation. */
const indicator = (condition: Value, like: Value, otherwise = 0): Value =>
  where(condition, like.graph.constant([1], [], like.dtype), otherwise);

export const elementwiseRules: RuleTable = {
  Identity: singleResult((d) => [d]),
  StopGradient: singleResult(() => [null]),
  Neg: singleResult((d) => [neg(d)]),
  Abs: unary((x) => sign(x)),
  Sign: singleResult(() => [null]),
  Exp: unary((_, y) => y),
  Log: singleResult((d, [x]) => [div(d, x as Value)]),
  // d√x = d/(2√x)
  Sqrt: singleResult((d, _, y) => [div(mul(d, 0.5), y)]),
  // d(1/x) = −d/x²
  Reciprocal: unary((_, y) => neg(square(y))),
  Tanh: unary((_, y) => sub(1, square(y))),
  Sigmoid: unary((_, y) => mul(y, sub(1, y))),
  Softplus: unary((x) => sigmoid(x)),
  // d erf(x) = 2/√π · e^(−x²)
  Erf: unary((x) => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
  Sin: unary((x) => cos(x)),
  Cos: unary((x) => neg(sin(x))),
  Relu: singleResult((d, _, y) => [mul(d, indicator(greater(y, 0), y))]),
  LeakyRelu: singleResult((d, _, y, __, node) => [
    mul(d, indicator(greater(y, 0), y, floatAttribute(node.attributes, 'alpha', 0.01))),
  ]),
  Clip: singleResult((d, [x], y) => [mul(d, indicator(equal(x as Value, y), y)), null, null]),
  Cast: singleResult((d, [x]) => [cast(d, (x as Value).dtype)]),
  Add: binary(
    (d) => d,
    (d) => d,
  ),
  Sub: binary(
    (d) => d,
    (d) => neg(d),
  ),
  Mul: binary(
    (d, _, b) => mul(d, b),
    (d, a) => mul(d, a),
  ),
  // y = a/b: da = d/b, db = −d·y/b
  Div: binary(
    (d, _, b) => div(d, b),
    (d, _, b, y) => neg(div(mul(d, y), b)),
  ),
  // The exponent is a constant: dx = d·k·x^(k−1)
  Pow: singleResult((d, [x, exponent]) => {
    const power = constantNumbers(exponent as Value)[0] ?? 1;
    return [mul(d, mul(pow(x as Value, power - 1), power)), null];
  }),
  // Ties give both sides half.
  Max: binary(
    (d, a, b) => mul(d, shareOfLarger(a, b)),
    (d, a, b) => mul(d, shareOfLarger(b, a)),
  ),
  Min: binary(
    (d, a, b) => mul(d, shareOfLarger(b, a)),
    (d, a, b) => mul(d, shareOfLarger(a, b)),
  ),
  Greater: singleResult(() => [null, null]),
  Less: singleResult(() => [null, null]),
  Equal: singleResult(() => [null, null]),
  Where: singleResult((d, [condition, a, b], _, needs) => [
    null,
    needs[1] ? unbroadcast(where(condition as Value, d, 0), (a as Value).shape) : null,
    needs[2] ? unbroadcast(where(condition as Value, 0, d), (b as Value).shape) : null,
  ]),
};

/** 1 where a > b, ½ where equal, 0 elsewhere. */
function shareOfLarger(a: Value, b: Value): Value {
  return where(greater(a, b), 1, mul(indicator(equal(a, b), a), 0.5));
}
