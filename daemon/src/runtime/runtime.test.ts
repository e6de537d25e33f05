/**
 * The runtime against real onnxruntime: both paths of a training session give equal bits, and misuse is named.
 * The networks are tiny; nothing is mocked.
 */

import {
  Graph,
  add,
  buildTrainingStep,
  leakyRelu,
  linear,
  matmul,
  meanAll,
  serializeModel,
  square,
  sub,
  tanh,
  type TrainingStep,
} from '@deltaspace/onnx-graph';
import { describe, expect, it } from 'vitest';
import { RuntimeError, createRunner, createTrainingSession, physicalCoreCount, type RuntimePath } from './index.js';

const BATCH = 8;

/** A two-layer network with a frozen tensor, an average and an integer input that only feeds a gather-free cast. */
function smallStep(placement: 'graph' | 'host' = 'graph'): TrainingStep {
  return buildTrainingStep({
    build: (graph, scope) => {
      const x = graph.input('x', [BATCH, 16]);
      const wanted = graph.input('wanted', [BATCH, 4]);
      const frozen = scope('frozen.weight', [16, 16], { kind: 'normal', std: 0.25 });
      const first = scope('first.weight', [32, 16], { kind: 'normal', std: 0.25 });
      const bias = scope('first.bias', [32], { kind: 'constant', value: 0, learningRateScale: 2 });
      const second = scope('second.weight', [4, 32], { kind: 'normal', std: 0.2 });
      const hidden = leakyRelu(linear(linear(x, frozen), first, bias), 0.2);
      const loss = meanAll(square(sub(linear(hidden, second), wanted)));
      return { loss, metrics: { spread: meanAll(square(hidden)) } };
    },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    ema: { decay: 0.9 },
    clipNorm: 1,
    frozen: (name) => name.startsWith('frozen'),
    placement,
  });
}

/** Runs `count` steps on fixed pseudo-data and returns everything that a difference could show in. */
async function trace(path: RuntimePath | 'auto', count: number, placement?: 'graph' | 'host') {
  const session = await createTrainingSession(smallStep(placement), { path, threads: 1 });
  try {
    let counter = 0;
    for (const name of session.stateNames) {
      if (!name.startsWith('parameter/')) continue;
      session.setState(
        name,
        session.getState(name).map(() => Math.sin(++counter) * 0.3),
      );
    }
    const metrics: Record<string, number>[] = [];
    for (let step = 1; step <= count; step++) {
      for (const buffer of Object.values(session.data)) {
        for (let i = 0; i < buffer.length; i++) buffer[i] = Math.cos(step * 1.7 + i);
      }
      metrics.push(await session.run({ learningRate: 0.01, step }));
    }
    return { metrics, state: session.stateNames.map((name) => [name, session.getState(name)] as const) };
  } finally {
    await session.dispose();
  }
}

/** Why the native path is not to be had here; undefined where it is. koffi is optional. */
const noNative = await (async () => {
  const session = await createTrainingSession(smallStep());
  await session.dispose();
  return session.fallbackReason;
})();
const nativeIt = (name: string, test: () => Promise<void>): void =>
  it.skipIf(noNative !== undefined)(noNative === undefined ? name : `${name} (skipped: ${noNative})`, test);

