/** Ownership and names of values, and what shape errors say. */
import { describe, expect, it } from 'vitest';
import * as ops from '../index.js';
import { Graph, printGraph, rewriteGraph, type Value } from '../index.js';
import { referenceKernels } from '../testing/index.js';

describe('Graph', () => {
  it('refuses values of another graph', () => {
    const [one, other] = [new Graph('one'), new Graph('other')];
    const [x, y] = [one.input('x', [2]), other.input('y', [2])];
    expect(() => ops.add(x, y)).toThrow(/y belongs to another graph/);
    expect(() => one.output(y, 'out')).toThrow(/another graph/);
  });

  it('refuses a name twice', () => {
    const graph = new Graph('g');
    const x = graph.input('x', [2]);
    expect(() => graph.input('x', [3])).toThrow(/already has a value named x/);
    expect(() => graph.initializer('x', { dtype: 'float32', shape: [1], data: new Float32Array(1) })).toThrow(
      /named x/,
    );
    expect(() => graph.output(ops.neg(x), 'x')).toThrow(/named x/);
    graph.output(ops.neg(x), 'y');
    expect(() => graph.output(ops.abs(x), 'y')).toThrow(/named y/);
  });

  it('gives way with the names it made up', () => {
    const graph = new Graph();
    const negated = ops.neg(graph.input('x', [2]));
    const wanted = negated.name;
    const input = graph.input(wanted, [2]);
    expect(input.name).toBe(wanted);
    expect(negated.name).not.toBe(wanted);
    expect(new Set([...graph.inputs, negated].map(({ name }) => name)).size).toBe(3);
  });

  it('copies inputs, initialisers and repeated values when they become outputs', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const y = ops.neg(x);
    graph.output(x, 'same');
    graph.output(y, 'y');
    graph.output(y, 'z');
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "input x: float32[2]
      y: float32[2] = Neg(x)
      same: float32[2] = Identity(x)
      z: float32[2] = Identity(y)
      return same, y, z"
    `);
  });

  it('shares small equal constants of one dtype', () => {
    const graph = new Graph();
    expect(graph.constant([1, 2], [2])).toBe(graph.constant([1, 2], [2]));
    expect(graph.constant([1, 2], [2])).not.toBe(graph.constant([1, 2], [2], 'float64'));
    expect(graph.constant([1, 2], [2])).not.toBe(graph.constant([1, 2], [1, 2]));
  });
});

describe('printGraph', () => {
  it('shows nodes, types, attributes and small constants', () => {
    const graph = new Graph();
    const [x, w] = [graph.input('x', [1, 2, 4, 4]), graph.input('w', [3, 2, 3, 3])];
    const y = ops.leakyRelu(ops.conv2d(x, w, { padding: 1, stride: 2 }), 0.25);
    graph.output(ops.sumAll(ops.mul(y, 0.5)), 'loss');
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "input x: float32[1, 2, 4, 4]
      input w: float32[3, 2, 3, 3]
      %0: float32[1, 3, 2, 2] = Conv(x, w) strides=[2 2] pads=[1 1 1 1] group=1 kernel_shape=[3 3]
      %1: float32[1, 3, 2, 2] = LeakyRelu(%0) alpha=0.25
      %2: float32[1, 3, 2, 2] = Mul(%1, (0.5))
      loss: float32[] = ReduceSum(%2, (0 1 2 3)) keepdims=0
      return loss"
    `);
  });
});

describe('rewriteGraph', () => {
  it('drops dead nodes and keeps inputs and output names', () => {
    const graph = new Graph();
    const [x, unused] = [graph.input('x', [2]), graph.input('unused', [2])];
    ops.exp(unused);
    ops.mul(ops.exp(x), 3);
    graph.output(ops.tanh(x), 'y');
    const copy = rewriteGraph(graph);
    expect(copy.nodes.map(({ opType }) => opType)).toEqual(['Tanh']);
    expect(copy.initializers.size).toBe(0);
    expect(copy.inputs.map(({ name }) => name)).toEqual(['x', 'unused']);
    expect(copy.outputs.map(({ name }) => name)).toEqual(['y']);
    expect(graph.nodes.length).toBe(4);
  });

  it('lets a pass replace a node', () => {
    const graph = new Graph();
    graph.output(ops.neg(ops.exp(graph.input('x', [2]))), 'y');
    const copy = rewriteGraph(graph, (node, inputs) =>
      node.opType === 'Exp' ? [ops.square(inputs[0] as Value)] : null,
    );
    expect(copy.nodes.map(({ opType }) => opType)).toEqual(['Mul', 'Neg']);
  });
});

