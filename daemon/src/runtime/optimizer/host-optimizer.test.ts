/** The SIMD kernel against the same arithmetic in plain code, bit for bit, and independent of the number of threads. */

import { describe, expect, it } from 'vitest';
import { createHostOptimizer, type HostOptimizer } from './host-optimizer.js';

const PARAMETERS = [
  { name: 'weight', shape: [37, 29], learningRateScale: 1 }, // not a multiple of a vector
  { name: 'bias', shape: [3], learningRateScale: 0.1 },
  { name: 'scalar', shape: [], learningRateScale: 2 },
  { name: 'large', shape: [64, 129], learningRateScale: 1 },
];
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.02 };
const STEPS = 7;
const LEARNING_RATE = 0.01;

const valueAt = (salt: number, i: number): number => Math.fround(Math.sin(salt * 12.9898 + i * 78.233) * 0.5);

function setUp(threads: number, averageDecay: number | null): HostOptimizer {
  const optimizer = createHostOptimizer(PARAMETERS, { adam: ADAM, averageDecay, threads });
  for (const { name } of PARAMETERS) {
    const parameter = optimizer.arrays.get(`parameter/${name}`)!;
    parameter.forEach((_, i) => (parameter[i] = valueAt(1, i)));
    optimizer.arrays.get(`average/${name}`)?.set(parameter);
  }
  return optimizer;
}

function setGradients(arrays: HostOptimizer['arrays'], step: number): void {
  for (const { name } of PARAMETERS) {
    const gradient = arrays.get(`gradient/${name}`)!;
    gradient.forEach((_, i) => (gradient[i] = valueAt(step + 1, i)));
  }
}

/** Runs and returns copies of everything but the gradients. */
async function run(threads: number, averageDecay: number | null): Promise<[string, Float32Array][]> {
  const optimizer = setUp(threads, averageDecay);
  for (let step = 1; step <= STEPS; step++) {
    setGradients(optimizer.arrays, step);
    optimizer.update(LEARNING_RATE, step);
  }
  const result = [...optimizer.arrays].map(([name, array]): [string, Float32Array] => [name, array.slice()]);
  await optimizer.dispose();
  return result;
}

/** The update in float32, one rounding per operation, in the kernel's order. */
function reference(name: string, scale: number, count: number, averageDecay: number) {
  const f = Math.fround;
  const state = { parameter: new Float32Array(count), firstMoment: new Float32Array(count) };
  const rest = { secondMoment: new Float32Array(count), average: new Float32Array(count) };
  state.parameter.forEach((_, i) => (state.parameter[i] = rest.average[i] = valueAt(1, i)));
  for (let step = 1; step <= STEPS; step++) {
    const root = Math.sqrt(1 - ADAM.beta2 ** step);
    const stepSize = f((LEARNING_RATE * scale * root) / (1 - ADAM.beta1 ** step));
    const epsilon = f(ADAM.epsilon * root);
    const decay = f(1 - LEARNING_RATE * scale * ADAM.weightDecay);
    for (let i = 0; i < count; i++) {
      const g = valueAt(step + 1, i);
      const m = f(f(state.firstMoment[i]! * f(ADAM.beta1)) + f(g * f(1 - ADAM.beta1)));
      const v = f(f(rest.secondMoment[i]! * f(ADAM.beta2)) + f(f(g * g) * f(1 - ADAM.beta2)));
      const direction = f(m / f(f(Math.sqrt(v)) + epsilon));
      const p = f(f(state.parameter[i]! * decay) - f(direction * stepSize));
      const average = rest.average[i]!;
      rest.average[i] = f(average + f(f(p - average) * f(1 - averageDecay)));
      state.firstMoment[i] = m;
      rest.secondMoment[i] = v;
      state.parameter[i] = p;
    }
  }
  return Object.entries({ ...state, ...rest }).map(([role, data]): [string, Float32Array] => [`${role}/${name}`, data]);
}

describe('the host optimiser', () => {
  it('computes Adam with decay and average, bit for bit', async () => {
    const got = new Map(await run(1, 0.95));
    for (const { name, shape, learningRateScale } of PARAMETERS) {
      const count = shape.reduce((product, extent) => product * extent, 1);
      for (const [key, expected] of reference(name, learningRateScale, count, 0.95)) {
        expect(got.get(key), key).toEqual(expected);
      }
    }
  });

  it('gives the same bits on one, two and three threads, with and without an average', async () => {
    for (const averageDecay of [null, 0.9]) {
      const one = await run(1, averageDecay);
      expect(one.some(([name]) => name.startsWith('average/'))).toBe(averageDecay !== null);
      for (const threads of [2, 3]) expect(await run(threads, averageDecay)).toEqual(one);
    }
  });

  it('refuses more state than the address space holds', () => {
    const huge = [{ name: 'huge', shape: [300_000_000], learningRateScale: 1 }];
    const options = { adam: ADAM, averageDecay: null, threads: 1 };
    expect(() => createHostOptimizer(huge, options)).toThrow('takes 4.5 GiB, at most 4 are possible');
  });
});
