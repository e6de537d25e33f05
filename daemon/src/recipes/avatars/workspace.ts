/**
 * What every stage of the recipe shares: the working folder, the data sets (rendered once, cached on disk), the time budget,
 * and a place for finished weights. A stage that finds its weights there is done and is not run again.
 */
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@deltaspace/models';
import { buildTrainingStep, type Tensor, type TrainingStepOptions } from '@deltaspace/onnx-graph';
import {
  formatProgress,
  train,
  type StopConditions,
  type TrainOptions,
  type TrainingProgress,
  type TrainResult,
} from '../../training/index.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { type RenderedAvatars, renderDataset } from './dataset.js';
import { dataSettings, resolution, stageSettings, type TrainedStage } from './settings.js';
import type { Split } from './splits.js';
import { validationMetrics } from './validation.js';

export interface RecipeOptions {
  readonly directory: string;
  /** Total training time; default: the stages' own minutes, or no limit where `steps` is given. */
  readonly minutes?: number;
  /** Most steps of every trained stage. Without `minutes` equal seeds then give equal weights on the same machine. */
  readonly steps?: number;
  readonly threads?: number;
  /** Id that the pack gets; default `avatars`, the one that ships. */
  readonly packId?: string;
  readonly log: (line: string) => void;
  /** Told now and then while pictures are rendered. */
  readonly onRendered?: (done: number, total: number) => void;
  /** Told at every logged step of a trained stage. */
  readonly onProgress?: (stage: string, progress: TrainingProgress) => void;
  readonly signal?: AbortSignal;
}

/** A trained stage's results: its weights by name and the numbers worth recording. */
export interface StageResult {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly facts: Readonly<Record<string, string>>;
}

export type Workspace = Awaited<ReturnType<typeof openWorkspace>>;

/** Opens (or continues in) a recipe folder. */
export async function openWorkspace(options: RecipeOptions) {
  const { directory, log } = options;
  await mkdir(join(directory, 'stages'), { recursive: true });
  const imageDirectory = join(directory, 'images');
  const rendered = new Map<Split, Promise<RenderedAvatars>>();
  const counts = {
    train: dataSettings.trainCount,
    validation: dataSettings.validationCount,
    test: dataSettings.testCount,
  };

  const images = (split: Split): Promise<RenderedAvatars> => {
    const known = rendered.get(split);
    if (known) return known;
    log(`rendering ${counts[split]} ${split} avatars at ${resolution} px`);
    const fresh = renderDataset({
      split,
      count: counts[split],
      size: resolution,
      dataSeed: dataSettings.dataSeed,
      directory: imageDirectory,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onRendered === undefined ? {} : { onProgress: options.onRendered }),
    });
    rendered.set(split, fresh);
    return fresh;
  };

  const weightsFile = (stage: string) => join(directory, 'stages', `${stage}.safetensors`);

  /** Finished weights of a stage, or null. */
  const finished = async (stage: string): Promise<StageResult | null> => {
    if (!(await exists(weightsFile(stage)))) return null;
    const { tensors, metadata } = readSafetensors(await readFile(weightsFile(stage)));
    return { weights: tensors, facts: Object.fromEntries(metadata) };
  };

  const finish = async (stage: string, result: StageResult): Promise<StageResult> => {
    const bytes = writeSafetensors(new Map(result.weights), new Map(Object.entries(result.facts)));
    await writeFileAtomically(weightsFile(stage), bytes);
    return result;
  };

  /** Weights of a stage that must have run. */
  const required = async (stage: string): Promise<ReadonlyMap<string, Tensor>> => {
    const result = await finished(stage);
    if (!result) throw new Error(`stage ${stage} has not finished in ${directory}; run it first`);
    return result.weights;
  };

  return { directory, imageDirectory, log, options, images, finished, finish, required };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function stopOf(stage: TrainedStage, { minutes, steps }: RecipeOptions): StopConditions {
  const settings = stageSettings[stage];
  if (minutes !== undefined)
    return { minutes: minutes * settings.timeShare, ...(steps === undefined ? {} : { steps }) };
  return steps === undefined ? { minutes: settings.minutes } : { steps };
}

/** What a stage trains and on what. */
export interface StageParts extends Pick<TrainOptions, 'fillBatch' | 'schedule'> {
  readonly step: TrainingStepOptions;
  /** Fills batches with avatars of the validation split. */
  readonly validation: () => Promise<TrainOptions['fillBatch']>;
  /** Starting values by parameter name; those that the step has no parameter for are left out. */
  readonly initial?: ReadonlyMap<string, Tensor>;
  readonly configuration?: TrainOptions['configuration'];
}

export interface TrainedResult extends TrainResult {
  /** Means of the loss and metrics over validation avatars. */
  readonly validation: Readonly<Record<string, number>>;
}

/** Trains one stage within its limits and measures it on validation avatars, logging both; resumes by itself. */
export async function trainStage(workspace: Workspace, stage: TrainedStage, parts: StageParts): Promise<TrainedResult> {
  const { timeShare: _share, minutes: _minutes, ...settings } = stageSettings[stage];
  const { options, log } = workspace;
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  const step = buildTrainingStep(parts.step);
  const hasParameter = (name: string): boolean => step.parameters.some((parameter) => parameter.name === name);
  const result = await train({
    step,
    directory: join(workspace.directory, 'runs', stage),
    seed: settings.seed,
    configuration: { stage, ...settings, ...dataSettings, resolution, ...parts.configuration },
    fillBatch: parts.fillBatch,
    schedule: parts.schedule,
    stop: stopOf(stage, options),
    checkpointEverySteps: 500,
    logEverySteps: 100,
    imagesPerStep: settings.batch,
    onStart: (start) =>
      log(
        `${stage}: ${start.path} path${start.fallbackReason ? ` (${start.fallbackReason})` : ''}, after step ${start.resumedAfterStep}`,
      ),
    onProgress: (progress) => {
      log(`${stage}: ${formatProgress(progress)}`);
      options.onProgress?.(stage, progress);
    },
    ...threads,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    initial: new Map([...(parts.initial ?? [])].filter(([name]) => hasParameter(name))),
  });
  const validation = await validationMetrics({
    build: parts.step.build,
    weights: result.parameters,
    fillBatch: await parts.validation(),
    ...threads,
  });
  const figures = Object.entries(validation).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  log(`${stage}: on validation avatars ${figures.join(', ')}`);
  return { ...result, validation };
}

/** What is recorded beside a trained stage's weights. */
export function factsOf({ step, elapsedSeconds, validation }: TrainedResult): Record<string, string> {
  return {
    steps: String(step),
    minutes: (elapsedSeconds / 60).toFixed(1),
    validation: JSON.stringify(validation),
  };
}

/** Learning-rate factor: linear warm-up over `warmupSteps`, flat until `decayFrom` of the run, then a cosine to `floor`. */
export function warmupThenCosine(
  stepIndex: number,
  progress: number,
  { warmupSteps, decayFrom, floor }: { warmupSteps: number; decayFrom: number; floor: number },
): number {
  const warm = Math.min(1, stepIndex / warmupSteps);
  const late = Math.max(0, (progress - decayFrom) / (1 - decayFrom));
  return warm * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, late))));
}
