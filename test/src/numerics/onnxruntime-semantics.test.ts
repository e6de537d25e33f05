/**
 * Operators whose meaning on onnxruntime our gradients lean on, against the reference evaluator: repeated indices, negative
 * and int32 indices, ties, infinities, backward slices, and an evaluation of every operator we know.
 */
import { createRunner } from '@deltaspace/daemon';
import * as ops from '@deltaspace/onnx-graph';
import { Graph, serializeModel, type Tensor, tensorFromNumbers, toNumbers, type Value } from '@deltaspace/onnx-graph';
import { evaluateGraph } from '@deltaspace/onnx-graph/testing';
import { describe, expect, it } from 'vitest';

type Feeds = Record<string, Tensor>;

const float = (shape: readonly number[], numbers: readonly number[]) => tensorFromNumbers('float32', shape, numbers);

async function runBoth(feeds: Feeds, build: (inputs: Record<string, Value>) => Value, threads = 1) {
  const graph = new Graph('semantics');
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, dtype }]) => [name, graph.input(name, shape, dtype)] as const),
  );
  graph.output(build(inputs), 'y');
  const numbers = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toNumbers(value)] as const));
  const reference = Array.from(evaluateGraph(graph, numbers)['y']?.data ?? []);
  const runner = await createRunner(serializeModel(graph), { threads });
  try {
    const runs = [await runner.run(feeds), await runner.run(feeds)].map(({ y }) => toNumbers(y as Tensor));
    return { reference, got: runs[0] ?? [], again: runs[1] ?? [] };
  } finally {
    await runner.dispose();
  }
}

describe('onnxruntime agrees with the reference evaluator', () => {
  const cases: Record<string, { feeds: Feeds; build: (inputs: Record<string, Value>) => Value }> = {
    'ScatterElements adds at repeated and negative indices': {
      feeds: {
        base: float([3, 2], [1, 2, 3, 4, 5, 6]),
        indices: tensorFromNumbers('int64', [4, 2], [0, 0, 0, 2, 0, -1, 1, -3]),
        updates: float([4, 2], [10, 20, 30, 40, 50, 60, 70, 80]),
      },
      build: ({ base, indices, updates }) =>
        ops.scatterAddElements(base as Value, indices as Value, updates as Value, 0),
    },
    'ScatterElements takes int32 indices along the last axis': {
      feeds: {
        base: float([2, 3], [0, 0, 0, 0, 0, 0]),
        indices: tensorFromNumbers('int32', [2, 4], [0, 0, 2, 2, 1, 1, 1, 0]),
        updates: float([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]),
      },
      build: ({ base, indices, updates }) =>
        ops.scatterAddElements(base as Value, indices as Value, updates as Value, -1),
    },
    'Gather takes int32 and negative indices': {
      feeds: { x: float([3, 2], [1, 2, 3, 4, 5, 6]), indices: tensorFromNumbers('int32', [2, 2], [2, 0, -1, 1]) },
      build: ({ x, indices }) => ops.gather(x as Value, indices as Value, 0),
    },
    'Where, Greater and Equal on floats': {
      feeds: { a: float([6], [1, 2, 3, -0, 0.5, 7]), b: float([6], [1, 3, 2, 0, 0.5, -7]) },
      build: ({ a, b }) =>
        ops.where(ops.equal(a as Value, b as Value), 5, ops.where(ops.greater(a as Value, b as Value), a as Value, -1)),
    },
    'Clip keeps its bounds': {
      feeds: { x: float([5], [-2, -1, 0.25, 1, 2]) },
      build: ({ x }) => ops.clamp(x as Value, -1, 1),
    },
    'Sign at zero': { feeds: { x: float([3], [-2, 0, 3]) }, build: ({ x }) => ops.sign(x as Value) },
    'softmax beside minus infinity': {
      feeds: { x: float([1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]) },
      build: ({ x }) => ops.softmax(ops.add(x as Value, ops.causalMask(x as Value, 3))),
    },
    'slices that run backwards and skip': {
      feeds: {
        x: float(
          [2, 7],
          Array.from({ length: 14 }, (_, k) => k),
        ),
      },
      build: ({ x }) => ops.slice(ops.flip(x as Value, [0]), 1, 5, 0, -2),
    },
    'MaxPool takes the first of equal elements': {
      feeds: { x: float([1, 1, 2, 4], [3, 3, 1, 2, 3, 3, 2, 2]) },
      build: ({ x }) => {
        const y = ops.maxPool2d(x as Value, { kernel: 2, stride: 2 });
        return ops.gradients(ops.sumAll(ops.square(y)), [x as Value])[0] as Value;
      },
    },
    'MaxPool that rounds up drops a window behind the image': {
      feeds: { x: float([1, 1, 1, 6], [1, 5, 2, 4, 3, 6]) },
      build: ({ x }) => ops.maxPool2d(x as Value, { kernel: 1, stride: 2, ceilMode: true }),
    },
    'Erf, Softplus and the rest of the smooth functions far out': {
      feeds: { x: float([7], [-30, -5, -1, 0, 1, 5, 30]) },
      build: ({ x }) =>
        ops.concat(
          [ops.erf, ops.softplus, ops.sigmoid, ops.tanh].map((f) => f(x as Value)),
          0,
        ),
    },
    'Cast between floats, integers and booleans': {
      feeds: { x: float([4], [-1.7, 0, 0.4, 2.9]) },
      build: ({ x }) =>
        ops.add(ops.cast(ops.cast(x as Value, 'int32'), 'float32'), ops.cast(ops.cast(x as Value, 'bool'), 'float32')),
    },
  };

  for (const [name, { feeds, build }] of Object.entries(cases))
    it(name, async () => {
      const { reference, got } = await runBoth(feeds, build);
      expect(got.length).toBe(reference.length);
      got.forEach((value, k) => expect(value).toBeCloseTo(reference[k] ?? NaN, 5));
    });

  it('adds scattered rows in one order, with many threads too', async () => {
    const rows = 4096;
    const feeds = {
      x: float(
        [8, 16],
        Array.from({ length: 128 }, (_, k) => Math.sin(k)),
      ),
      ids: tensorFromNumbers(
        'int64',
        [rows],
        Array.from({ length: rows }, (_, k) => (k * k + 3 * k) % 8),
      ),
    };
    const build = ({ x, ids }: Record<string, Value>) => {
      const picked = ops.gather(x as Value, ids as Value, 0);
      return ops.gradients(ops.sumAll(ops.exp(picked)), [x as Value])[0] as Value;
    };
    const [one, two] = [await runBoth(feeds, build, 1), await runBoth(feeds, build, 2)];
    expect(one.again).toEqual(one.got);
    expect(two.got).toEqual(one.got);
    // Adding one number about a thousand times in float32 rounds the same way every time: the error grows with the count.
    const scale = Math.max(...one.reference.map(Math.abs));
    one.got.forEach((value, k) => expect(Math.abs(value - (one.reference[k] ?? NaN))).toBeLessThan(1e-4 * scale));
  });
});
