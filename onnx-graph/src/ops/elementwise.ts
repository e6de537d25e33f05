/**
 * Element-by-element operators, with NumPy broadcasting where there are two operands (ONNX opset 20). Compositions such as
 * `silu` are built from the primitives, so that they need no rule of their own.
 */
import type { DType } from '../ir/dtype.js';
import { dtypeFromOnnx, dtypeToOnnx } from '../ir/dtype.js';
import { float, int, type Value } from '../ir/graph.js';
import { broadcastShapes } from '../ir/shape.js';
import {
  asValue,
  commonDType,
  emit,
  type Inference,
  type InferenceTable,
  intAttribute,
  likeFirst,
  type Operand,
  required,
} from './emit.js';

const broadcast: Inference = (inputs) => {
  const [a, b] = [required(inputs, 0), required(inputs, 1)];
  return [{ shape: broadcastShapes(a.shape, b.shape), dtype: commonDType('broadcast', a, b) }];
};

const comparison: Inference = (inputs) => [
  { shape: broadcastShapes(required(inputs, 0).shape, required(inputs, 1).shape), dtype: 'bool' },
];

const selection: Inference = (inputs) => {
  const [condition, a, b] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  if (condition.dtype !== 'bool') throw new Error(`Where: condition ${condition.name} must be bool`);
  const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape));
  return [{ shape, dtype: commonDType('Where', a, b) }];
};

const conversion: Inference = (inputs, attributes) => [
  { shape: required(inputs, 0).shape, dtype: dtypeFromOnnx(intAttribute(attributes, 'to')) },
];

export const elementwiseInference: InferenceTable = {
  Neg: likeFirst,
  Abs: likeFirst,
  Sign: likeFirst,
  Exp: likeFirst,
  Log: likeFirst,
  Sqrt: likeFirst,
  Reciprocal: likeFirst,
  Tanh: likeFirst,
  Sigmoid: likeFirst,
  Softplus: likeFirst,
  Erf: likeFirst,
  Sin: likeFirst,
  Cos: likeFirst,
  Relu: likeFirst,
  LeakyRelu: likeFirst,
  Identity: likeFirst,
  StopGradient: likeFirst,
  Clip: likeFirst,
  Add: broadcast,
  Sub: broadcast,
  Mul: broadcast,
  Div: broadcast,
  Pow: broadcast,
  Min: broadcast,
  Max: broadcast,
  Greater: comparison,
  Less: comparison,
  Equal: comparison,
  Where: selection,
  Cast: conversion,
};

const unary =
  (opType: string) =>
  (x: Value): Value =>
    emit(opType, likeFirst, [x]);

const binary =
  (opType: string, infer: Inference = broadcast) =>
  (a: Operand, b: Operand): Value => {
    if (typeof a === 'number' && typeof b === 'number') throw new Error(`${opType} needs at least one graph value`);
    const left = typeof a === 'number' ? asValue(a, b as Value) : a;
    return emit(opType, infer, [left, asValue(b, left)]);
  };

export const neg = unary('Neg');
export const abs = unary('Abs');
/** −1, 0 or 1. Its derivative is zero. */
export const sign = unary('Sign');
export const exp = unary('Exp');
/** Natural logarithm. */
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const reciprocal = unary('Reciprocal');
export const tanh = unary('Tanh');
export const sigmoid = unary('Sigmoid');
/** log(1 + eˣ). */
export const softplus = unary('Softplus');
export const erf = unary('Erf');
export const sin = unary('Sin');
export const cos = unary('Cos');
export const relu = unary('Relu');

export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
export const minimum = binary('Min');
export const maximum = binary('Max');
/** Boolean, broadcast. */
export const greater = binary('Greater', comparison);
export const less = binary('Less', comparison);
export const equal = binary('Equal', comparison);

/** x to a constant power. */
export function pow(x: Value, exponent: number): Value {
  return emit('Pow', broadcast, [x, asValue(exponent, x)]);
}

export function square(x: Value): Value {
  return mul(x, x);
}

/** 1/√x. */
export function rsqrt(x: Value): Value {
  return reciprocal(sqrt(x));
}

/** x where positive, slope·x elsewhere. */
export function leakyRelu(x: Value, slope: number): Value {
  return emit('LeakyRelu', likeFirst, [x], { alpha: float(slope) });
}

/** √2 · leakyRelu(x, 0.2), StyleGAN2's activation (without its bias). */
export function scaledLeakyRelu(x: Value): Value {
  return mul(leakyRelu(x, 0.2), Math.SQRT2);
}

/** x·σ(x). */
export function silu(x: Value): Value {
  return mul(x, sigmoid(x));
}

/** Exact GELU, x·Φ(x). */
export function gelu(x: Value): Value {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** GELU by the tanh approximation. */
export function geluTanh(x: Value): Value {
  const inner = mul(add(x, mul(pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/** CLIP's GELU, x·σ(1.702x). */
export function quickGelu(x: Value): Value {
  return mul(x, sigmoid(mul(x, 1.702)));
}

/** Limits to [low, high]; the derivative is zero outside. */
export function clamp(x: Value, low: number, high: number): Value {
  return emit('Clip', likeFirst, [x, asValue(low, x), asValue(high, x)]);
}

/** `a` where the condition holds, `b` elsewhere, broadcast. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const partner = typeof a === 'number' ? b : a;
  if (typeof partner === 'number') {
    const zero = condition.graph.constant([0], [], 'float32');
    return emit('Where', selection, [condition, asValue(a, zero), asValue(b, zero)]);
  }
  return emit('Where', selection, [condition, asValue(a, partner), asValue(b, partner)]);
}

export function cast(x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : emit('Cast', conversion, [x], { to: int(dtypeToOnnx(dtype)) });
}

/** The same value as a new one that gradients do not pass. */
export function stopGradient(x: Value): Value {
  return emit('StopGradient', likeFirst, [x], {}, 'deltaspace');
}
