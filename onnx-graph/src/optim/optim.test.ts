/** The optimiser fragments and the assembled training step against plain loops written from the papers' formulas. */
import { describe, expect, it } from 'vitest';
import * as ops from '../index.js';
import { buildTrainingStep, Graph, type ParameterScope, type TrainingStepOptions, type Value } from '../index.js';
import { evaluate, evaluateGraph } from '../testing/index.js';
import { seededUniform, signedSample } from '../testing/samples.js';

const random = seededUniform(11);
const sample = (...shape: number[]): number[] => [...signedSample(shape, random).numbers];
const inputs = sample(4, 3);
const targets = sample(4, 2);
const initial = { weight: sample(2, 3), bias: sample(2), offset: sample(2), noise: sample(2) };

/** Linear regression, y ≈ x·wᵀ + b + offset + noise; `offset` is frozen by name, `noise` by its learning rate. */
function regression(graph: Graph, scope: ParameterScope) {
  const zero = { kind: 'constant', value: 0 } as const;
  const weight = scope('weight', [2, 3], zero);
  const bias = scope('bias', [2], { ...zero, learningRateScale: 0.1 });
  const fixed = ops.add(scope('offset', [2], zero), scope('noise', [2], { ...zero, learningRateScale: 0 }));
  const y = ops.add(ops.linear(graph.input('x', [4, 3]), weight, bias), fixed);
  return {
    loss: ops.meanSquaredError(y, graph.input('y', [4, 2])),
    metrics: { first: ops.slice(ops.reshape(y, [8]), 0, 0, 1) },
  };
}

/** Loss and gradients of `regression` by hand: d mean(e²) = 2e/8. */
function regressionByHand(weight: readonly number[], bias: readonly number[]) {
  const gradients = { weight: new Array<number>(6).fill(0), bias: [0, 0] };
  let loss = 0;
  for (let n = 0; n < 4; n++)
    for (let j = 0; j < 2; j++) {
      let error = (bias[j] ?? 0) + (initial.offset[j] ?? 0) + (initial.noise[j] ?? 0) - (targets[n * 2 + j] ?? 0);
      for (let i = 0; i < 3; i++) error += (inputs[n * 3 + i] ?? 0) * (weight[j * 3 + i] ?? 0);
      loss += (error * error) / 8;
      gradients.bias[j] = (gradients.bias[j] ?? 0) + error / 4;
      for (let i = 0; i < 3; i++)
        gradients.weight[j * 3 + i] = (gradients.weight[j * 3 + i] ?? 0) + (error / 4) * (inputs[n * 3 + i] ?? 0);
    }
  return { loss, gradients };
}

interface Settings {
  readonly weightDecay: number;
  readonly clipNorm: number | null;
  readonly decay: number;
}

const rates = { weight: 1, bias: 0.1 };
const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
const learningRateAt = (step: number): number => 0.05 / step;

/** Adam as in the paper (AdamW's decay, clipping, averages on top), in doubles. */
function trainByHand({ weightDecay, clipNorm, decay }: Settings, steps: number) {
  const tensors = (['weight', 'bias'] as const).map((name) => ({
    name,
    value: [...initial[name]],
    m: initial[name].map(() => 0),
    v: initial[name].map(() => 0),
    average: [...initial[name]],
  }));
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const { loss, gradients } = regressionByHand(tensors[0]?.value ?? [], tensors[1]?.value ?? []);
    losses.push(loss);
    const norm = Math.hypot(...gradients.weight, ...gradients.bias);
    const factor = clipNorm === null ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
    for (const { name, value, m, v, average } of tensors) {
      const rate = learningRateAt(step) * rates[name];
      value.forEach((old, k) => {
        const g = (gradients[name][k] ?? 0) * factor;
        m[k] = beta1 * (m[k] ?? 0) + (1 - beta1) * g;
        v[k] = beta2 * (v[k] ?? 0) + (1 - beta2) * g * g;
        const direction = (m[k] ?? 0) / (1 - beta1 ** step) / (Math.sqrt((v[k] ?? 0) / (1 - beta2 ** step)) + epsilon);
        value[k] = old * (1 - rate * weightDecay) - rate * direction;
        average[k] = decay * (average[k] ?? 0) + (1 - decay) * (value[k] ?? 0);
      });
    }
  }
  return { tensors, losses };
}

