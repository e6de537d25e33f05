/** What `train` promises besides resuming: learning, stopping, refusing, reporting. */

import type { Tensor } from '@deltaspace/onnx-graph';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadNewestCheckpoint } from './checkpoint.js';
import { formatProgress, type TrainingProgress } from './progress.js';
import { smallRun } from './testing/small-run.js';
import { train, type RunStart } from './train.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltaspace-training-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('train', () => {
  it('learns, and reports speed, loss and time left', async () => {
    const reports: TrainingProgress[] = [];
    const starts: RunStart[] = [];
    const result = await train(
      smallRun(folder, 200, { onProgress: (report) => reports.push(report), onStart: (start) => starts.push(start) }),
    );
    // Which path depends on whether koffi is installed; a fallback must say why.
    expect(starts).toEqual([
      expect.toBeOneOf([
        { path: 'native', resumedAfterStep: 0 },
        { path: 'public', fallbackReason: expect.stringMatching(/koffi|onnxruntime/) as string, resumedAfterStep: 0 },
      ]),
    ]);
    expect(reports).toHaveLength(40);
    expect(reports.at(-1)?.metrics['loss']).toBeLessThan(reports[0]!.metrics['loss']! * 0.2);
    expect(reports[0]?.imagesPerSecond).toBeGreaterThan(0);
    expect(reports[0]?.gflopsPerSecond).toBeGreaterThan(0);
    expect(formatProgress(reports[0]!)).toMatch(
      /^step 5\/200 {2}\S+ images\/s {2}\S+ GFLOP\/s {2}loss \S+ {2}eta \S+$/,
    );
    expect(result.step).toBe(200);
    const plot = await sharp(join(folder, 'loss.png')).metadata();
    expect([plot.width, plot.height]).toEqual([960, 540]);
  });

  it('stops by time, counted over resumptions', async () => {
    const options = smallRun(folder, 1, { stop: { minutes: 0.4 / 60 } });
    const first = await train(options);
    expect(first.step).toBeGreaterThan(1);
    expect((await train(options)).step).toBeLessThanOrEqual(first.step + 1); // the time is used up
  });

  it('starts from given values, and draws the others as if none were given', async () => {
    const drawn = (await train(smallRun(join(folder, 'drawn'), 1, { schedule: () => 0 }))).parameters;
    const given: Tensor = { dtype: 'float32', shape: [128], data: new Float32Array(128).fill(0.5) };
    const initial = new Map([['first.bias', given]]);
    const started = (await train(smallRun(join(folder, 'given'), 1, { schedule: () => 0, initial }))).parameters;
    // A zero learning rate leaves the weights, and their average, where they started.
    expect(started.get('first.bias')?.data.every((value) => Math.abs(Number(value) - 0.5) < 1e-6)).toBe(true);
    expect(started.get('second.weight')).toEqual(drawn.get('second.weight'));
    const unknown = smallRun(join(folder, 'unknown'), 1, { initial: new Map([['nothing', given]]) });
    await expect(train(unknown)).rejects.toMatchObject({ code: 'training/invalid-options' });
  });

  it('refuses a folder of another configuration and says what differs', async () => {
    await train(smallRun(folder, 3));
    const other = smallRun(folder, 6, { configuration: { network: { width: 64 }, learningRate: 0.003, extra: true } });
    await expect(train(other)).rejects.toMatchObject({
      code: 'training/configuration-changed',
      message: expect.stringMatching(/extra: \(absent\) → true; network\.width: 128 → 64$/) as string,
    });
    await expect(train(smallRun(folder, 6, { seed: 8 }))).rejects.toThrow('seed: 7 → 8');
  });

  it('stops when the loss is no number and keeps the last good checkpoint', async () => {
    const poisoned = smallRun(folder, 100, {
      fillBatch: (data, _random, stepIndex) => void data['x']!.fill((stepIndex < 25 ? 1 : NaN) as never),
    });
    await expect(train(poisoned)).rejects.toMatchObject({
      code: 'training/diverged',
      message: 'training diverged at step 25: the loss is NaN; the last good checkpoint is of step 18',
    });
    expect((await loadNewestCheckpoint(folder))?.step).toBe(18);
  });

  it('stops when a weight is no number although the loss still was', async () => {
    const run = smallRun(folder, 9, { schedule: (stepIndex) => (stepIndex === 9 ? Infinity : 0.001) });
    await expect(train(run)).rejects.toThrow(/at step 9: \S+ is not finite; there is no checkpoint$/);
    expect(await loadNewestCheckpoint(folder)).toBeNull();
  });

  it('saves before it gives in to an abort', async () => {
    const controller = new AbortController();
    const onProgress = ({ step }: TrainingProgress): void => {
      if (step === 10) controller.abort(new Error('enough'));
    };
    await expect(train(smallRun(folder, 1000, { signal: controller.signal, onProgress }))).rejects.toThrow('enough');
    expect((await loadNewestCheckpoint(folder))?.step).toBe(10);
  });

  it('falls back to the older checkpoint when the newer one is damaged, and refuses when none is readable', async () => {
    await train(smallRun(folder, 20));
    const names = (await readdir(folder)).filter((name) => name.startsWith('checkpoint')).sort();
    expect(names).toEqual(['checkpoint-000000018.safetensors', 'checkpoint-000000020.safetensors']);
    const newest = join(folder, names[1]!);
    await writeFile(newest, (await readFile(newest)).subarray(0, 1000));
    expect((await loadNewestCheckpoint(folder))?.step).toBe(18);
    await writeFile(join(folder, names[0]!), 'nothing');
    await expect(train(smallRun(folder, 30))).rejects.toMatchObject({ code: 'training/checkpoint-unreadable' });
  });

  it('asks for a stop condition', async () => {
    await expect(train(smallRun(folder, 1, { stop: {} }))).rejects.toMatchObject({ code: 'training/invalid-options' });
  });
});
