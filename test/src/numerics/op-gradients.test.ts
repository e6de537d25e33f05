/**
 * Case 13: every operator of the fixture, forward and backward, once through the reference evaluator in double precision and
 * once through onnxruntime in float32 from serialised bytes.
 */
import { createRunner } from '@deltaspace/daemon';
import { gradients, Graph, serializeModel, type Tensor, toNumbers, type Value } from '@deltaspace/onnx-graph';
import { evaluateGraph } from '@deltaspace/onnx-graph/testing';
import { describe, expect, it } from 'vitest';
import { goldenCase } from '../golden/golden-files.js';
import { builderOf, candidatesOf } from './op-builders.js';
import type { OpCase } from './op-case.js';

const golden = goldenCase('13_op_gradients');

interface Built {
  readonly graph: Graph;
  readonly feeds: Record<string, Tensor>;
  /** Fixture file of every graph output. */
  readonly expected: Record<string, Tensor>;
}

describe.skipIf(golden === null)('case 13: single operators', () => {
  if (golden === null) return;
  const entries = golden.json('ops.json') as OpCase[];
  const tolerance = golden.tolerance as { forward: number; gradient: number };

  /** The operator with its gradients: outputs `out` and `grad_<input>`, fed with the inputs and `grad_out`. */
  const build = (entry: OpCase): Built => {
    const file = (name: string) => golden.npy(`${entry.op}/${name}.npy`);
    const graph = new Graph(entry.op);
    const names = Object.keys(entry.inputs);
    const fed = [...names.map((name) => [name, file(`in_${name}`)] as const), ['grad_out', file('grad_out')] as const];
    const values = new Map(fed.map(([name, { shape }]) => [name, graph.input(name, shape)]));
    const out = builderOf(entry.op)(Object.fromEntries(names.map((name) => [name, values.get(name) as Value])), entry);
    const active = names.filter((name) => !entry.no_gradient.includes(name));
    const slopes = gradients(
      out,
      active.map((name) => values.get(name) as Value),
      values.get('grad_out'),
    );
    graph.output(out, 'out');
    active.forEach((name, k) => graph.output(slopes[k] as Value, `grad_${name}`));
    const expected = Object.fromEntries(graph.outputs.map(({ name }) => [name, file(name)] as const));
    return { graph, feeds: Object.fromEntries(fed), expected };
  };

  const inDoublePrecision = ({ graph, feeds }: Built) =>
    evaluateGraph(graph, Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toNumbers(value)])));

  /** Builds the entry; where it leaves a parameter open, the candidate whose forward result is the stored one. */
  const resolve = (entry: OpCase): Built => {
    const built = candidatesOf(entry).map(build);
    const fits = (candidate: Built) =>
      relativeError(inDoublePrecision(candidate)['out']?.data ?? [], toNumbers(candidate.expected['out'] as Tensor)) <=
      tolerance.forward;
    return built.length === 1 ? (built[0] as Built) : (built.find(fits) ?? (built[0] as Built));
  };

  const check = (name: string, got: ArrayLike<number>, expected: Tensor) => {
    const allowed = name === 'out' ? tolerance.forward : tolerance.gradient;
    expect(relativeError(got, toNumbers(expected)), name).toBeLessThanOrEqual(allowed);
  };

  it('lists operators', () => {
    expect(entries.length).toBeGreaterThan(0);
  });

  for (const entry of entries) {
    it(`${entry.op} agrees in double precision`, () => {
      const built = resolve(entry);
      const { expected } = built;
      const results = inDoublePrecision(built);
      for (const [name, value] of Object.entries(expected)) {
        expect(results[name]?.shape, name).toEqual(value.shape);
        check(name, results[name]?.data ?? [], value);
      }
    });

    it(`${entry.op} agrees in float32 on onnxruntime`, async () => {
      const { graph, feeds, expected } = resolve(entry);
      const runner = await createRunner(serializeModel(graph), { threads: 1 });
      try {
        const results = await runner.run(feeds);
        for (const [name, value] of Object.entries(expected)) {
          expect(results[name]?.shape, name).toEqual(value.shape);
          check(name, toNumbers(results[name] as Tensor), value);
        }
      } finally {
        await runner.dispose();
      }
    });
  }
});

/** Largest difference, relative to the largest expected value; infinite when something is not a number. */
function relativeError(got: ArrayLike<number>, expected: readonly number[]): number {
  if (got.length !== expected.length) return Infinity;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = expected.reduce((most, value, k) => {
    const difference = Math.abs(value - (got[k] ?? NaN));
    return difference <= most ? most : Number.isNaN(difference) ? Infinity : difference;
  }, 0);
  return worst === 0 ? 0 : worst / largest;
}