function trainByGraph({ weightDecay, clipNorm, decay }: Settings, steps: number) {
  const step = buildTrainingStep({
    build: regression,
    optimizer: { beta1, beta2, epsilon, weightDecay },
    frozen: (name) => name === 'offset',
    ema: { decay },
    ...(clipNorm === null ? {} : { clipNorm }),
  });
  const state: Record<string, ArrayLike<number>> = {};
  for (const [name, numbers] of Object.entries(initial)) {
    state[`parameter/${name}`] = numbers;
    state[`average/${name}`] = numbers;
    for (const slot of ['firstMoment', 'secondMoment']) state[`${slot}/${name}`] = numbers.map(() => 0);
  }
  const losses: number[] = [];
  for (let k = 1; k <= steps; k++) {
    const feeds = { ...state, x: inputs, y: targets, learningRate: [learningRateAt(k)], step: [k] };
    const results = evaluateGraph(step.graph, feeds);
    losses.push(results['metric/loss']?.data[0] ?? NaN);
    for (const [name, { data }] of Object.entries(results))
      if (name.startsWith('next/')) state[name.slice('next/'.length)] = data;
  }
  return { state, losses };
}

/** The graph's constants (β, 1−β, …) are float32: each is off by up to 6e-8 of itself. */
const tolerance = 2e-6;
function expectClose(got: ArrayLike<number> | undefined, expected: readonly number[]): void {
  expect(got?.length).toBe(expected.length);
  expected.forEach((value, k) => expect(Math.abs((got?.[k] ?? NaN) - value)).toBeLessThan(tolerance));
}

describe('buildTrainingStep', () => {
  const settings: Record<string, Settings> = {
    Adam: { weightDecay: 0, clipNorm: null, decay: 0.9 },
    'Adam with clipping': { weightDecay: 0, clipNorm: 0.3, decay: 0.5 },
    AdamW: { weightDecay: 0.1, clipNorm: null, decay: 0.99 },
    'AdamW with clipping that does not bind': { weightDecay: 0.02, clipNorm: 1e3, decay: 0 },
  };
  for (const [name, setting] of Object.entries(settings))
    it(`follows ${name} for 20 steps, with averages and a learning rate per tensor`, () => {
      const [byHand, byGraph] = [trainByHand(setting, 20), trainByGraph(setting, 20)];
      expectClose(byGraph.losses, byHand.losses);
      for (const { name: tensor, value, m, v, average } of byHand.tensors) {
        expectClose(byGraph.state[`parameter/${tensor}`], value);
        expectClose(byGraph.state[`firstMoment/${tensor}`], m);
        expectClose(byGraph.state[`secondMoment/${tensor}`], v);
        expectClose(byGraph.state[`average/${tensor}`], average);
      }
      expect(byGraph.losses.at(-1)).toBeLessThan(byGraph.losses[0] ?? 0);
    });

  const build = (options: Partial<TrainingStepOptions> = {}) =>
    buildTrainingStep({ build: regression, optimizer: { beta1, beta2, epsilon }, ...options });

  it('names its inputs and outputs as the runtime expects', () => {
    const { graph, parameters, data, metrics, slots, flopsPerStep } = build({ frozen: (name) => name === 'offset' });
    expect(graph.inputs.map(({ name }) => name)).toEqual([
      ...[
        'parameter/weight',
        'parameter/bias',
        'parameter/offset',
        'parameter/noise',
        'x',
        'y',
        'learningRate',
        'step',
      ],
      ...['firstMoment/weight', 'secondMoment/weight', 'firstMoment/bias', 'secondMoment/bias'],
    ]);
    expect(graph.outputs.map(({ name }) => name)).toEqual([
      ...['weight', 'bias'].flatMap((name) =>
        ['parameter', 'firstMoment', 'secondMoment'].map((slot) => `next/${slot}/${name}`),
      ),
      ...['metric/loss', 'metric/first'],
    ]);
    expect(parameters.map(({ name, frozen }) => [name, frozen])).toEqual([
      ['weight', false],
      ['bias', false],
      ['offset', true],
      ['noise', true],
    ]);
    expect(data.map(({ name, shape }) => [name, shape])).toEqual([
      ['x', [4, 3]],
      ['y', [4, 2]],
    ]);
    expect(metrics).toEqual(['loss', 'first']);
    expect(slots).toEqual(['parameter', 'firstMoment', 'secondMoment']);
    // Forward 4·3·2 multiply-adds, and as many again for the weight's gradient.
    expect(flopsPerStep).toBe(2 * 2 * 24);
  });

  it('returns gradients instead of updates when the host optimises', () => {
    const { graph } = build({ placement: 'host', clipNorm: 0.3 });
    expect(graph.inputs.map(({ name }) => name)).not.toContain('learningRate');
    const feeds = Object.fromEntries(Object.entries(initial).map(([name, numbers]) => [`parameter/${name}`, numbers]));
    const results = evaluateGraph(graph, { ...feeds, x: inputs, y: targets });
    const { loss, gradients } = regressionByHand(initial.weight, initial.bias);
    expectClose(results['metric/loss']?.data, [loss]);
    // Unfrozen here, so `offset` takes part in the norm with the same gradient as the bias.
    const norm = Math.hypot(...gradients.weight, ...gradients.bias, ...gradients.bias);
    const factor = Math.min(1, 0.3 / (norm + 1e-6));
    expect(factor).toBeLessThan(1);
    expectClose(
      results['gradient/weight']?.data,
      gradients.weight.map((slope) => slope * factor),
    );
  });

  it('refuses a loss that is no scalar and parameters asked for with two shapes', () => {
    const tensorLoss = (graph: Graph, scope: ParameterScope) => ({
      loss: ops.mul(graph.input('x', [2]), scope('w', [2], { kind: 'constant', value: 0 })),
    });
    expect(() => build({ build: tensorLoss })).toThrow(/no scalar/);
    const twoShapes = (_: Graph, scope: ParameterScope) => {
      scope('w', [2], { kind: 'constant', value: 0 });
      return { loss: scope('w', [3], { kind: 'constant', value: 0 }) };
    };
    expect(() => build({ build: twoShapes })).toThrow(/parameter w.*\[3\].*\[2\]/);
  });
});

