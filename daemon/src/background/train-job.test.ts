/** Trainings as jobs, without processes: folders, names and hand-overs. What is trained is a recipe that only says what it was given. */
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trainingStages, type JobMetrics } from '@deltaspace/shared-protocol';
import { avatarsStages, type AvatarsRecipeOptions } from '../recipes/avatars/recipe.js';
import type { WorkerConfiguration } from '../worker/messages.js';
import { resumeTraining, startTraining, type Recipe } from './train-job.js';

type Options = Omit<AvatarsRecipeOptions<never>, 'evaluate'>;

let folder: string;
let configuration: WorkerConfiguration;
let given: Options[];
beforeEach(async () => {
  given = [];
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-train-job-'));
  const [packsDirectory, trainingDirectory] = [path.join(folder, 'packs'), path.join(folder, 'training')];
  configuration = {
    ...{ blobDirectory: folder, packsDirectory, trainingDirectory, expectsFiles: false, cacheDirectory: folder },
    cacheBytes: 0,
    models: { keepAliveMs: 0, limitBytes: 0 },
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const single = { what: 'pack', recipe: 'avatars', name: 'mine', steps: 3 } as const;
const hooks = { signal: new AbortController().signal, progress: (): void => undefined };

const recipe: Recipe = (options) => {
  given.push(options);
  return Promise.resolve({ packDirectory: '', report: null });
};

describe('a training', () => {
  it('has the stages of the recipe to choose from', () => {
    expect(trainingStages).toEqual(avatarsStages);
  });

  it('runs in a folder named by its job, which a second try finds again', async () => {
    await startTraining(configuration, recipe, 'job-1', { ...single, stages: ['clip'] }, hooks);
    await writeFile(path.join(folder, 'training', 'job-1', 'checkpoint'), 'half');
    await startTraining(configuration, recipe, 'job-1', { ...single, stages: ['clip'] }, hooks);
    expect(given.map(({ directory }) => path.basename(directory))).toEqual(['job-1', 'job-1']);
    expect(given[1]).toMatchObject({ only: ['clip'], steps: 3, packId: 'mine' });
    expect(await readdir(path.join(folder, 'training', 'job-1'))).toContain('checkpoint');
  });

  it('does not go on with the folder of another request under its id', async () => {
    await startTraining(configuration, recipe, 'job-1', { ...single, stages: ['clip'] }, hooks);
    const other = startTraining(configuration, recipe, 'job-1', { ...single, stages: ['growth'] }, hooks);
    await expect(other).rejects.toMatchObject({ code: 'training_failed' });
    expect(given).toHaveLength(1);
  });

  it('takes nothing from a folder that no request began', async () => {
    const directory = path.join(folder, 'training', 'job-1');
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'stages'), 'of somebody else');
    await startTraining(configuration, recipe, 'job-1', { ...single, stages: ['clip'] }, hooks);
    expect(await readdir(directory)).toEqual(['request.json']);
  });

  it('is gone on with under new limits, and the old request stays as it was', async () => {
    await startTraining(configuration, recipe, 'job-1', { ...single, stages: ['clip'] }, hooks);
    await resumeTraining(configuration, recipe, { run: 'job-1', steps: 9 }, hooks);
    expect(given[1]).toMatchObject({ only: ['clip'], steps: 9 });
    const request = await readFile(path.join(folder, 'training', 'job-1', 'request.json'), 'utf8');
    expect(JSON.parse(request)).toMatchObject({ steps: 3 });
  });

  it('is not gone on with when its folder is gone', async () => {
    const resumed = resumeTraining(configuration, recipe, { run: 'job-1' }, hooks);
    await expect(resumed).rejects.toMatchObject({ code: 'training_not_resumable' });
  });

  it('tells stages as shares of the whole, and the newest figures', async () => {
    const told: [string, number, JobMetrics | undefined][] = [];
    const figures = { step: 50, steps: 100, elapsedSeconds: 10, etaSeconds: 10, imagesPerSecond: 8 };
    const talkative: Recipe = (options) => {
      options.onStage?.('clip', 1, 4);
      options.onRendered?.(32, 64);
      const rest = { learningRate: 1, gflopsPerSecond: 1, metrics: { loss: 0.25 } };
      options.onProgress?.('clip', { ...figures, ...rest });
      return recipe(options);
    };
    const progress = (...report: [string, number, JobMetrics?]): void =>
      void told.push([report[0], report[1], report[2]]);
    await startTraining(configuration, talkative, 'job-1', { ...single, stages: ['clip'] }, { ...hooks, progress });
    expect(told).toEqual([
      ['clip', 0.25, {}],
      ['clip', 0.25, { picturesRendered: 32, pictures: 64 }],
      [
        'clip',
        0.375,
        { loss: 0.25, step: 50, steps: 100, imagesPerSecond: 8, elapsedSeconds: 10, stageEtaSeconds: 10 },
      ],
    ]);
  });
});
