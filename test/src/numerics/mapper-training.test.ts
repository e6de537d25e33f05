/**
 * Case 05: thirty Adam steps of the Delta Mapper from stored weights on stored pairs. In double precision through the
 * reference evaluator (the arithmetic itself), and in float32 through the training runtime (what training really runs).
 */
import { createRunner, createTrainingSession } from '@deltaspace/daemon';
import {
  adamFactors,
  adamUpdate,
  bindParameters,
  buildTrainingStep,
  gradients,
  Graph,
  type ParameterScope,
  serializeModel,
  type Tensor,
  tensorFromNumbers,
  toNumbers,
  type Value,
} from '@deltaspace/onnx-graph';
import { evaluate } from '@deltaspace/onnx-graph/testing';
import { describe, expect, it } from 'vitest';
import { stateDict } from '../golden/torch-reader.js';
import { mapperObjective, mapperTrainingCase, predictDelta } from './mapper-training-case.js';

const fixture = mapperTrainingCase();

const largest = (numbers: readonly number[]): number => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const difference = (got: ArrayLike<number>, expected: readonly number[]): number =>
  got.length === expected.length ? largest(expected.map((value, k) => value - (got[k] ?? NaN))) : Infinity;
/** Row `step` of the stored `[steps, 3]` losses: total, squared error, 1 − cosine. */
const lossesAt = (losses: Tensor, step: number): number[] => toNumbers(losses).slice(step * 3, step * 3 + 3);

