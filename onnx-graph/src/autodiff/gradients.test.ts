/**
 * Every reverse-mode rule against central differences in double precision. The table has one or more cases per operator;
 * a rule without a case fails the first test. Long because it is one table: in parts, a missing row would be hard to see.
 */
import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../ir/graph.js';
import type { Shape } from '../ir/shape.js';
import * as ops from '../index.js';
import { centralDifferences, evaluate } from '../testing/index.js';
import { positiveSample, seededUniform, signedSample } from '../testing/samples.js';

const { add, conv2d, convTranspose2d, convWeightGradient, gemm, mul, square, sub, vjpRules } = ops;

interface Case {
  readonly build: (...inputs: Value[]) => Value;
  readonly shapes: readonly Shape[];
  readonly positive?: boolean;
}

const indices = (x: Value, numbers: readonly number[], shape: Shape, dtype: 'int32' | 'int64' = 'int64'): Value =>
  x.graph.constant(numbers, shape, dtype);
const unary = (build: (x: Value) => Value, positive = false): Case[] => [{ build, shapes: [[3, 4]], positive }];
const binary = (build: (a: Value, b: Value) => Value, positive = false): Case[] => [
  {
    build,
    shapes: [
      [2, 3],
      [2, 3],
    ],
    positive,
  },
  {
    build,
    shapes: [
      [2, 3, 1, 2],
      [3, 2, 1],
    ],
    positive,
  },
  { build, shapes: [[], [2, 2]], positive },
];
const reduction = (reduce: typeof ops.sum): Case[] => [
  { build: (x) => reduce(x, [1]), shapes: [[3, 4, 2]] },
  { build: (x) => reduce(x, [0, -1], true), shapes: [[3, 4, 2]] },
  { build: (x) => reduce(x, [0, 1]), shapes: [[3, 4]] },
];
const flags = [false, true];