describe('a training session', () => {
  nativeIt('gives the same bits on the native and on the public path', async () => {
    const native = await trace('native', 30);
    expect(await trace('public', 30)).toEqual(native);
    expect(native.metrics[29]?.['loss']).toBeLessThan(native.metrics[0]!['loss']! * 0.9);
  });

  nativeIt("trains alike with the optimiser on the host, on both paths and to the graph's result", async () => {
    const host = await trace('native', 30, 'host');
    expect(await trace('public', 30, 'host')).toEqual(host);
    const graph = new Map((await trace('native', 30)).state);
    for (const [name, values] of host.state) {
      // Only the rounding of the two scalar factors differs; 30 steps of 0.01 amplify it a little.
      values.forEach((value, i) => expect(Math.abs(value - graph.get(name)![i]!), name).toBeLessThan(2e-5));
    }
  });

  it('leaves frozen state alone and moves the rest, odd and even numbers of steps alike', async () => {
    for (const count of [1, 2]) {
      const before = new Map((await trace('auto', 0)).state);
      for (const [name, values] of (await trace('auto', count)).state) {
        if (name === 'parameter/frozen.weight') expect(values, name).toEqual(before.get(name));
        else expect(values, name).not.toEqual(before.get(name));
      }
    }
  });

  nativeIt('takes the native path by default where koffi is installed', async () => {
    const session = await createTrainingSession(smallStep());
    expect([session.path, session.fallbackReason]).toEqual(['native', undefined]);
    await session.dispose();
  });

  it('names unknown state and wrong lengths', async () => {
    const session = await createTrainingSession(smallStep());
    expect(() => session.getState('parameter/nothing')).toThrow('parameter/nothing');
    expect(() => session.setState('parameter/first.bias', new Float32Array(3))).toThrow('32 elements, got 3');
    await session.dispose();
  });

  it('rejects runs after dispose, and may be disposed twice', async () => {
    for (const path of ['auto', 'public'] as const) {
      const session = await createTrainingSession(smallStep(), { path });
      await session.dispose();
      await session.dispose();
      await expect(session.run({ learningRate: 1, step: 1 })).rejects.toMatchObject({ code: 'runtime/disposed' });
    }
  });
});

describe('native memory', () => {
  nativeIt('survives garbage collection between runs and many sessions', async () => {
    const expected = (await trace('native', 3)).metrics;
    for (let round = 0; round < 15; round++) {
      const garbage = Array.from({ length: 200 }, (_, i) => new Float32Array(i * 50).fill(NaN)); // tempts the collector
      expect((await trace('native', 3)).metrics, `round ${round}, ${garbage.length}`).toEqual(expected);
    }
  });
});

describe('a runner', () => {
  function model(): Uint8Array {
    const graph = new Graph();
    const a = graph.input('a', [2, 3]);
    const b = graph.input('b', [3, 2]);
    graph.output(tanh(add(matmul(a, b), 1)), 'y');
    return serializeModel(graph);
  }
  const a = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0.1, 0, 0, 0, -2, 0) } as const;
  const b = { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 0.5, 0, 0) } as const;

  it('runs a network and describes its inputs and outputs', async () => {
    const runner = await createRunner(model());
    expect(runner.inputs).toEqual([
      { name: 'a', dtype: 'float32', shape: [2, 3] },
      { name: 'b', dtype: 'float32', shape: [3, 2] },
    ]);
    expect(runner.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: [2, 2] }]);
    const { y } = await runner.run({ a, b });
    const expected = [1.1, 1.2, -5, 0].map(Math.tanh);
    expected.forEach((value, i) => expect(y?.data[i]).toBeCloseTo(value, 6)); // float32 against double
    await runner.dispose();
    await expect(runner.run({ a, b })).rejects.toMatchObject({ code: 'runtime/disposed' });
  });

  it('names a missing, unknown or ill-shaped input', async () => {
    const runner = await createRunner(model());
    const rejection = (feeds: Parameters<typeof runner.run>[0]) => runner.run(feeds).catch((error: unknown) => error);
    const missing = await rejection({ a });
    expect(missing).toBeInstanceOf(RuntimeError);
    expect(missing).toMatchObject({ code: 'runtime/input-rejected', message: 'input b is missing' });
    expect(await rejection({ a, b, c: b })).toMatchObject({ message: 'no input is named c; the inputs are a, b' });
    expect(await rejection({ a, b: { ...b, shape: [2, 3] } })).toMatchObject({
      message: 'input b takes float32[3, 2], got float32[2, 3]',
    });
    await runner.dispose();
  });

  it('refuses what is no model', async () => {
    await expect(createRunner(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'runtime/model-rejected' });
  });
});

it('counts at least one physical core', () => {
  expect(physicalCoreCount()).toBeGreaterThanOrEqual(1);
});
