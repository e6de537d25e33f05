/** What all stages share: how long they train, what they say about avatars they never saw, and where weights are kept. */
import { meanAll, mul, square, type TrainingStepOptions, type TypedArray } from '@deltaspace/onnx-graph';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factsOf, openWorkspace, trainStage, type RecipeOptions } from './workspace.js';

let directory = '';
let lines: string[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deltaspace-recipe-'));
  lines = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (options: Partial<RecipeOptions> = {}) =>
  openWorkspace({ directory, threads: 1, log: (line) => void lines.push(line), ...options });
const fillWith = (value: number) => (data: Readonly<Record<string, TypedArray>>) =>
  void data['x']?.fill(value as never);

/** Mean of (w·x)² with w = 1. */
const build: TrainingStepOptions['build'] = (graph, scope) => {
  const scaled = mul(graph.input('x', [4]), scope('w', [4], { kind: 'constant', value: 1 }));
  return { loss: meanAll(square(scaled)), metrics: { mean: meanAll(scaled) } };
};
const stage = {
  step: { build, optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 } },
  fillBatch: fillWith(2),
  schedule: () => 0, // the weight stays 1
  validation: () => Promise.resolve(fillWith(3)),
};

it('ends a stage at the given number of steps', async () => {
  expect((await trainStage(await open({ steps: 3 }), 'mapper', stage)).step).toBe(3);
});

it('ends a stage at its share of the minutes when those are over first', async () => {
  const { step } = await trainStage(await open({ steps: 1_000_000, minutes: 0.05 }), 'mapper', stage);
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(1_000_000);
});

it('measures a stage on the validation batches, not on those it was trained with', async () => {
  const result = await trainStage(await open({ steps: 2 }), 'mapper', stage);
  expect(result.validation).toEqual({ loss: 9, mean: 3 });
  expect(lines).toContain('mapper: on validation avatars loss 9.000, mean 3.000');
  const { minutes, ...facts } = factsOf(result);
  expect(facts).toEqual({ steps: '2', validation: '{"loss":9,"mean":3}' });
  expect(Number(minutes)).toBeCloseTo(result.elapsedSeconds / 60, 1);
});

it('keeps weights of finished parts', async () => {
  const workspace = await open();
  const rows = new Map([['rows', { dtype: 'float32' as const, shape: [2], data: Float32Array.of(1, 2) }]]);
  await workspace.finish('part', { weights: rows, facts: { steps: '1' } });
  expect((await (await open()).finished('part'))?.facts['steps']).toBe('1');
  expect(await workspace.finished('other part')).toBeNull();
});
