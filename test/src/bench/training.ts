/**
 * The training step of the Delta Mapper at the size of a 1024-pixel generator (82.8 million parameters), batch 64, with
 * the optimiser in the graph and on the host.
 */

import { createTrainingSession } from '@deltaspace/daemon';
import { deltaMapper, referenceDeltaMapper, styleLayout } from '@deltaspace/models';
import {
  add,
  buildTrainingStep,
  cosineSimilarity,
  meanAll,
  square,
  sub,
  type TrainedParameter,
  type TrainingStep,
} from '@deltaspace/onnx-graph';
import { MATMUL_GFLOP, createMatMulWorkload } from './matmul-peak.js';
import { fastestOfEachMs } from './measure.js';
import type { BenchmarkResult } from './report.js';

const BATCH = 64;
const CONDITION_WIDTH = 1024;
/** Forward, backward and Adam of one step by the reference's count. */
const COUNTED_GFLOP = 37;
const FLOOR_OF_PEAK = 0.4;

/** Channels of the published 1024-pixel generator by resolution. */
const CHANNELS = { 4: 512, 8: 512, 16: 512, 32: 512, 64: 512, 128: 256, 256: 128, 512: 64, 1024: 32 };

export async function benchTraining(): Promise<BenchmarkResult[]> {
  const peak = await createMatMulWorkload();
  const times: { placement: 'graph' | 'host'; milliseconds: number; path: string }[] = [];
  let peakMs = Infinity;
  for (const placement of ['graph', 'host'] as const) {
    const { run, path, dispose } = await prepareStep(mapperStep(placement));
    const [ofPeak, milliseconds] = (await fastestOfEachMs([() => peak.run(), run])) as [number, number];
    await dispose();
    peakMs = Math.min(peakMs, ofPeak);
    times.push({ placement, milliseconds, path });
  }
  await peak.dispose();

  const peakGflops = (MATMUL_GFLOP / peakMs) * 1000;
  const steps = times.map(({ placement, milliseconds, path }) => {
    const share = ((COUNTED_GFLOP / milliseconds) * 1000) / peakGflops;
    const where = placement === 'graph' ? 'in the graph' : 'on the host';
    return {
      name: `Delta Mapper step, 83 M parameters, batch ${BATCH}, Adam ${where} (${path})`,
      value: `${milliseconds.toFixed(0)} ms, ${(100 * share).toFixed(0)} % of the peak`,
      ...(placement === 'host' ? { floor: { text: '40 %', met: share >= FLOOR_OF_PEAK } } : {}),
    };
  });
  return [{ name: 'MatMul peak, 2048³ float32', value: `${peakGflops.toFixed(0)} GFLOP/s` }, ...steps];
}

/** DeltaEdit, Eq. 6: mean squared error and cosine of the predicted change. */
function mapperStep(placement: 'graph' | 'host'): TrainingStep {
  const layout = styleLayout({
    size: 1024,
    styleDim: 512,
    channels: CHANNELS,
    upsampling: 'transposed-fir',
    noise: true,
    demodulate: true,
    colourStyles: 'separate',
  });
  return buildTrainingStep({
    build: (graph, scope) => {
      const s = graph.input('s', [BATCH, layout.styleWidth]);
      const condition = graph.input('condition', [BATCH, CONDITION_WIDTH]);
      const wanted = graph.input('wanted', [BATCH, layout.styleWidth]);
      const delta = deltaMapper(scope, referenceDeltaMapper(CONDITION_WIDTH), layout, s, condition);
      const distance = meanAll(square(sub(delta, wanted)));
      return { loss: add(distance, sub(1, meanAll(cosineSimilarity(delta, wanted, -1)))) };
    },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    placement,
  });
}

async function prepareStep(
  step: TrainingStep,
): Promise<{ run: () => Promise<unknown>; path: string; dispose: () => Promise<void> }> {
  const session = await createTrainingSession(step);
  step.parameters.forEach((parameter, index) => {
    session.setState(`parameter/${parameter.name}`, startingValues(parameter, index));
  });
  for (const buffer of Object.values(session.data)) {
    for (let i = 0; i < buffer.length; i++) buffer[i] = Math.sin(i * 0.7);
  }
  let count = 0;
  const run = (): Promise<unknown> => session.run({ learningRate: 0.5, step: ++count });
  return { run, path: session.path, dispose: () => session.dispose() };
}

/** Uniform values with the standard deviation that the parameter asks for; cheap, since there are 83 million of them. */
function startingValues({ shape, init }: TrainedParameter, seed: number): Float32Array {
  const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  if (init.kind === 'constant') return values.fill(init.value);
  let word = seed + 1;
  for (let i = 0; i < values.length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    values[i] = (word / 2 ** 31) * Math.sqrt(3) * init.std;
  }
  return values;
}
