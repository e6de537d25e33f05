/**
 * A small training run for tests, also as a program of its own (`node small-run.js FOLDER STEPS`), so that a test can kill
 * it with SIGKILL. Prints one line per step: the test times its kills by them.
 */

import { buildTrainingStep, leakyRelu, linear, meanAll, square, sub, type TrainingStep } from '@deltaspace/onnx-graph';
import { pathToFileURL } from 'node:url';
import { train, type TrainOptions } from '../train.js';

const BATCH = 16;

/** A three-layer network that learns a fixed mixture of its inputs; about 30 000 parameters with averages. */
export function smallStep(placement: TrainingStep['placement'] = 'graph'): TrainingStep {
  return buildTrainingStep({
    build: (graph, scope) => {
      const x = graph.input('x', [BATCH, 32]);
      const wanted = graph.input('wanted', [BATCH, 8]);
      const layer = (name: string, outputs: number, inputs: number) =>
        [
          scope(`${name}.weight`, [outputs, inputs], { kind: 'normal', std: Math.sqrt(2 / inputs) }),
          scope(`${name}.bias`, [outputs], { kind: 'constant', value: 0 }),
        ] as const;
      const hidden = leakyRelu(linear(x, ...layer('first', 128, 32)), 0.2);
      const deeper = leakyRelu(linear(hidden, ...layer('second', 128, 128)), 0.2);
      return { loss: meanAll(square(sub(linear(deeper, ...layer('last', 8, 128)), wanted))) };
    },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    ema: { decay: 0.99 },
    placement,
  });
}

/** Options of a run of `steps` steps in `directory`; `overrides` replace any of them. */
export function smallRun(directory: string, steps: number, overrides: Partial<TrainOptions> = {}): TrainOptions {
  return {
    step: smallStep(),
    directory,
    seed: 7,
    configuration: { network: { width: 128 }, learningRate: 0.003 },
    stop: { steps },
    checkpointEverySteps: 9, // not a divisor of the logging interval: means must survive a resume between two reports
    logEverySteps: 5,
    imagesPerStep: BATCH,
    threads: 1,
    schedule: (stepIndex) => 0.003 / Math.sqrt(1 + stepIndex / 50),
    fillBatch: ({ x, wanted }, random) => {
      random.fillNormal(x as Float32Array);
      for (let row = 0; row < BATCH; row++) {
        for (let i = 0; i < 8; i++) {
          wanted![row * 8 + i] = Number(x![row * 32 + i]) * 0.5 + Number(x![row * 32 + 31 - i]);
        }
      }
    },
    ...overrides,
  };
}

async function main(directory: string, steps: number): Promise<void> {
  const { fillBatch, ...options } = smallRun(directory, steps);
  await train({
    ...options,
    fillBatch: async (data, random, stepIndex) => {
      process.stdout.write(`step ${stepIndex}\n`);
      await fillBatch(data, random, stepIndex);
      await new Promise((resolve) => setTimeout(resolve, 2)); // slow enough for a kill to land anywhere
    },
  });
}

const [, program, directory, steps] = process.argv;
if (program !== undefined && import.meta.url === pathToFileURL(program).href && directory !== undefined) {
  await main(directory, Number(steps));
}
