/** Reverse-mode rules of products, convolutions, reductions and resampling. */
import type { Node, Value } from '../ir/graph.js';
import { dimension, normalizeAxis, type Shape, sizeOf } from '../ir/shape.js';
import { conv2d, convInputGradient, convWeightGradient, geometryOf } from '../ops/convolution.js';
import { cast, div, equal, mul, sub } from '../ops/elementwise.js';
import { constantNumbers, intAttribute, intsAttribute, stringAttribute } from '../ops/emit.js';
import { expand, reshape, scatterAddElements, transposeLast } from '../ops/layout.js';
import { gemm, matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { averagePool, resizeNearest } from '../ops/resample.js';
import { unbroadcast } from './elementwise-rules.js';
import { zerosLike } from './layout-rules.js';
import { type RuleTable, singleResult } from './rule.js';

/** y = op(a)·op(b): each factor's cotangent is a product of the other factor and d, transposed as the flags say. */
function gemmRule(d: Value, a: Value, b: Value, transA: boolean, transB: boolean, needs: readonly boolean[]) {
  const left = transA ? () => gemm(b, d, { transA: transB, transB: true }) : () => gemm(d, b, { transB: !transB });
  const right = transB ? () => gemm(d, a, { transA: true, transB: transA }) : () => gemm(a, d, { transA: !transA });
  return [needs[0] ? left() : null, needs[1] ? right() : null];
}

/** Spreads a cotangent of a reduction back over the reduced axes. */
function spread(d: Value, x: Value, axes: readonly number[]): Value {
  const reduced = axes.map((axis) => normalizeAxis(axis, x.shape.length));
  const kept = x.shape.map((size, axis) => (reduced.includes(axis) ? 1 : size));
  return expand(reshape(d, kept), x.shape);
}

const reductionAxes = (inputs: readonly Value[]): number[] => constantNumbers(inputs[1] as Value);
const countOver = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => dimension(shape, axis)));

/** Bias cotangent of a convolution: sum over everything but channels. */
const channelSum = (d: Value): Value => sum(d, [0, ...d.shape.slice(2).map((_, k) => k + 2)]);

function convolutionBias(node: Node, d: Value, needs: readonly boolean[]): (Value | null)[] {
  return node.inputs.length > 2 ? [needs[2] ? channelSum(d) : null] : [];
}

/** The whole-number factor of a nearest Resize or block average pool; other forms (from a model we read) are refused. */
function wholeFactor(node: Node, numbers: readonly number[], blocks: boolean): number {
  const factor = numbers.at(-1) ?? 1;
  if (!Number.isInteger(factor) || numbers.some((number) => number !== factor) || !blocks)
    throw new Error(`gradient of ${node.opType} is supported for whole blocks only, got factors ${numbers.join(', ')}`);
  return factor;
}

function resizeFactor(node: Node): number {
  const scales = constantNumbers(node.inputs[2] as Value);
  const nearest = stringAttribute(node.attributes, 'mode', 'nearest') === 'nearest';
  return wholeFactor(node, scales.slice(2), nearest && scales[0] === 1 && scales[1] === 1);
}

function poolFactor(node: Node): number {
  const kernel = intsAttribute(node.attributes, 'kernel_shape');
  const x = node.inputs[0] as Value;
  const unpadded = intsAttribute(node.attributes, 'pads', []).every((count) => count === 0);
  const strides = intsAttribute(node.attributes, 'strides');
  const divides = kernel.every((size, k) => strides[k] === size && dimension(x.shape, k + 2) % size === 0);
  return wholeFactor(node, kernel, unpadded && divides);
}

export const linearRules: RuleTable = {
  MatMul: singleResult((d, [a, b], _, needs) => {
    const [left, right] = [a as Value, b as Value];
    return [
      needs[0] ? unbroadcast(matmul(d, transposeLast(right)), left.shape) : null,
      needs[1] ? unbroadcast(matmul(transposeLast(left), d), right.shape) : null,
    ];
  }),
  Gemm: singleResult((d, [a, b, bias], _, needs, node) => {
    const [transA, transB] = ['transA', 'transB'].map((name) => intAttribute(node.attributes, name, 0) === 1);
    const factors = gemmRule(d, a as Value, b as Value, transA ?? false, transB ?? false, needs);
    return bias ? [...factors, needs[2] ? unbroadcast(d, bias.shape) : null] : factors;
  }),
  Conv: singleResult((d, [x, w], _, needs, node) => {
    const [input, weight, geometry] = [x as Value, w as Value, geometryOf(node.attributes)];
    return [
      needs[0] ? convInputGradient(d, weight, input.shape, geometry) : null,
      needs[1] ? convWeightGradient(input, d, weight.shape.slice(2), geometry) : null,
      ...convolutionBias(node, d, needs),
    ];
  }),
  // The transpose of a convolution: its input gradient is the convolution, its weight gradient swaps the roles.
  ConvTranspose: singleResult((d, [x, w], _, needs, node) => {
    const [input, weight, geometry] = [x as Value, w as Value, geometryOf(node.attributes)];
    return [
      needs[0] ? conv2d(d, weight, geometry) : null,
      needs[1] ? convWeightGradient(d, input, weight.shape.slice(2), geometry) : null,
      ...convolutionBias(node, d, needs),
    ];
  }),
  // Bilinear: with g the cotangent of the weight, dx = conv input gradient with weight g, dd = conv(x, g).
  ConvWeightGradient: singleResult((g, [x, d], _, needs, node) => {
    const [input, cotangent, geometry] = [x as Value, d as Value, geometryOf(node.attributes)];
    return [
      needs[0] ? convInputGradient(cotangent, g, input.shape, geometry) : null,
      needs[1] ? conv2d(input, g, geometry) : null,
    ];
  }),
  ReduceSum: singleResult((d, inputs) => [spread(d, inputs[0] as Value, reductionAxes(inputs)), null]),
  ReduceMean: singleResult((d, inputs) => {
    const [x, axes] = [inputs[0] as Value, reductionAxes(inputs)];
    return [spread(mul(d, 1 / countOver(x.shape, axes)), x, axes), null];
  }),
  ReduceMax: singleResult((d, inputs, y) => {
    const [x, axes] = [inputs[0] as Value, reductionAxes(inputs)];
    const winners = cast(equal(x, spread(y, x, axes)), x.dtype);
    const share = div(winners, spread(sum(winners, axes), x, axes));
    return [mul(spread(d, x, axes), share), null];
  }),
  // dx = y·(d − Σ d·y)
  Softmax: singleResult((d, _, y, __, node) => {
    const axis = intAttribute(node.attributes, 'axis', -1);
    return [mul(y, sub(d, sum(mul(d, y), [axis], true)))];
  }),
  Resize: singleResult((d, _, __, ___, node) => {
    const factor = resizeFactor(node);
    return [mul(averagePool(d, factor), factor * factor), null, null];
  }),
  AveragePool: singleResult((d, _, __, ___, node) => {
    const factor = poolFactor(node);
    return [mul(resizeNearest(d, factor), 1 / (factor * factor))];
  }),
  // The second result holds flat positions of the maxima; cotangents are added back there.
  MaxPool: (node, cotangents) => {
    const [x, positions, d] = [node.inputs[0] as Value, node.outputs[1] as Value, cotangents[0]];
    if (!d) return [null];
    const flat = reshape(x, [sizeOf(x.shape)]);
    const added = scatterAddElements(zerosLike(flat), reshape(positions, [-1]), reshape(d, [-1]), 0);
    return [reshape(added, x.shape)];
  },
};
