/** Where the native path cannot be used, training goes on through the public one and says why. */

import { buildTrainingStep, meanAll, mul, square } from '@deltaspace/onnx-graph';
import { afterEach, expect, it, vi } from 'vitest';

const step = buildTrainingStep({
  build: (graph, scope) => ({
    loss: meanAll(square(mul(graph.input('x', [4]), scope('w', [4], { kind: 'constant', value: 1 })))),
  }),
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
});

/** The runtime as a process sees it whose loading has not been tried yet. */
async function freshRuntime() {
  vi.resetModules();
  return import('./index.js');
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock('koffi');
});

it('names an unknown platform', async () => {
  const { createTrainingSession } = await freshRuntime();
  vi.stubGlobal('process', Object.create(process, { platform: { value: 'plan9' } }));
  const session = await createTrainingSession(step);
  expect([session.path, session.fallbackReason]).toEqual(['public', 'no onnxruntime library is known for plan9']);
  session.setState('parameter/w', Float32Array.of(1, 1, 1, 1));
  session.data['x']!.fill(2 as never);
  expect(await session.run({ learningRate: 0.1, step: 1 })).toEqual({ loss: 4 });
  expect(session.getState('parameter/w')[0]).toBeCloseTo(0.9, 6); // the first Adam step moves by the learning rate
  await session.dispose();
});

it('says that koffi is missing, and refuses when the native path was asked for', async () => {
  vi.doMock('koffi', () => {
    throw new Error('not installed');
  });
  const { createTrainingSession } = await freshRuntime();
  const session = await createTrainingSession(step);
  expect(session.path).toBe('public');
  expect(session.fallbackReason).toMatch(/^koffi cannot be loaded: /);
  await session.dispose();
  await expect(createTrainingSession(step, { path: 'native' })).rejects.toMatchObject({
    code: 'runtime/native-unavailable',
  });
});