describe.skipIf(fixture === null)('case 05: Delta Mapper training', () => {
  if (fixture === null) return;
  const { golden, config, initial, batchOf, tolerance } = fixture;
  const optimizer = { beta1: config.betas[0], beta2: config.betas[1], epsilon: config.eps };

  it('derives conditions and targets from the pool', () => {
    const steps = Array.from({ length: config.steps }, (_, step) => batchOf(step));
    const conditions = toNumbers(golden.npy('batch_cond.npy'));
    expect(
      difference(
        steps.flatMap((batch) => batch.condition),
        conditions,
      ),
    ).toBeLessThan(1e-6);
    const targets = toNumbers(golden.npy('batch_delta_s.npy'));
    const got = steps.flatMap((batch) => batch.deltaStyle).slice(0, targets.length);
    expect(difference(got, targets)).toBeLessThan(1e-6 * largest(targets));
  });

  /** One step as float64 graph values, without the training-step assembly. */
  const doubleStep = () => {
    const graph = new Graph('mapper-float64');
    const weights = new Map<string, Value>();
    const scope: ParameterScope = (name, shape) => {
      const value = weights.get(name) ?? graph.input(`parameter/${name}`, shape, 'float64');
      weights.set(name, value);
      return value;
    };
    const objective = mapperObjective(graph, scope, config, 'float64');
    const slopes = gradients(objective.loss, [...weights.values()]);
    const input = (name: string) => graph.input(name, [], 'float64');
    const factors = adamFactors(optimizer, input('learningRate'), input('step'));
    const next = [...weights].flatMap(([name, parameter], k) => {
      const moment = (slot: string) => graph.input(`${slot}/${name}`, parameter.shape, 'float64');
      const state = { parameter, firstMoment: moment('firstMoment'), secondMoment: moment('secondMoment') };
      const updated = adamUpdate(state, slopes[k] as Value, factors, optimizer);
      return Object.entries(updated).map(([slot, value]) => ({ name: `${slot}/${name}`, value: value as Value }));
    });
    return { objective, weights, slopes, next };
  };
  const initialState = () => {
    const state: Record<string, ArrayLike<number>> = {};
    for (const [name, { data }] of initial) {
      state[`parameter/${name}`] = toNumbers({ dtype: 'float32', shape: [data.length], data });
      state[`firstMoment/${name}`] = new Float64Array(data.length);
      state[`secondMoment/${name}`] = new Float64Array(data.length);
    }
    return state;
  };

  it('predicts and differentiates step 0 in double precision', () => {
    const { objective, weights, slopes } = doubleStep();
    expect([...weights.keys()].sort()).toEqual([...initial.keys()].sort());
    const [prediction, ...got] = evaluate([objective.prediction, ...slopes], { ...initialState(), ...batchOf(0) });
    const expected = toNumbers(golden.npy('prediction_step0.npy'));
    expect(difference(prediction?.data ?? [], expected)).toBeLessThan(1e-6 * largest(expected));
    const stored = stateDict(golden.torch('gradients_step0.pt'));
    [...weights.keys()].forEach((name, k) => {
      const slope = toNumbers(stored.get(name) as Tensor);
      const error = difference(got[k]?.data ?? [], slope);
      expect(error, name).toBeLessThanOrEqual(tolerance('gradients_step0') * largest(slope));
    });
  });

  it('follows the float64 loss curve to the last step', () => {
    const { objective, next } = doubleStep();
    const { loss, metrics = {} } = objective;
    const losses = golden.npy('losses_float64.npy');
    const values = [
      loss,
      metrics['squared'] as Value,
      metrics['direction'] as Value,
      ...next.map(({ value }) => value),
    ];
    let state: Record<string, ArrayLike<number>> = initialState();
    for (let step = 0; step < config.steps; step++) {
      const feeds = { ...state, ...batchOf(step), learningRate: [config.lr], step: [step + 1] };
      const results = evaluate(values, feeds);
      lossesAt(losses, step).forEach((expected, k) => {
        const error = Math.abs((results[k]?.data[0] ?? NaN) - expected);
        expect(error, `step ${step}, term ${k}`).toBeLessThanOrEqual(tolerance('losses_float64') * Math.abs(expected));
      });
      state = Object.fromEntries(
        next.map(({ name }, k) => [name, results[k + 3]?.data ?? new Float64Array()] as const),
      );
    }
    for (const [name, stored] of stateDict(golden.torch('final_float64.pt'))) {
      const expected = toNumbers(stored);
      expect(difference(state[`parameter/${name}`] ?? [], expected), name).toBeLessThan(1e-6 * largest(expected));
    }
  }, 180_000);

  for (const placement of ['graph', 'host'] as const)
    for (const path of ['public', 'auto'] as const)
      it(`reproduces the float32 run (optimiser in the ${placement}, ${path} path)`, async () => {
        const step = buildTrainingStep({
          build: (graph, scope) => mapperObjective(graph, scope, config),
          optimizer,
          placement,
        });
        const session = await createTrainingSession(step, { threads: 1, path });
        try {
          for (const [name, { data }] of initial) session.setState(`parameter/${name}`, data as Float32Array);
          const losses = golden.npy('losses_float32.npy');
          for (let k = 0; k < config.steps; k++) {
            for (const [name, numbers] of Object.entries(batchOf(k))) (session.data[name] as Float32Array).set(numbers);
            const metrics = await session.run({ learningRate: config.lr, step: k + 1 });
            const got = [metrics['loss'], metrics['squared'], metrics['direction']];
            lossesAt(losses, k).forEach((expected, term) => {
              const error = Math.abs((got[term] ?? NaN) - expected);
              expect(error, `step ${k}, term ${term}`).toBeLessThanOrEqual(tolerance('losses_float32') * expected);
            });
          }
          const final = new Map([...initial.keys()].map((name) => [name, session.getState(`parameter/${name}`)]));
          for (const [name, stored] of stateDict(golden.torch('final_float32.pt'))) {
            const error = difference(final.get(name) ?? [], toNumbers(stored));
            expect(error, name).toBeLessThanOrEqual(tolerance('final_parameters'));
          }
          const expected = toNumbers(golden.npy('final_prediction.npy'));
          const prediction = await predictWith(final);
          expect(difference(prediction, expected)).toBeLessThanOrEqual(
            tolerance('final_prediction') * largest(expected),
          );
        } finally {
          await session.dispose();
        }
      });

  /** Output of the network with these weights on the batch of step 0, through onnxruntime. */
  const predictWith = async (weights: ReadonlyMap<string, Float32Array>): Promise<number[]> => {
    const tensors = new Map(
      [...initial].map(([name, { shape }]) => {
        const tensor: Tensor = { dtype: 'float32', shape, data: weights.get(name) ?? new Float32Array() };
        return [name, tensor] as const;
      }),
    );
    const graph = new Graph('mapper');
    const s = graph.input('s', [config.batch, config.s_total]);
    const condition = graph.input('condition', [config.batch, 2 * config.clip_dim]);
    graph.output(predictDelta(bindParameters(graph, tensors), config, s, condition), 'delta');
    const runner = await createRunner(serializeModel(graph), { threads: 1 });
    try {
      const batch = batchOf(0);
      const results = await runner.run({
        s: tensorFromNumbers('float32', s.shape, batch.s),
        condition: tensorFromNumbers('float32', condition.shape, batch.condition),
      });
      return toNumbers(results['delta'] as Tensor);
    } finally {
      await runner.dispose();
    }
  };
});
