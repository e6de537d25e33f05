/**
 * The training loop: batches in, checkpoints and metrics out, nothing lost when the process dies.
 *
 * A run lives in a folder. Starting `train` on a folder with checkpoints continues the run; killed at any time, it ends
 * with the same bits as an unbroken one, provided that `fillBatch` draws only from the generator it is given and
 * `schedule` looks only at the step (CPU, same thread count). Two processes must not train in one folder.
 *
 * Not here: what is trained (the step), what a batch is (fillBatch), evaluation.
 */

import type { Tensor, TrainingStep, TypedArray } from '@deltaspace/onnx-graph';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTrainingSession, type TrainingSession, type TrainingSessionOptions } from '../runtime/index.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { loadNewestCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.js';
import { configurationDifferences, type Configuration } from './configuration.js';
import { TrainingError } from './errors.js';
import { setInitialState } from './initial-state.js';
import { renderLossPlot } from './loss-plot.js';
import { MetricsLog } from './metrics-log.js';
import {
  addToWindow,
  fractionDone,
  remainingSeconds,
  windowMeans,
  type MetricsWindow,
  type StopConditions,
  type TrainingProgress,
} from './progress.js';
import { Random } from './random.js';

export interface TrainOptions extends TrainingSessionOptions {
  readonly step: TrainingStep;
  /** The run's folder; made when absent. Holds checkpoints, metrics.jsonl and loss.png. */
  readonly directory: string;
  readonly seed: number;
  /** Every setting that shapes the result; a folder with another configuration is refused. Leave `stop` out to extend runs. */
  readonly configuration: Configuration;
  /** Writes the batch of `stepIndex` (1-based) into the input buffers. All chance must come from `random`. */
  readonly fillBatch: (
    data: Readonly<Record<string, TypedArray>>,
    random: Random,
    stepIndex: number,
  ) => void | Promise<void>;
  /** The learning rate of `stepIndex` (1-based); `progress` is the fraction of the run done before it, in [0, 1]. */
  readonly schedule: (stepIndex: number, progress: number) => number;
  readonly stop: StopConditions;
  readonly checkpointEverySteps: number;
  readonly logEverySteps: number;
  readonly imagesPerStep: number;
  /** Starting values by parameter name, for a fresh run; parameters not named are drawn. */
  readonly initial?: ReadonlyMap<string, Tensor>;
  /** When aborted, the run saves a checkpoint and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Told once how the run starts: which path, why not the native one, and after which step. */
  readonly onStart?: (start: RunStart) => void;
}

export interface RunStart {
  readonly path: TrainingSession['path'];
  readonly fallbackReason?: string;
  /** 0 for a fresh run. */
  readonly resumedAfterStep: number;
}

export interface TrainResult {
  /** Steps done in total. */
  readonly step: number;
  readonly elapsedSeconds: number;
  /** By parameter name, float32; the running average where the step keeps one. */
  readonly parameters: Map<string, Tensor>;
  /** The last logged means. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Trains until a stop condition holds. Rejects with a TrainingError: 'training/diverged',
 * 'training/configuration-changed', 'training/checkpoint-unreadable' or 'training/invalid-options'.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  checkOptions(options);
  await mkdir(options.directory, { recursive: true });
  const checkpoint = await loadNewestCheckpoint(options.directory);
  const configuration = { ...options.configuration, seed: options.seed };
  if (checkpoint) checkConfiguration(checkpoint.configuration, configuration, options.directory);
  const session = await createTrainingSession(options.step, options);
  try {
    const log = await MetricsLog.open(join(options.directory, 'metrics.jsonl'), checkpoint?.step ?? 0);
    const run = new Run(options, configuration, session, log);
    run.start(checkpoint);
    await run.loop();
    return run.result();
  } finally {
    await session.dispose();
  }
}

function checkOptions({ stop, checkpointEverySteps, logEverySteps }: TrainOptions): void {
  const positive = (value: number | undefined): boolean => value === undefined || value > 0;
  if ((stop.steps ?? stop.minutes) === undefined || !positive(stop.steps) || !positive(stop.minutes)) {
    throw new TrainingError('training/invalid-options', 'stop needs steps or minutes, above zero');
  }
  if (!(checkpointEverySteps >= 1) || !(logEverySteps >= 1)) {
    throw new TrainingError('training/invalid-options', 'checkpointEverySteps and logEverySteps must be at least 1');
  }
}

function checkConfiguration(stored: Configuration, wanted: Configuration, directory: string): void {
  const differences = configurationDifferences(stored, wanted);
  if (differences.length === 0) return;
  throw new TrainingError(
    'training/configuration-changed',
    `${directory} was trained with other settings (stored → wanted): ${differences.join('; ')}`,
  );
}

/** One call of `train`: the position in the run and everything that is checkpointed with it. */
class Run {
  private step = 0;
  private secondsBefore = 0;
  private readonly random: Random;
  private window: MetricsWindow = { count: 0, sums: {} };
  private savedStep = -1;
  private readonly startedAt = performance.now();
  private windowStart = { time: performance.now(), step: 0 };

  constructor(
    private readonly options: TrainOptions,
    private readonly configuration: Configuration,
    private readonly session: TrainingSession,
    private readonly log: MetricsLog,
  ) {
    this.random = new Random(options.seed);
  }