const cases: Record<string, Case[]> = {
  Identity: [
    {
      build: (x) => {
        const copy = x.graph.output(x, 'copy');
        return mul(copy, x);
      },
      shapes: [[3]],
    },
  ],
  Neg: unary(ops.neg),
  Abs: unary(ops.abs),
  Sign: unary((x) => mul(ops.sign(x), square(x))),
  Exp: unary(ops.exp),
  Log: unary(ops.log, true),
  Sqrt: unary(ops.sqrt, true),
  Reciprocal: unary(ops.reciprocal),
  Tanh: unary(ops.tanh),
  Sigmoid: unary(ops.sigmoid),
  Softplus: unary(ops.softplus),
  Erf: unary((x) => ops.erf(mul(x, 2.4))),
  Sin: unary(ops.sin),
  Cos: unary(ops.cos),
  Relu: unary(ops.relu),
  LeakyRelu: unary((x) => ops.leakyRelu(x, 0.2)),
  Clip: unary((x) => ops.clamp(x, -0.9, 0.6)),
  Cast: unary((x) => mul(ops.cast(ops.cast(x, 'float32'), 'float64'), x)),
  Add: binary(add),
  Sub: binary(sub),
  Mul: binary(mul),
  Div: binary(ops.div, true),
  Pow: [...unary((x) => ops.pow(x, 3)), ...unary((x) => ops.pow(x, -1.5), true), ...unary((x) => ops.pow(x, 1))],
  Max: binary(ops.maximum),
  Min: binary(ops.minimum),
  Greater: binary((a, b) => ops.where(ops.greater(a, b), square(a), b)),
  Less: binary((a, b) => ops.where(ops.less(a, b), square(a), b)),
  Equal: binary((a, b) => ops.where(ops.equal(a, b), square(a), mul(a, b))),
  Where: [
    { build: (c, a, b) => ops.where(ops.greater(c, 0), a, mul(b, c)), shapes: [[2, 3], [3], [2, 1]] },
    {
      build: (c, a) => ops.where(ops.greater(c, 0), a, 2),
      shapes: [
        [2, 3],
        [2, 3],
      ],
    },
    { build: (c, b) => ops.where(ops.greater(c, 0), -1, b), shapes: [[3], [2, 3]] },
  ],
  Reshape: unary((x) => mul(ops.reshape(x, [2, -1]), ops.reshape(x, [2, 6]))),
  Transpose: [{ build: (x) => square(ops.transpose(x, [2, 0, 3, 1])), shapes: [[2, 3, 4, 2]] }],
  Concat: [
    {
      build: (a, b, c) => square(ops.concat([a, b, c], 1)),
      shapes: [
        [2, 1, 3],
        [2, 4, 3],
        [2, 2, 3],
      ],
    },
    {
      build: (a, b) => square(ops.stack([a, b, a], -1)),
      shapes: [
        [2, 3],
        [2, 3],
      ],
    },
  ],
  Split: [
    {
      build: (x) => add(...(ops.split(square(x), 1, [2, 1, 2]).filter((_, k) => k !== 1) as [Value, Value])),
      shapes: [[2, 5, 3]],
    },
    { build: (x) => ops.split(square(x), -1, [1, 2])[1] as Value, shapes: [[2, 3]] },
  ],
  Slice: [
    { build: (x) => square(ops.slice(x, 1, 1, 4)), shapes: [[2, 5, 2]] },
    { build: (x) => square(ops.slice(ops.slice(x, 1, 1, 4), 2, 0, 6, 2)), shapes: [[2, 5, 6]] },
    { build: (x) => square(ops.slice(x, 0, 1, 100, 3)), shapes: [[9, 2]] },
    { build: (x) => square(ops.slice(x, 0, -3, -1)), shapes: [[5, 2]] },
    { build: (x) => square(ops.slice(x, 1, 5, 0, -2)), shapes: [[2, 7]] },
    { build: (x) => mul(ops.flip(x, [0, 2]), x), shapes: [[3, 2, 4]] },
  ],
  Pad: [{ build: (x) => square(ops.pad(x, [0, 1, 2], [1, 0, 3])), shapes: [[2, 3, 2]] }],
  Expand: [
    { build: (x) => square(ops.expand(x, [4, 2, 3])), shapes: [[2, 1]] },
    { build: (x) => square(ops.expand(x, [2, 3])), shapes: [[]] },
  ],
  Gather: [
    { build: (x) => square(ops.padReflect(x, 1, 2, 1)), shapes: [[2, 4]] },
    { build: (x) => square(ops.gather(x, indices(x, [2, 0, 2], [3]), 0)), shapes: [[4, 3]] },
    { build: (x) => square(ops.gather(x, indices(x, [1, 0, 1, -1], [2, 2], 'int32'), 1)), shapes: [[2, 3, 2]] },
    { build: (x) => square(ops.gather(x, indices(x, [1], []), -1)), shapes: [[2, 3]] },
  ],
  GatherElements: [
    { build: (x) => square(ops.gatherElements(x, indices(x, [2, 0, 2, 1], [2, 2]), 1)), shapes: [[2, 3]] },
  ],
  ScatterElements: [
    {
      build: (base, updates) =>
        square(ops.scatterAddElements(base, indices(base, [2, 2, 0, 1, -1, 2], [3, 2], 'int32'), updates, 0)),
      shapes: [
        [3, 2],
        [3, 2],
      ],
    },
  ],
  MatMul: [
    {
      build: ops.matmul,
      shapes: [
        [3, 4],
        [4, 2],
      ],
    },
    {
      build: ops.matmul,
      shapes: [
        [2, 1, 3, 4],
        [5, 4, 2],
      ],
    },
    {
      build: ops.matmul,
      shapes: [
        [3, 4],
        [2, 4, 2],
      ],
    },
    {
      build: ops.matmul,
      shapes: [
        [2, 3, 4],
        [4, 2],
      ],
    },
  ],
  Gemm: [
    ...flags.flatMap((transA) =>
      flags.map((transB) => ({
        build: (a: Value, b: Value, bias: Value) => gemm(a, b, { transA, transB, bias }),
        shapes: [transA ? [4, 3] : [3, 4], transB ? [2, 4] : [4, 2], [2]],
      })),
    ),
    { build: (x, w, b) => ops.linear(x, w, b), shapes: [[2, 3, 4], [5, 4], [5]] },
  ],
  Conv: [
    ...[
      { stride: 1, padding: 1, k: 3 },
      { stride: 2, padding: 1, k: 3 },
      { stride: 2, padding: 0, k: 3 },
      { stride: 3, padding: 2, k: 4 },
      { stride: 2, padding: 0, k: 1 },
      { stride: 1, padding: 3, k: 3 },
    ].map(({ stride, padding, k }) => ({
      build: (x: Value, w: Value, bias: Value) => conv2d(x, w, { stride, padding, bias }),
      shapes: [[2, 2, 6, 7], [3, 2, k, k], [3]],
    })),
    {
      build: (x, w) => conv2d(x, w, { padding: 1, groups: 2 }),
      shapes: [
        [2, 4, 4, 5],
        [6, 2, 3, 3],
      ],
    },
    {
      build: (x, w) => conv2d(x, w, { padding: 1, stride: 2, groups: 4 }),
      shapes: [
        [2, 4, 6, 5],
        [4, 1, 3, 3],
      ],
    },
    {
      build: (x, w) => conv2d(x, w, { groups: 2, padding: 1 }),
      shapes: [
        [1, 2, 4, 4],
        [4, 1, 3, 3],
      ],
    },
    {
      build: (x, w) => conv2d(x, w),
      shapes: [
        [2, 2, 5, 4],
        [3, 2, 3, 2],
      ],
    },
    { build: (x, w, b) => conv2d(x, w, { stride: 2, padding: 1, bias: b }), shapes: [[2, 3, 8], [4, 3, 3], [4]] },
    {
      build: (x, w) => conv2d(x, w),
      shapes: [
        [2, 3, 5],
        [4, 3, 1],
      ],
    },
  ],
  ConvTranspose: [
    ...[
      { stride: 2, padding: 0, k: 3, outputPadding: 0 },
      { stride: 2, padding: 1, k: 3, outputPadding: 1 },
      { stride: 1, padding: 1, k: 3, outputPadding: 0 },
      { stride: 2, padding: 1, k: 4, outputPadding: [1, 0] },
    ].map(({ stride, padding, k, outputPadding }) => ({
      build: (x: Value, w: Value, bias: Value) => convTranspose2d(x, w, { stride, padding, outputPadding, bias }),
      shapes: [[2, 2, 3, 4], [2, 3, k, k], [3]],
    })),
    {
      build: (x, w) => convTranspose2d(x, w, { stride: 2, padding: 1, groups: 2 }),
      shapes: [
        [2, 4, 3, 3],
        [4, 3, 3, 3],
      ],
    },
    {
      build: (x, w) => convTranspose2d(x, w, { stride: 2, groups: 3 }),
      shapes: [
        [1, 3, 3, 3],
        [3, 1, 2, 2],
      ],
    },
    {
      build: (x, w) => convTranspose2d(x, w, { stride: 2, padding: 1 }),
      shapes: [
        [2, 3, 4],
        [3, 2, 3],
      ],
    },
  ],
  ConvWeightGradient: [
    {
      build: (x, d) => convWeightGradient(x, d, [3, 3], { padding: 1 }),
      shapes: [
        [2, 2, 4, 5],
        [2, 3, 4, 5],
      ],
    },
    {
      build: (x, d) => convWeightGradient(x, d, [3, 3], { stride: 2, padding: 1 }),
      shapes: [
        [2, 2, 6, 5],
        [2, 3, 3, 3],
      ],
    },
    {
      build: (x, d) => convWeightGradient(x, d, [2, 2], { stride: 2, groups: 2 }),
      shapes: [
        [2, 4, 5, 5],
        [2, 2, 2, 2],
      ],
    },
    {
      build: (x, d) => convWeightGradient(x, d, [3], { padding: 1 }),
      shapes: [
        [2, 2, 5],
        [2, 3, 5],
      ],
    },
  ],
  ReduceSum: reduction((x, axes, keep) => square(ops.sum(x, axes, keep))),
  ReduceMean: reduction((x, axes, keep) => square(ops.mean(x, axes, keep))),
  ReduceMax: reduction((x, axes, keep) => square(ops.max(x, axes, keep))),
  Softmax: [
    { build: (x) => ops.softmax(x), shapes: [[3, 4]] },
    { build: (x) => ops.softmax(x, 1), shapes: [[2, 3, 4]] },
  ],
  Resize: [
    { build: (x) => square(ops.resizeNearest(x, 2)), shapes: [[1, 2, 3, 2]] },
    { build: (x) => square(ops.resizeNearest(x, 3)), shapes: [[1, 1, 2, 2]] },
  ],
  AveragePool: [{ build: (x) => square(ops.averagePool(x, 2)), shapes: [[2, 2, 4, 6]] }],
  MaxPool: [
    { build: (x) => square(ops.maxPool2d(x, { kernel: 2, stride: 2 })), shapes: [[2, 2, 4, 6]] },
    { build: (x) => square(ops.maxPool2d(x, { kernel: 3, stride: 2, ceilMode: true })), shapes: [[2, 2, 6, 7]] },
    { build: (x) => square(ops.maxPool2d(x, { kernel: 3, stride: 2, padding: 1 })), shapes: [[2, 2, 5, 6]] },
    { build: (x) => square(ops.maxPool2d(x, { kernel: 1, stride: 2 })), shapes: [[2, 2, 5, 4]] },
  ],
};