describe('operators', () => {
  it('all have a reference kernel', () => {
    expect(ops.knownOperators.filter((name) => !referenceKernels[name])).toEqual([]);
    expect(Object.keys(referenceKernels).filter((name) => !ops.knownOperators.includes(name))).toEqual([]);
  });

  it('all have a gradient rule', () => {
    expect(ops.knownOperators.filter((name) => !ops.vjpRules[name])).toEqual([]);
  });

  const graph = new Graph();
  const value = (...shape: number[]): Value =>
    ops.neg(graph.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape));
  const wrong: Record<string, [RegExp, () => Value | Value[]]> = {
    broadcasting: [/\[2, 3\] and \[2, 4\] do not broadcast/, () => ops.add(value(2, 3), value(2, 4))],
    dtypes: [/float32 but .* is float64/, () => ops.add(value(2), graph.constant([1, 2], [2], 'float64'))],
    MatMul: [/\[2, 3\] × \[2, 3\] do not fit/, () => ops.matmul(value(2, 3), value(2, 3))],
    Gemm: [/\[2, 3\] and \[2, 3\] do not fit \(3 ≠ 2\)/, () => ops.gemm(value(2, 3), value(2, 3))],
    'the bias of Gemm': [
      /\[2, 4\] and \[3\] do not broadcast/,
      () => ops.gemm(value(2, 3), value(3, 4), { bias: value(3) }),
    ],
    'channels of Conv': [
      /\[1, 3, 4, 4\].*\[2, 2, 3, 3\].*1 groups/,
      () => ops.conv2d(value(1, 3, 4, 4), value(2, 2, 3, 3)),
    ],
    'the bias of Conv': [
      /bias has shape \[3\], expected \[2\]/,
      () => ops.conv2d(value(1, 2, 4, 4), value(2, 2, 3, 3), { bias: value(3) }),
    ],
    'a kernel larger than the image': [/larger/, () => ops.conv2d(value(1, 2, 2, 2), value(2, 2, 3, 3))],
    ConvTranspose: [/do not fit/, () => ops.convTranspose2d(value(1, 3, 4, 4), value(2, 2, 3, 3))],
    ConvWeightGradient: [
      /cotangent has shape \[1, 2, 3, 3\], expected \[1, 2, 2, 2\]/,
      () => ops.convWeightGradient(value(1, 2, 4, 4), value(1, 2, 3, 3), [3, 3], {}),
    ],
    Reshape: [/\[2, 3\] does not have the size of \[4, 2\]/, () => ops.reshape(value(2, 3), [4, 2])],
    'Reshape to an odd size': [/\[2, 3\] does not divide into \[4, -1\]/, () => ops.reshape(value(2, 3), [4, -1])],
    Transpose: [/no permutation/, () => ops.transpose(value(2, 3), [0, 0])],
    Concat: [/has shape \[0, 3\], expected \[0, 2\]/, () => ops.concat([value(1, 2), value(1, 3)], 0)],
    Split: [/add up to 4, axis 0 has 5/, () => ops.split(value(5), 0, [2, 2])],
    Expand: [/\[3\] and \[4\] do not broadcast/, () => ops.expand(value(3), [4])],
    Pad: [/not negative/, () => ops.pad(value(3), [-1], [0])],
    axes: [/axis 2 is out of range for rank 2/, () => ops.sum(value(2, 3), [2])],
    'Gather indices': [/expected int32 or int64/, () => ops.gather(value(3), value(2))],
    'ScatterElements updates': [
      /updates has shape \[2\], expected \[3\]/,
      () => ops.scatterAddElements(value(4), graph.constant([0, 1, 2], [3], 'int64'), value(2), 0),
    ],
    averagePool: [/does not divide into 2×2 blocks/, () => ops.averagePool(value(1, 1, 3, 4), 2)],
    groupNorm: [
      /5 channels do not divide into 2 groups/,
      () => ops.groupNorm(value(1, 5, 2, 2), 2, value(5), value(5)),
    ],
    'two numbers': [/at least one graph value/, () => ops.add(1, 2)],
  };
  for (const [what, [message, build]] of Object.entries(wrong))
    it(`say what is wrong with ${what}`, () => {
      expect(build).toThrow(message);
    });
});

describe('tensors', () => {
  it('must have the length their shape needs', () => {
    expect(() => ops.tensor('float32', [2, 3], new Float32Array(5))).toThrow(/\[2, 3\] needs 6 elements, got 5/);
    expect(() => ops.tensorFromNumbers('float16', [1], [1])).toThrow(/from bits/);
  });
});
