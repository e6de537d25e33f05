/** Lowering against the direct definition: the reference evaluator sums the products of a weight gradient one by one. */
import { describe, expect, it } from 'vitest';
import { Graph } from '../ir/graph.js';
import { sizeOf } from '../ir/shape.js';
import { conv2d, type ConvGeometry, convWeightGradient } from '../ops/convolution.js';
import { mul, stopGradient } from '../ops/elementwise.js';
import { evaluateGraph } from '../testing/index.js';
import { seededUniform, signedSample } from '../testing/samples.js';
import { lowerGraph } from './lower.js';
import { printGraph } from './print.js';

interface Case extends ConvGeometry {
  readonly name: string;
  readonly x: readonly number[];
  readonly outChannels: number;
  readonly kernel: readonly number[];
}

const cases: Case[] = [
  { name: 'dense', x: [2, 3, 5, 4], outChannels: 4, kernel: [3, 3], padding: 1 },
  { name: 'dense 1×1', x: [2, 3, 5, 4], outChannels: 4, kernel: [1, 1] },
  { name: 'dense 1×1 with stride', x: [2, 3, 5, 4], outChannels: 4, kernel: [1, 1], stride: 2 },
  { name: '1×1 with padding', x: [1, 2, 3, 4], outChannels: 3, kernel: [1, 1], padding: 1 },
  { name: 'strided', x: [2, 2, 7, 6], outChannels: 3, kernel: [3, 3], stride: 2, padding: 1 },
  { name: 'patches', x: [1, 3, 8, 12], outChannels: 5, kernel: [4, 4], stride: 4 },
  { name: 'oblong kernel', x: [2, 2, 5, 6], outChannels: 3, kernel: [2, 3] },
  { name: 'grouped', x: [2, 4, 5, 5], outChannels: 6, kernel: [3, 3], padding: 1, groups: 2 },
  { name: 'grouped and strided', x: [1, 6, 5, 7], outChannels: 3, kernel: [3, 3], stride: 2, groups: 3 },
  { name: 'depthwise', x: [2, 5, 6, 5], outChannels: 5, kernel: [3, 3], padding: 1, groups: 5 },
  { name: 'depthwise and strided', x: [2, 4, 7, 6], outChannels: 4, kernel: [3, 3], stride: 2, padding: 1, groups: 4 },
  { name: 'depthwise with a multiplier', x: [2, 2, 4, 4], outChannels: 4, kernel: [3, 3], padding: 1, groups: 2 },
  { name: 'one-dimensional', x: [2, 3, 9], outChannels: 4, kernel: [3], padding: 1 },
  { name: 'one-dimensional 1', x: [2, 3, 9], outChannels: 4, kernel: [1] },
  { name: 'one-dimensional, strided and depthwise', x: [2, 3, 9], outChannels: 3, kernel: [3], stride: 2, groups: 3 },
];

/** d loss/d weight as a graph of one `ConvWeightGradient`. */
function weightGradientGraph({ x, outChannels, kernel, ...geometry }: Case): Graph {
  const graph = new Graph();
  const input = graph.input('x', x);
  const weight = graph.input('w', [outChannels, (x[1] ?? 0) / (geometry.groups ?? 1), ...kernel]);
  const cotangent = graph.input('d', conv2d(input, weight, geometry).shape);
  graph.output(convWeightGradient(input, cotangent, kernel, geometry), 'g');
  return graph;
}

describe('lowerGraph', () => {
  for (const form of ['shifts', 'gather'] as const)
    for (const spec of cases)
      it(`computes the weight gradient of a ${spec.name} convolution (${form})`, () => {
        const graph = weightGradientGraph(spec);
        const lowered = lowerGraph(graph, form);
        const random = seededUniform(5);
        const feeds = Object.fromEntries(
          graph.inputs.map(({ name, shape }) => [name, signedSample(shape, random).numbers] as const),
        );
        const [expected, got] = [evaluateGraph(graph, feeds)['g'], evaluateGraph(lowered, feeds)['g']];
        expect(lowered.nodes.every((node) => node.domain === '')).toBe(true);
        expect(got?.shape).toEqual(expected?.shape);
        expect(sizeOf(got?.shape ?? [0])).toBeGreaterThan(0);
        got?.data.forEach((value, k) => expect(value).toBeCloseTo(expected?.data[k] ?? NaN, 10));
      });

  it('replaces stopGradient by its argument, also when that is an input', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    graph.output(stopGradient(x), 'same');
    graph.output(mul(stopGradient(x), 2), 'twice');
    const lowered = lowerGraph(graph);
    expect(evaluateGraph(lowered, { x: [3, 4] })['same']?.data).toEqual(Float64Array.of(3, 4));
    expect(printGraph(lowered)).toMatchInlineSnapshot(`
      "input x: float32[2]
      twice: float32[2] = Mul(x, (2))
      same: float32[2] = Identity(x)
      return same, twice"
    `);
  });
});
