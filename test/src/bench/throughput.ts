/**
 * How much a warm daemon gets done, over the socket at the resolution of the pack: slider steps in a row (one layer, one text,
 * another strength each time), and sixteen variations of a layer in one request against one request each. The two ways take
 * turns, so that their ratio is of the same minutes.
 */
import { packFolders, loadPack } from '@deltaspace/models';
import type { DeltaClient } from '@deltaspace/shared-protocol';
import { startRealDaemon } from '../e2e/real-daemon.js';
import { benchLayer, editLayer } from './edit-cases.js';
import { fastestMs, fastestOfEachMs } from './measure.js';
import type { BenchmarkResult } from './report.js';

/** Floors of the product. */
const slowestSlider = 30;
const largestBatchShare = 0.4;
/** Steps that are timed together: one alone is shorter than what else a machine does. */
const stepsPerRun = 15;

const variations = ['hat', 'glasses', 'sunglasses', 'beard', 'smile', 'red hair', 'blue hair', 'long hair']
  .flatMap((what) => [what, `face with ${what}`])
  .slice(0, 16);

export async function benchThroughput(): Promise<BenchmarkResult[]> {
  const [folder] = await packFolders();
  if (folder === undefined) return [{ name: 'edits per second', value: 'no pack ships' }];
  const side = (await loadPack(folder)).manifest.resolution;
  const daemon = await startRealDaemon();
  try {
    return [await sliderSteps(daemon.client, side), await batchOfVariations(daemon.client, side)];
  } finally {
    await daemon.dispose();
  }
}

async function sliderSteps(client: DeltaClient, side: number): Promise<BenchmarkResult> {
  const layer = benchLayer(side, 1);
  let step = 0;
  const milliseconds = await fastestMs(async () => {
    for (let i = 0; i < stepsPerRun; i++)
      await editLayer(client, side, layer, { targets: ['face with sunglasses'], strength: strengthOf(++step) });
  });
  const perSecond = (1000 * stepsPerRun) / milliseconds;
  return {
    name: `slider steps, ${side} px`,
    value: `${perSecond.toFixed(0)} per second`,
    floor: { text: `≥ ${slowestSlider}`, met: perSecond >= slowestSlider },
  };
}

async function batchOfVariations(client: DeltaClient, side: number): Promise<BenchmarkResult> {
  const layer = benchLayer(side, 2);
  let step = 0;
  const together = async (): Promise<unknown> =>
    editLayer(client, side, layer, { targets: variations, strength: strengthOf(++step) });
  const oneByOne = async (): Promise<void> => {
    const strength = strengthOf(++step);
    for (const target of variations) await editLayer(client, side, layer, { targets: [target], strength });
  };
  const [batchMs, singlesMs] = (await fastestOfEachMs([together, oneByOne])) as [number, number];
  const share = batchMs / singlesMs;
  return {
    name: `${variations.length} variations in one request`,
    value: `${batchMs.toFixed(0)} ms, one by one ${singlesMs.toFixed(0)} ms: ${(100 * share).toFixed(0)} %`,
    floor: { text: `≤ ${100 * largestBatchShare} %`, met: share <= largestBatchShare },
  };
}

/** Never the same twice within a benchmark, so that every result is computed and written. */
function strengthOf(step: number): number {
  return 0.5 + (step % 9000) / 10_000;
}
