/**
 * A worker of the background whose recipe takes a second: everything is real but what is trained, a network of three layers.
 *
 * Its pack is the tiny one, with a digest of the trained weights in its provenance. Each time that the training begins it adds a
 * line with the step it goes on from to the file `starts` in the run's folder.
 */
import { createHash } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serveBackground, smallRun, train, type Recipe } from '@deltaspace/daemon';
import { savePack } from '@deltaspace/models';
import { tinyPackContents } from '../fixtures/tiny-pack.js';

const stage = 'autoencoder';
const defaultSteps = 40;
/** Slow enough for a test to land between two steps. */
const stepMs = 10;

const smallRecipe: Recipe = async ({ directory, steps = defaultSteps, packId, only, signal, onStage, onProgress }) => {
  await mkdir(directory, { recursive: true });
  onStage?.(stage, 0, 1);
  const { fillBatch, ...options } = smallRun(path.join(directory, 'runs', stage), steps);
  let starting: Promise<void> = Promise.resolve();
  const { parameters } = await train({
    ...options,
    ...(signal === undefined ? {} : { signal }),
    fillBatch: async (...batch) => {
      await delay(stepMs);
      await fillBatch(...batch);
    },
    onStart: ({ resumedAfterStep }) => {
      starting = appendFile(path.join(directory, 'starts'), `${resumedAfterStep}\n`);
    },
    onProgress: (progress) => onProgress?.(stage, progress),
  });
  await starting;
  const hash = createHash('sha256');
  for (const [name, { data }] of parameters) hash.update(name).update(data as Float32Array);
  const packDirectory = path.join(directory, 'pack');
  const contents = tinyPackContents(packId === undefined ? {} : { id: packId });
  if (only === undefined) await savePack(packDirectory, { ...contents, provenance: { weights: hash.digest('hex') } });
  return { packDirectory, report: null };
};

serveBackground(smallRecipe);
