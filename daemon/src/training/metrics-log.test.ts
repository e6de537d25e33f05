import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MetricsLog, type MetricsRecord } from './metrics-log.js';

const record = (step: number): MetricsRecord => ({
  step,
  elapsedSeconds: step / 2,
  learningRate: 0.1,
  imagesPerSecond: 10,
  gflopsPerSecond: 1,
  metrics: { loss: 1 / step },
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltaspace-metrics-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('drops lines after the step that a run resumes from, and a line that a crash cut short', async () => {
  const path = join(folder, 'metrics.jsonl');
  const log = await MetricsLog.open(path, 0);
  for (const step of [1, 2, 3, 4]) await log.append(record(step));
  await writeFile(path, (await readFile(path, 'utf8')) + '{"step":5,"elap');

  const resumed = await MetricsLog.open(path, 3);
  expect(resumed.records).toEqual([record(1), record(2), record(3)]);
  await resumed.append(record(4));
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as MetricsRecord)).toEqual([1, 2, 3, 4].map(record));
});
