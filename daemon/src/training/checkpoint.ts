/**
 * Checkpoints: everything a run needs to continue as if it had never stopped, in one safetensors file per checkpoint.
 *
 * Tensors are the session's state under its own names (`parameter/NAME`, `firstMoment/NAME`, …); the metadata hold the
 * step, the random generator, the seconds spent and the configuration. Files are replaced atomically and the last two are
 * kept, so that a crash while writing, or a file damaged later, costs one interval and not the run.
 */

import { readSafetensors, writeSafetensors } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_SUFFIX, writeFileAtomically } from '../files/atomic-file.js';
import { configurationDigest, type Configuration } from './configuration.js';
import { TrainingError } from './errors.js';
import type { MetricsWindow } from './progress.js';
import type { RandomState } from './random.js';

export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Seconds of training over all sessions of the run so far. */
  readonly elapsedSeconds: number;
  readonly random: RandomState;
  /** Metrics since the last report. */
  readonly window: MetricsWindow;
  readonly configuration: Configuration;
  /** float32, by state name. */
  readonly state: ReadonlyMap<string, Tensor>;
}

/** Raised when the meaning of the file changes; other versions are refused. */
const FORMAT_VERSION = '1';
const KEPT = 2;
const FILE_NAME = /^checkpoint-(\d{9,})\.safetensors$/;

export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const metadata = new Map([
    ['format', `deltaspace-checkpoint/${FORMAT_VERSION}`],
    ['step', String(checkpoint.step)],
    ['elapsedSeconds', String(checkpoint.elapsedSeconds)],
    ['random', JSON.stringify(checkpoint.random)],
    ['window', JSON.stringify(checkpoint.window)],
    ['configuration', JSON.stringify(checkpoint.configuration)],
    ['configurationDigest', configurationDigest(checkpoint.configuration)],
  ]);
  const name = `checkpoint-${String(checkpoint.step).padStart(9, '0')}.safetensors`;
  await writeFileAtomically(join(folder, name), writeSafetensors(new Map(checkpoint.state), metadata));
  for (const old of (await listCheckpoints(folder)).slice(KEPT)) await rm(join(folder, old), { force: true });
}

/**
 * The newest readable checkpoint, or null when the folder has none. Removes what an interrupted write left behind.
 * Rejects with 'training/checkpoint-unreadable' when there are checkpoints but none can be read.
 */
export async function loadNewestCheckpoint(folder: string): Promise<Checkpoint | null> {
  await removePartialFiles(folder);
  const names = await listCheckpoints(folder);
  const failures: string[] = [];
  for (const name of names) {
    try {
      return parseCheckpoint(new Uint8Array(await readFile(join(folder, name))));
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (names.length === 0) return null;
  throw new TrainingError('training/checkpoint-unreadable', `no checkpoint can be read (${failures.join('; ')})`);
}

/** Newest first. */
async function listCheckpoints(folder: string): Promise<string[]> {
  const steps = (await readdir(folder)).flatMap((name) => {
    const match = FILE_NAME.exec(name);
    return match ? [{ name, step: Number(match[1]) }] : [];
  });
  return steps.sort((a, b) => b.step - a.step).map(({ name }) => name);
}

async function removePartialFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(folder, name), { force: true });
  }
}

function parseCheckpoint(file: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(file);
  const field = (name: string): string => {
    const text = metadata.get(name);
    if (text === undefined) throw new Error(`metadata lack ${name}`);
    return text;
  };
  if (field('format') !== `deltaspace-checkpoint/${FORMAT_VERSION}`) throw new Error(`format is ${field('format')}`);
  const configuration = JSON.parse(field('configuration')) as Configuration;
  if (configurationDigest(configuration) !== field('configurationDigest')) {
    throw new Error('the stored configuration does not match its digest');
  }
  const step = Number(field('step'));
  const elapsedSeconds = Number(field('elapsedSeconds'));
  if (!Number.isSafeInteger(step) || step < 0 || !(elapsedSeconds >= 0)) throw new Error('step or time is not a count');
  const random = JSON.parse(field('random')) as RandomState;
  const window = JSON.parse(field('window')) as MetricsWindow;
  return { step, elapsedSeconds, random, window, configuration, state: tensors };
}