describe('schedules', () => {
  const at = (schedule: (step: Value) => Value, step: number): number => {
    const graph = new Graph();
    return evaluate([schedule(graph.input('step', []))], { step: [step] })[0]?.data[0] ?? NaN;
  };

  it('warm up linearly from the first step', () => {
    const factors = [1, 5, 10, 11, 1000].map((step) => at((value) => ops.linearWarmup(value, 10), step));
    factors.forEach((factor, k) => expect(factor).toBeCloseTo([0.1, 0.5, 1, 1, 1][k] ?? NaN, 6));
  });

  it('decay along half a cosine', () => {
    const factors = [1, 100, 125, 150, 200, 999].map((step) => at((value) => ops.cosineDecay(value, 100, 200), step));
    const expected = [1, 1, (1 + Math.SQRT1_2) / 2, 0.5, 0, 0];
    factors.forEach((factor, k) => expect(factor).toBeCloseTo(expected[k] ?? NaN, 6));
  });
});

describe('parameters', () => {
  const spec = (init: ops.Initialization) => [{ name: 'w', shape: [2, 3], init }];

  it('start from their initialisation', () => {
    let count = 0;
    const normal = () => ++count;
    expect(ops.initializeParameters(spec({ kind: 'constant', value: 3 }), normal).get('w')?.data).toEqual(
      Float32Array.of(3, 3, 3, 3, 3, 3),
    );
    expect(ops.initializeParameters(spec({ kind: 'normal', std: 0.5 }), normal).get('w')?.data).toEqual(
      Float32Array.of(0.5, 1, 1.5, 2, 2.5, 3),
    );
  });

  it('bind to tensors by name and shape', () => {
    const graph = new Graph();
    const scope = ops.bindParameters(
      graph,
      new Map([['net.w', { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } as const]]),
    );
    const init = { kind: 'constant', value: 0 } as const;
    const bound = ops.prefixed(scope, 'net')('w', [2], init);
    expect(scope('net.w', [2], init)).toBe(bound);
    expect(() => scope('missing', [2], init)).toThrow(/missing.*\[2\]/);
    expect(() =>
      ops.bindParameters(graph, new Map([['v', { dtype: 'float32', shape: [1], data: new Float32Array(1) }]]))(
        'v',
        [2],
        init,
      ),
    ).toThrow(/\[1\].*\[2\]/);
  });
});