  /** Takes the state of `checkpoint`, or draws a fresh one. */
  start(checkpoint: Checkpoint | null): void {
    const { session, options } = this;
    if (checkpoint) {
      this.step = checkpoint.step;
      this.savedStep = checkpoint.step;
      this.secondsBefore = checkpoint.elapsedSeconds;
      this.random.restore(checkpoint.random);
      this.window = { count: checkpoint.window.count, sums: { ...checkpoint.window.sums } };
      restoreState(session, checkpoint.state);
    } else {
      setInitialState(session, options.step.parameters, options.seed, options.initial);
    }
    this.windowStart = { time: performance.now(), step: this.step };
    options.onStart?.({
      path: session.path,
      ...(session.fallbackReason === undefined ? {} : { fallbackReason: session.fallbackReason }),
      resumedAfterStep: this.step,
    });
  }

  async loop(): Promise<void> {
    const { options, session } = this;
    const { stop, signal } = options;
    while (fractionDone(stop, this.step, this.elapsedSeconds()) < 1) {
      if (signal?.aborted) {
        await this.save();
        signal.throwIfAborted();
      }
      const stepIndex = this.step + 1;
      await options.fillBatch(session.data, this.random, stepIndex);
      const learningRate = options.schedule(stepIndex, fractionDone(stop, this.step, this.elapsedSeconds()));
      const metrics = await session.run({ learningRate, step: stepIndex });
      this.step = stepIndex;
      if (!Number.isFinite(metrics['loss'])) throw this.diverged(`the loss is ${metrics['loss']}`);
      addToWindow(this.window, metrics);
      if (this.step % options.logEverySteps === 0) await this.report(learningRate);
      if (this.step % options.checkpointEverySteps === 0) await this.save();
      await nextTurn(); // a run blocks the thread: let signals and timers in between two of them
    }
    await this.save(stop.minutes !== undefined); // again, if need be: the time used is part of the checkpoint
  }

  result(): TrainResult {
    const { session } = this;
    const known = new Set(session.stateNames);
    const parameters = this.options.step.parameters.map(({ name, shape }): [string, Tensor] => {
      const averaged = `average/${name}`;
      const data = session.getState(known.has(averaged) ? averaged : `parameter/${name}`);
      return [name, { dtype: 'float32', shape, data }];
    });
    return {
      step: this.step,
      elapsedSeconds: this.elapsedSeconds(),
      parameters: new Map(parameters),
      metrics: this.log.records.at(-1)?.metrics ?? windowMeans(this.window),
    };
  }

  private elapsedSeconds(): number {
    return this.secondsBefore + (performance.now() - this.startedAt) / 1000;
  }

  private async report(learningRate: number): Promise<void> {
    const { options } = this;
    const now = performance.now();
    const stepsPerSecond = (this.step - this.windowStart.step) / ((now - this.windowStart.time) / 1000);
    const elapsedSeconds = this.elapsedSeconds();
    const record = {
      step: this.step,
      elapsedSeconds,
      learningRate,
      imagesPerSecond: stepsPerSecond * options.imagesPerStep,
      gflopsPerSecond: (stepsPerSecond * options.step.flopsPerStep) / 1e9,
      metrics: windowMeans(this.window),
    };
    this.window = { count: 0, sums: {} };
    this.windowStart = { time: now, step: this.step };
    await this.log.append(record);
    options.onProgress?.({
      ...record,
      steps: options.stop.steps ?? null,
      etaSeconds: remainingSeconds(options.stop, this.step, elapsedSeconds, stepsPerSecond),
    });
  }

  /** Writes a checkpoint and the plot, unless this step already has one. */
  private async save(evenIfSaved = false): Promise<void> {
    if (this.savedStep === this.step && !evenIfSaved) return;
    const state = new Map<string, Tensor>();
    for (const name of this.session.stateNames) {
      const data = this.session.getState(name);
      if (!allFinite(data)) throw this.diverged(`${name} is not finite`);
      state.set(name, { dtype: 'float32', shape: this.session.stateShape(name), data });
    }
    await saveCheckpoint(this.options.directory, {
      step: this.step,
      elapsedSeconds: this.elapsedSeconds(),
      random: this.random.state(),
      window: this.window,
      configuration: this.configuration,
      state,
    });
    this.savedStep = this.step;
    const points = this.log.records.map(({ step, metrics }) => ({ step, loss: metrics['loss'] ?? NaN }));
    await writeFileAtomically(join(this.options.directory, 'loss.png'), await renderLossPlot('loss', points));
  }

  private diverged(what: string): TrainingError {
    const last =
      this.savedStep >= 0 ? `the last good checkpoint is of step ${this.savedStep}` : 'there is no checkpoint';
    return new TrainingError('training/diverged', `training diverged at step ${this.step}: ${what}; ${last}`);
  }
}

function restoreState(session: TrainingSession, state: ReadonlyMap<string, Tensor>): void {
  for (const name of session.stateNames) {
    const tensor = state.get(name);
    if (!(tensor?.data instanceof Float32Array) || tensor.data.length !== session.getState(name).length) {
      throw new TrainingError('training/configuration-changed', `the checkpoint's ${name} does not fit this step`);
    }
    session.setState(name, tensor.data);
  }
  const known = new Set(session.stateNames);
  for (const name of state.keys()) {
    if (!known.has(name)) {
      throw new TrainingError('training/configuration-changed', `the checkpoint has ${name}, which this step lacks`);
    }
  }
}

/** A finite number times zero is zero; an infinity or NaN times zero is NaN, and stays in the sum. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}
