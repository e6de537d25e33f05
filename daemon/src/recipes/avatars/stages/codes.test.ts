/** Reading finished codes: the two sets come apart as they were put in, with statistics of the single pictures alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@deltaspace/onnx-graph';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embedDim } from '../settings.js';
import { openWorkspace, type Workspace } from '../workspace.js';
import { computeCodes, loadCodes, styleWidth, wPlusWidth, type EncodedPictures } from './codes.js';

let directory = '';
let workspace: Workspace;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deltaspace-codes-'));
  workspace = await openWorkspace({ directory, log: () => undefined });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const widths = { styles: styleWidth, wPlus: wPlusWidth, embeddings: embedDim } as const;
type Part = keyof typeof widths;

/** Finishes the stage with `valueAt(part, picture, channel)` for single pictures; those of pairs are 1000 larger. */
async function finishCodes(
  counts: { singles: number; pairs: number },
  valueAt: (part: Part, picture: number, channel: number) => number,
  leaveOut?: string,
): Promise<void> {
  const weights = new Map<string, Tensor>();
  for (const [set, count] of Object.entries(counts))
    for (const part of Object.keys(widths) as Part[]) {
      const width = widths[part];
      const data = Float32Array.from({ length: count * width }, (_, i) => {
        return valueAt(part, Math.floor(i / width), i % width) + (set === 'pairs' ? 1000 : 0);
      });
      if (`${set}.${part}` !== leaveOut)
        weights.set(`${set}.${part}`, { dtype: 'float32', shape: [count, width], data });
    }
  await workspace.finish('codes', { weights, facts: { count: String(counts.singles) } });
}

describe('loadCodes', () => {
  it('counts the pictures of both sets and keeps their rows apart', async () => {
    await finishCodes({ singles: 3, pairs: 4 }, (part, picture) => picture + part.length / 10);
    const { singles, pairs } = await loadCodes(workspace);
    expect([singles.count, pairs.count]).toEqual([3, 4]);
    const lastOf = ({ styles, wPlus, embeddings }: EncodedPictures) => [styles, wPlus, embeddings].map((x) => x.at(-1));
    [2.6, 2.5, 3].forEach((value, i) => expect(lastOf(singles)[i]).toBeCloseTo(value, 4));
    [1003.6, 1003.5, 1004].forEach((value, i) => expect(lastOf(pairs)[i]).toBeCloseTo(value, 2));
  });

  it('describes every channel of the single pictures: mean, deviation, and quantiles at 1 and 99 %', async () => {
    // Channel c runs over 0 … 200 in steps of c (from the second set of numbers on, in another order).
    const count = 201;
    await finishCodes({ singles: count, pairs: 2 }, (part, picture, channel) => {
      const rank = part === 'styles' ? picture : (picture * 2) % count;
      return rank * (channel % 3) + channel;
    });
    const { statistics, wPlusStatistics } = await loadCodes(workspace);
    for (const [{ mean, std, low, high }, width] of [
      [statistics, styleWidth],
      [wPlusStatistics, wPlusWidth],
    ] as const) {
      expect([mean, std, low, high].map((x) => x.length)).toEqual([width, width, width, width]);
      for (const channel of [0, 1, 5, width - 1]) {
        const step = channel % 3;
        // Deviation of 0 … n − 1 is √((n² − 1)/12). Sums of squares in double precision, results in float32.
        expect(mean[channel]).toBeCloseTo(100 * step + channel, 2);
        expect(std[channel]).toBeCloseTo(step * Math.sqrt((count ** 2 - 1) / 12) + 1e-4, 3);
        expect(low[channel]).toBeCloseTo(2 * step + channel, 3);
        expect(high[channel]).toBeCloseTo(198 * step + channel, 3);
      }
    }
  });

  it('leaves channels that never change something to be divided by', async () => {
    await finishCodes({ singles: 4, pairs: 2 }, () => 7);
    const { statistics } = await loadCodes(workspace);
    expect(statistics.std.every((value) => value === Math.fround(1e-4))).toBe(true);
    expect([statistics.mean[0], statistics.low[0], statistics.high[0]]).toEqual([7, 7, 7]);
  });

  it('names what is missing', async () => {
    await expect(loadCodes(workspace)).rejects.toThrow('stage codes has not finished');
    await finishCodes({ singles: 1, pairs: 2 }, () => 0, 'pairs.wPlus');
    await expect(loadCodes(workspace)).rejects.toThrow('codes lack pairs.wPlus');
  });
});

describe('computeCodes', () => {
  it('does not encode again what is finished', async () => {
    await finishCodes({ singles: 1, pairs: 2 }, () => 0);
    // Without the networks that it would need, a second run could only fail.
    expect((await computeCodes(workspace)).facts).toEqual({ count: '1' });
  });

  it('asks for the networks first', async () => {
    await expect(computeCodes(workspace)).rejects.toThrow('stage growth has not finished');
  });
});
