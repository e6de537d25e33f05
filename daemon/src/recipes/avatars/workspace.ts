/**
 * What every stage of the recipe shares: the working folder, the data sets (rendered once, cached on disk), the time budget,
 * and a place for finished weights. A stage that finds its weights there is done and is not run again.
 */
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@deltaspace/models';
import type { Tensor, TrainingStep } from '@deltaspace/onnx-graph';
import { formatProgress, train, type TrainResult, type TrainOptions } from '../../training/index.js';
import { writeFileAtomically } from '../../training/atomic-file.js';
import { type RenderedAvatars, renderDataset } from './dataset.js';
import { dataSettings, resolution, stageSettings, type TrainedStage } from './settings.js';
import type { Split } from './splits.js';

export interface RecipeOptions {
  readonly directory: string;
  /** Total training time; default: the stages' own minutes. */
  readonly minutes?: number;
  readonly threads?: number;
  readonly log: (line: string) => void;
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
      directory: join(directory, 'images'),
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
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

  const minutesOf = (stage: TrainedStage): number =>
    options.minutes === undefined ? stageSettings[stage].minutes : options.minutes * stageSettings[stage].timeShare;

  return { directory, log, options, images, finished, finish, required, minutesOf };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Trains one stage within its time, logging progress; resumes by itself. */
export async function trainStage(
  workspace: Workspace,
  stage: TrainedStage,
  step: TrainingStep,
  parts: Pick<TrainOptions, 'fillBatch' | 'schedule'> & {
    readonly initial?: ReadonlyMap<string, Tensor>;
    readonly configuration?: TrainOptions['configuration'];
  },
): Promise<TrainResult> {
  const { timeShare: _share, minutes: _minutes, ...settings } = stageSettings[stage];
  const { options, log } = workspace;
  return train({
    step,
    directory: join(workspace.directory, 'runs', stage),
    seed: settings.seed,
    configuration: { stage, ...settings, ...dataSettings, resolution, ...parts.configuration },
    fillBatch: parts.fillBatch,
    schedule: parts.schedule,
    stop: { minutes: workspace.minutesOf(stage) },
    checkpointEverySteps: 500,
    logEverySteps: 100,
    imagesPerStep: settings.batch,
    onStart: (start) =>
      log(
        `${stage}: ${start.path} path${start.fallbackReason ? ` (${start.fallbackReason})` : ''}, after step ${start.resumedAfterStep}`,
      ),
    onProgress: (progress) => log(`${stage}: ${formatProgress(progress)}`),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(parts.initial === undefined ? {} : { initial: parts.initial }),
  });
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
