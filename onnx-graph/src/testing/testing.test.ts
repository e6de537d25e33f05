/** The tools that the other tests trust: known values of the reference kernels, and a checker that can fail. */
import { describe, expect, it } from 'vitest';
import * as ops from '../index.js';
import { Graph, type Value } from '../index.js';
import { errorFunction } from './elementwise-kernels.js';
import { centralDifferences, evaluate } from './index.js';
import { seededUniform, signedSample } from './samples.js';

const numbersOf = (value: Value, feeds: Record<string, number[]> = {}): number[] =>
  Array.from(evaluate([value], feeds)[0]?.data ?? []);

describe('the reference evaluator', () => {
  it('knows erf to double precision', () => {
    // Abramowitz & Stegun, table 7.1, and 1 − erfc for the larger ones.
    const known: [number, number][] = [
      [0, 0],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [2, 0.9953222650189527],
      [-3, -0.9999779095030014],
      [4, 0.9999999845827421],
    ];
    for (const [x, expected] of known) expect(Math.abs(errorFunction(x) - expected)).toBeLessThan(5e-16);
  });

  it('convolves like a calculation by hand', () => {
    const graph = new Graph();
    const x = graph.constant([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
    const w = graph.constant([1, 0, 0, -1], [1, 1, 2, 2]);
    expect(numbersOf(ops.conv2d(x, w))).toEqual([-4, -4, -4, -4]);
    expect(numbersOf(ops.conv2d(x, w, { stride: 2, padding: 1 }))).toEqual([-1, -3, -7, -4]);
    const small = graph.constant([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(numbersOf(ops.convTranspose2d(small, w))).toEqual([1, 2, 0, 3, 3, -2, 0, -3, -4]);
    expect(numbersOf(ops.convWeightGradient(x, small, [2, 2], {}))).toEqual([37, 47, 67, 77]);
  });

  it('is told about missing and misshapen feeds', () => {
    const graph = new Graph();
    const y = ops.neg(graph.input('x', [2]));
    expect(() => evaluate([y], {})).toThrow(/no numbers were given for the input x/);
    expect(() => evaluate([y], { x: [1] })).toThrow(/needs 2 numbers, got 1/);
  });

  it('refuses an index outside its tensor', () => {
    const graph = new Graph();
    const indices = graph.constant([3], [1], 'int64');
    expect(() => evaluate([ops.gather(graph.input('x', [3]), indices)], { x: [1, 2, 3] })).toThrow(
      /outside an axis of 3/,
    );
  });

  it('notices when inference promised another shape', () => {
    const graph = new Graph();
    const x = graph.input('x', [2]);
    const wrong = graph.addNode('Neg', [x], {}, [{ shape: [3], dtype: 'float32' }]).outputs[0] as Value;
    expect(() => evaluate([wrong], { x: [1, 2] })).toThrow(/Neg gives \[2\], inference said/);
  });
});

describe('centralDifferences', () => {
  const random = seededUniform(1);
  const check = (build: (x: Value) => Value, order: 1 | 2 = 1) =>
    centralDifferences({ build, inputs: [signedSample([3], random)], order, random });

  it('accepts a right gradient', () => {
    expect(check((x) => ops.mul(x, x)).relative).toBeLessThan(1e-8);
  });

  it('reports a wrong one, and where it is', () => {
    // Half of the dependence is hidden from the rules: the gradient is x instead of 2x.
    const error = check((x) => ops.mul(x, ops.stopGradient(x)));
    expect(error.relative).toBeGreaterThan(0.4);
    expect(error.at).toMatch(/input 0, entry \d/);
    expect(check((x) => ops.mul(ops.square(x), ops.stopGradient(x)), 2).relative).toBeGreaterThan(0.1);
  });

  it('reports a gradient that is no number', () => {
    expect(check((x) => ops.sqrt(ops.mul(x, 0))).relative).toBeNaN();
  });
});