/** Central differences cannot see these: they are tested by hand below. */
const withoutDifference = ['StopGradient'];
/** Truncation of order h² and rounding of order 1e-16/h, with h = 1e-5, are both near 1e-10; our functions are tame. */
const tolerance = 1e-7;

describe('reverse-mode rules', () => {
  it('have a case each', () => {
    expect(Object.keys(vjpRules).filter((name) => !cases[name] && !withoutDifference.includes(name))).toEqual([]);
  });

  for (const [name, list] of Object.entries(cases))
    list.forEach(({ build, shapes, positive }, index) =>
      it(`${name} (case ${index + 1}) agrees with central differences`, () => {
        const random = seededUniform(1000 + index);
        const sample = positive ? positiveSample : signedSample;
        const inputs = shapes.map((shape) => sample(shape, random));
        const used = new Set<string>();
        const error = centralDifferences({
          build: (...xs) => {
            const y = build(...xs);
            for (const node of y.graph.nodes) used.add(node.opType);
            return y;
          },
          inputs,
          random,
        });
        expect(used).toContain(name);
        expect(error.relative, error.at).toBeLessThan(tolerance);
      }),
    );
});

describe('gradients', () => {
  const numbersOf = (value: Value, feeds: Record<string, number[]>) =>
    Array.from(evaluate([value], feeds)[0]?.data ?? []);

  it('do not pass stopGradient', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const [slope] = ops.gradients(ops.sumAll(mul(x, ops.stopGradient(x))), [x]);
    expect(numbersOf(slope as Value, { x: [3, -2] })).toEqual([3, -2]);
  });

  it('are zeros for a value that the loss does not use', () => {
    const graph = new Graph();
    const [x, unused] = [graph.input('x', [2]), graph.input('unused', [2, 2])];
    const [slope] = ops.gradients(ops.sumAll(x), [unused]);
    expect(slope?.shape).toEqual([2, 2]);
    expect(numbersOf(slope as Value, { x: [1, 2], unused: [0, 0, 0, 0] })).toEqual([0, 0, 0, 0]);
  });

  it('reach values inside the graph and the values before them', () => {
    const graph = new Graph();
    const x = graph.input('x', [1]);
    const y = square(x);
    const slopes = ops.gradients(ops.sumAll(mul(y, x)), [y, x]);
    expect(slopes.flatMap((slope) => numbersOf(slope, { x: [3] }))).toEqual([3, 27]);
  });

  it('start from a seed when the loss is no scalar, and are refused without one', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const [slope] = ops.gradients(square(x), [x], graph.constant([1, 10], [2]));
    expect(numbersOf(slope as Value, { x: [3, 4] })).toEqual([6, 80]);
    expect(() => ops.gradients(square(x), [x])).toThrow(/no scalar/);
  });

  it('are shared between ties of max and of maximum', () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', [3]), graph.input('y', [3])];
    const slopes = ops.gradients(add(ops.max(x, [0]), ops.sumAll(ops.maximum(x, y))), [x]);
    expect(numbersOf(slopes[0] as Value, { x: [2, 1, 2], y: [2, 5, 0] })).toEqual([1, 0, 1.5]);
  });

  it('stay finite where a norm is zero', () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', [1, 3]), graph.input('y', [1, 3])];
    const loss = add(ops.sumAll(ops.l2Normalize(x)), ops.sumAll(ops.cosineSimilarity(x, y)));
    for (const slope of ops.gradients(loss, [x, y]))
      expect(numbersOf(slope, { x: [0, 0, 0], y: [1, 2, 3] }).every(Number.isFinite)).toBe(true);
  });
});
