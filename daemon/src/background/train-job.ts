/**
 * Training as a job: a recipe in a folder of its own below the data folder, its figures as progress, its pack installed.
 *
 * The folder is named by the job that began the run. A job that is tried again, and a job that resumes another one, find the
 * stages that are done and the checkpoints in it, and end with the bits of an unbroken run (training/train.ts has the conditions).
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ProtocolError, trainingStages } from '@deltaspace/shared-protocol';
import { evaluatePack, type EvaluationReport } from '../evaluation/evaluate.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import type { JobKinds, JobResult, ResumedRun } from '../jobs/job.js';
import { installPack, requireNewName } from '../packs/install-pack.js';
import type { AvatarsRecipeOptions, PackReport, RecipeOutcome } from '../recipes/avatars/recipe.js';
import type { TrainingProgress } from '../training/index.js';
import type { WorkerConfiguration } from '../worker/messages.js';
import type { WorkHooks } from '../worker/serve.js';
import { lapsSince } from './laps.js';

/** What trains a pack: `runAvatarsRecipe`, or something smaller for tests. */
export type Recipe = <Report extends PackReport>(
  options: AvatarsRecipeOptions<Report>,
) => Promise<RecipeOutcome<Report>>;

type Params = JobKinds['train']['params'];

/** Beside the run: what it was asked for, so that another request never goes on with it by accident. */
const requestFile = 'request.json';

/** Begins a run in a new folder, or goes on with it when the job was begun before. */
export async function startTraining(
  configuration: WorkerConfiguration,
  recipe: Recipe,
  id: string,
  params: Params,
  hooks: WorkHooks,
): Promise<JobResult<'train'>> {
  const directory = path.join(configuration.trainingDirectory, id);
  const known = await readRequest(directory);
  if (known === undefined) {
    await requireNewName(params.name, configuration.packsDirectory);
    // A folder without a request was begun by nobody we know of; what it holds is not this run.
    await rm(directory, { recursive: true, force: true });
    await writeRequest(directory, params);
  } else if (!isDeepStrictEqual(known, params)) {
    throw new ProtocolError(
      'training_failed',
      `the folder of a run ${id} that is forgotten by now holds another request; choose a new job id`,
    );
  }
  return runIn(configuration, recipe, id, params, hooks);
}

/** Goes on with a run. @throws ProtocolError `training_not_resumable` when its folder is gone. */
export async function resumeTraining(
  configuration: WorkerConfiguration,
  recipe: Recipe,
  { run, ...limits }: ResumedRun,
  hooks: WorkHooks,
): Promise<JobResult<'resume'>> {
  const begun = await readRequest(path.join(configuration.trainingDirectory, run));
  if (begun === undefined)
    throw new ProtocolError('training_not_resumable', `the folder of run ${run} is gone; start a new one`);
  return runIn(configuration, recipe, run, { ...begun, ...limits }, hooks);
}

async function runIn(
  { trainingDirectory, packsDirectory }: WorkerConfiguration,
  recipe: Recipe,
  run: string,
  { name, stages, minutes, steps }: Params,
  { progress, signal }: WorkHooks,
): Promise<JobResult<'train'>> {
  const directory = path.join(trainingDirectory, run);
  const lap = lapsSince();
  const place = new Place(progress);
  const only = stages !== undefined && trainingStages.some((stage) => !stages.includes(stage)) ? stages : undefined;
  const log = (): void => undefined;
  const { packDirectory, report } = await recipe<EvaluationReport>({
    directory,
    packId: name,
    ...(only === undefined ? {} : { only }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(steps === undefined ? {} : { steps }),
    onStage: (stage, index, count) => place.enter(stage, index, count),
    onRendered: (done, total) => place.render(done, total),
    onProgress: (_stage, figures) => place.advance(figures),
    evaluate: (assembled) => evaluatePack({ packDirectory: assembled, log, signal }),
    ...{ log, signal },
  });
  signal.throwIfAborted();
  const training = lap();
  if (only !== undefined) return { run, timingsMs: { training } };
  const pack = await installPack(packDirectory, packsDirectory);
  // Gigabytes of rendered pictures, which a run that were gone on with would draw again.
  await rm(path.join(directory, 'images'), { recursive: true, force: true });
  return { run, pack, ...(report === null ? {} : { figures: report }), timingsMs: { training, installing: lap() } };
}

/** Where a run is: its stage, the fraction of all stages, and the figures of the newest step. */
class Place {
  #stage = 'training';
  #start = 0;
  #share = 1;

  constructor(private readonly tell: WorkHooks['progress']) {}

  enter(stage: string, index: number, count: number): void {
    this.#stage = stage;
    this.#start = index / count;
    this.#share = 1 / count;
    this.tell(stage, this.#start, {});
  }

  /** Pictures come before the first step of a stage, and take minutes. */
  render(picturesRendered: number, pictures: number): void {
    this.tell(this.#stage, this.#start, { picturesRendered, pictures });
  }

  advance({ step, steps, elapsedSeconds, etaSeconds, imagesPerSecond, metrics }: TrainingProgress): void {
    const done = etaSeconds === null ? 0 : elapsedSeconds / Math.max(elapsedSeconds + etaSeconds, 1e-9);
    this.tell(this.#stage, Math.min(this.#start + this.#share * done, 1), {
      ...metrics,
      step,
      ...(steps === null ? {} : { steps }),
      imagesPerSecond,
      elapsedSeconds,
      ...(etaSeconds === null ? {} : { stageEtaSeconds: etaSeconds }),
    });
  }
}

async function readRequest(directory: string): Promise<Params | undefined> {
  try {
    return JSON.parse(await readFile(path.join(directory, requestFile), 'utf8')) as Params;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeRequest(directory: string, params: Params): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFileAtomically(path.join(directory, requestFile), JSON.stringify(params));
}
