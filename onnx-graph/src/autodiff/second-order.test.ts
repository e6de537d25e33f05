/**
 * Second-order gradients: the gradient of ‖∂f/∂x‖² (the quantity in R1 and path-length penalties) against central
 * differences, for the operators and layers that a discriminator or generator under such a penalty is made of; and the
 * first-order gradients of the same layers.
 */
import { describe, expect, it } from 'vitest';
import type { Value } from '../ir/graph.js';
import type { Shape } from '../ir/shape.js';
import * as ops from '../index.js';
import { centralDifferences } from '../testing/index.js';
import { positiveSample, seededUniform, signedSample } from '../testing/samples.js';

const { add, conv2d, convTranspose2d, gemm, mul, square } = ops;

interface Layer {
  readonly name: string;
  readonly build: (...inputs: Value[]) => Value;
  readonly shapes: readonly Shape[];
  readonly positive?: boolean;
}

const onVector = (name: string, build: (x: Value) => Value, positive = false): Layer => ({
  name,
  build,
  shapes: [[2, 5]],
  positive,
});

/** Functions that are linear in each input get a square on top: otherwise their second-order gradient is trivial. */
const layers: Layer[] = [
  {
    name: 'Conv',
    build: (x, w, b) => square(conv2d(x, w, { padding: 1, bias: b })),
    shapes: [[1, 2, 4, 4], [2, 2, 3, 3], [2]],
  },
  {
    name: 'Conv, stride 2',
    build: (x, w) => square(conv2d(x, w, { padding: 1, stride: 2 })),
    shapes: [
      [2, 2, 5, 4],
      [2, 2, 3, 3],
    ],
  },
  {
    name: 'Conv, grouped',
    build: (x, w) => square(conv2d(x, w, { padding: 1, groups: 2 })),
    shapes: [
      [1, 4, 3, 3],
      [4, 2, 3, 3],
    ],
  },
  {
    name: 'Conv, depthwise',
    build: (x, w) => square(conv2d(x, w, { stride: 2, groups: 3 })),
    shapes: [
      [1, 3, 5, 5],
      [3, 1, 3, 3],
    ],
  },
  {
    name: 'Conv, one-dimensional',
    build: (x, w) => square(conv2d(x, w, { padding: 1 })),
    shapes: [
      [2, 2, 5],
      [3, 2, 3],
    ],
  },
  {
    name: 'ConvTranspose',
    build: (x, w) => square(convTranspose2d(x, w, { stride: 2 })),
    shapes: [
      [1, 2, 3, 2],
      [2, 2, 3, 3],
    ],
  },
  {
    name: 'ConvTranspose with output padding',
    build: (x, w) => square(convTranspose2d(x, w, { stride: 2, padding: 1, outputPadding: 1 })),
    shapes: [
      [1, 2, 2, 3],
      [2, 3, 3, 3],
    ],
  },
  {
    name: 'ConvWeightGradient',
    build: (x, d) => square(ops.convWeightGradient(x, d, [3, 3], { padding: 1, stride: 2 })),
    shapes: [
      [2, 2, 4, 4],
      [2, 2, 2, 2],
    ],
  },
  {
    name: 'two convolutions with LeakyRelu',
    build: (x, v, w) => square(conv2d(ops.leakyRelu(conv2d(x, v, { padding: 1 }), 0.2), w, { stride: 2, padding: 1 })),
    shapes: [
      [1, 2, 4, 4],
      [2, 2, 3, 3],
      [1, 2, 3, 3],
    ],
  },
  {
    name: 'MatMul',
    build: (a, b) => square(ops.matmul(a, b)),
    shapes: [
      [2, 2, 3],
      [3, 2],
    ],
  },
  { name: 'Gemm', build: (a, b, c) => square(gemm(a, b, { transB: true, bias: c })), shapes: [[2, 3], [2, 3], [2]] },
  {
    name: 'Gemm, transposed',
    build: (a, b) => square(gemm(a, b, { transA: true, transB: true })),
    shapes: [
      [3, 2],
      [2, 3],
    ],
  },
  { name: 'Add', build: (a, b) => square(add(a, b)), shapes: [[2, 3], [3]] },
  { name: 'Sub', build: (a, b) => square(ops.sub(a, b)), shapes: [[2, 3], [3]] },
  {
    name: 'Mul',
    build: (a, b) => mul(a, square(b)),
    shapes: [
      [2, 3],
      [2, 1],
    ],
  },
  { name: 'Div', build: ops.div, shapes: [[2, 3], [3]], positive: true },
  onVector('LeakyRelu', (x) => square(ops.leakyRelu(x, 0.2))),
  onVector('Relu', (x) => ops.pow(ops.relu(x), 3)),
  onVector('Abs', (x) => ops.pow(ops.abs(x), 3)),
  onVector('Clip', (x) => ops.pow(ops.clamp(x, -0.7, 0.9), 3)),
  onVector('Exp', ops.exp),
  onVector('Log', ops.log, true),
  onVector('Sqrt', ops.sqrt, true),
  onVector('Reciprocal', ops.reciprocal, true),
  onVector('rsqrt', ops.rsqrt, true),
  onVector('Pow', (x) => ops.pow(x, 3)),
  onVector('Sin and Cos', (x) => mul(ops.sin(x), ops.cos(x))),
  onVector('Tanh', ops.tanh),
  onVector('Sigmoid', ops.sigmoid),
  onVector('Softplus', ops.softplus),
  onVector('Erf', ops.erf),
  onVector('silu', ops.silu),
  onVector('gelu', ops.gelu),
  onVector('geluTanh', ops.geluTanh),
  onVector('quickGelu', ops.quickGelu),
  onVector('scaledLeakyRelu', (x) => square(ops.scaledLeakyRelu(x))),
  onVector('Softmax', (x) => ops.softmax(x)),
  onVector('logSoftmax', (x) => ops.logSoftmax(x)),
  onVector('logSumExp', (x) => ops.logSumExp(x, 0)),
  onVector('ReduceSum', (x) => ops.pow(ops.sum(x, [1]), 3)),
  onVector('ReduceMean', (x) => ops.pow(ops.mean(x, [0], true), 3)),
  onVector('ReduceMax', (x) => ops.pow(ops.max(x, [1]), 3)),
  onVector('variance', (x) => square(ops.variance(x, [1]))),
  onVector('standardize', (x) => square(ops.standardize(x, [1], 1e-5))),
  onVector('pixelNorm', (x) => square(ops.pixelNorm(x))),
  onVector('l2Normalize', (x) => square(ops.l2Normalize(x))),
  {
    name: 'cosineSimilarity',
    build: (a, b) => square(ops.cosineSimilarity(a, b)),
    shapes: [
      [2, 4],
      [2, 4],
    ],
  },
  { name: 'layerNorm', build: (x, w, b) => square(ops.layerNorm(x, w, b)), shapes: [[2, 5], [5], [5]] },
  { name: 'groupNorm', build: (x, w, b) => square(ops.groupNorm(x, 2, w, b)), shapes: [[2, 4, 2, 2], [4], [4]] },
  {
    name: 'meanSquaredError',
    build: ops.meanSquaredError,
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  {
    name: 'meanAbsoluteError',
    build: (a, b) => square(ops.meanAbsoluteError(a, b)),
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  { name: 'prelu', build: (x, a) => square(ops.prelu(x, a)), shapes: [[2, 2, 2, 2], [2]] },
  {
    name: 'Concat, Split, Slice',
    build: (a, b) =>
      mul(...(ops.split(ops.pow(ops.concat([a, ops.slice(b, 1, 0, 4, 2)], 1), 3), 1, [2, 2]) as [Value, Value])),
    shapes: [
      [2, 2],
      [2, 4],
    ],
  },
  {
    name: 'Pad, Transpose, Reshape',
    build: (x) => ops.pow(ops.pad(ops.transpose(ops.reshape(x, [3, 2]), [1, 0]), [1, 0], [0, 2]), 3),
    shapes: [[2, 3]],
  },
  {
    name: 'Gather with a repeated row',
    build: (x) => ops.pow(ops.gather(x, x.graph.constant([1, 0, 1], [3], 'int64')), 3),
    shapes: [[3, 2]],
  },
  { name: 'Resize', build: (x) => ops.pow(ops.resizeNearest(x, 2), 3), shapes: [[1, 2, 2, 2]] },
  { name: 'AveragePool', build: (x) => ops.pow(ops.averagePool(x, 2), 3), shapes: [[1, 2, 4, 2]] },
  { name: 'MaxPool', build: (x) => ops.pow(ops.maxPool2d(x, { kernel: 2, stride: 2 }), 3), shapes: [[1, 2, 4, 4]] },
  { name: 'resizeBilinear', build: (x) => ops.pow(ops.resizeBilinear(x, 5, 3), 3), shapes: [[1, 1, 3, 4]] },
  {
    name: 'upfirdn2d, up',
    build: (x) => ops.pow(ops.upfirdn2d(x, ops.binomialKernel(4), { up: 2, padding: [2, 1] }), 3),
    shapes: [[1, 2, 3, 2]],
  },
  {
    name: 'upfirdn2d, down',
    build: (x) => ops.pow(ops.upfirdn2d(x, ops.binomialKernel(1), { down: 2, padding: [1, 1] }), 3),
    shapes: [[1, 1, 4, 6]],
  },
  {
    name: 'upfirdn2d, cropping',
    build: (x) => ops.pow(ops.upfirdn2d(x, [[1, 2]], { up: 2, padding: [-1, -1] }), 3),
    shapes: [[1, 1, 3, 4]],
  },
  {
    name: 'modulated convolution with demodulation',
    build: (x, w, s) => ops.modulatedConv2d(x, w, s, { demodulate: true, weightScale: 0.3 }),
    shapes: [
      [2, 2, 3, 3],
      [2, 2, 3, 3],
      [2, 2],
    ],
    positive: true,
  },
  {
    name: 'modulated convolution without demodulation',
    build: (x, w, s) => square(ops.modulatedConv2d(x, w, s, { demodulate: false })),
    shapes: [
      [2, 2, 2, 2],
      [3, 2, 1, 1],
      [2, 2],
    ],
  },
  { name: 'equalLinear', build: (x, w, b) => square(ops.equalLinear(x, w, b, 0.1)), shapes: [[2, 3], [2, 3], [2]] },
  { name: 'cumulativeProduct', build: (x) => ops.cumulativeProduct(x, 0), shapes: [[5]] },
];

/** As in gradients.test.ts; second order allows for the larger third derivatives of the cubes. */
const tolerance = { 1: 1e-7, 2: 1e-6 } as const;

for (const order of [1, 2] as const)
  describe(order === 1 ? 'gradients of layers' : 'second-order gradients', () => {
    layers.forEach(({ name, build, shapes, positive }, index) =>
      it(`of ${name} agree with central differences`, () => {
        const random = seededUniform(7 + index);
        const inputs = shapes.map((shape) => (positive ? positiveSample : signedSample)(shape, random));
        const error = centralDifferences({ build, inputs, order, random, entriesPerInput: 8 });
        expect(error.relative, error.at).toBeLessThan(tolerance[order]);
      }),
    );
  });
