/** The stage that makes R_s: from the single pictures alone, with rows for every style channel. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@deltaspace/onnx-graph';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Random } from '../../../training/index.js';
import { embedDim, relevanceSettings } from '../settings.js';
import { openWorkspace, type Workspace } from '../workspace.js';
import { styleWidth, wPlusWidth } from './codes.js';
import { computeRelevance } from './relevance.js';

let directory = '';
let workspace: Workspace;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deltaspace-relevance-'));
  workspace = await openWorkspace({ directory, log: () => undefined });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const [mover, moved, count] = [3, 7, 64];

/** Codes in which only channel `mover` tells anything, namely embedding entry `moved`; pairs would tell something else. */
async function finishCodes(): Promise<void> {
  const random = new Random('relevance');
  const weights = new Map<string, Tensor>();
  const put = (name: string, rows: number, width: number, valueAt: (row: number, column: number) => number) => {
    const data = Float32Array.from({ length: rows * width }, (_, i) => valueAt(Math.floor(i / width), i % width));
    weights.set(name, { dtype: 'float32', shape: [rows, width], data });
  };
  const strength = Array.from({ length: count }, () => random.normal());
  put('singles.styles', count, styleWidth, (row, channel) => (channel === mover ? (strength[row] as number) : 1));
  put('singles.embeddings', count, embedDim, (row, d) => (d === moved ? -0.1 * (strength[row] as number) : 0.2));
  put('pairs.styles', 2, styleWidth, (row, channel) => row * channel);
  put('pairs.embeddings', 2, embedDim, (row, d) => row * d);
  for (const [set, rows] of Object.entries({ singles: count, pairs: 2 }))
    put(`${set}.wPlus`, rows, wPlusWidth, () => 0);
  await workspace.finish('codes', { weights, facts: {} });
}

it('finds the channel that moves the embedding, and where to', async () => {
  await finishCodes();
  const { weights, facts } = await computeRelevance(workspace);
  const { shape, data } = weights.get('relevance') as Tensor & { data: Float32Array };
  expect(shape).toEqual([styleWidth, embedDim]);
  expect(facts).toEqual(relevanceSettings);
  const row = data.subarray(mover * embedDim, (mover + 1) * embedDim);
  // All length is in one row, and rows have length 1 on average; the channel and the entry move in opposite ways.
  expect(row[moved]).toBeLessThan(-0.99 * styleWidth);
  const largest = data.reduce(
    (most, value, i) => (i === mover * embedDim + moved ? most : Math.max(most, Math.abs(value))),
    0,
  );
  // Constant columns differ from their mean by rounding, which the tiny deviation of dead channels magnifies.
  expect(largest).toBeLessThan(0.01 * styleWidth);
});

it('is not computed again', async () => {
  const relevance: Tensor = { dtype: 'float32', shape: [1], data: new Float32Array([5]) };
  await workspace.finish('relevance', { weights: new Map([['relevance', relevance]]), facts: { method: 'by hand' } });
  const { weights, facts } = await computeRelevance(workspace);
  expect([weights.get('relevance')?.data[0], facts['method']]).toEqual([5, 'by hand']);
});
