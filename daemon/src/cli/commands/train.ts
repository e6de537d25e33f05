/**
 * `deltaspace train pack`: runs a recipe in this process, with everything the machine has, and needs no daemon. Ctrl-C stops it
 * between steps and `--resume` goes on. As a job of the daemon, beside edits, the same recipe runs by `train.start`.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { evaluatePack } from '../../evaluation/evaluate.js';
import { runAvatarsRecipe } from '../../recipes/avatars/recipe.js';
import type { Console } from '../console.js';
import { usageError } from '../failure.js';

export interface TrainPackCommand {
  readonly output: string;
  readonly minutes?: number;
  /** Most steps of every stage. */
  readonly steps?: number;
  readonly resume: boolean;
  /** Folder of a smaller pack to start from. */
  readonly from?: string;
}

export async function runTrainPack(command: TrainPackCommand, console: Console, signal: AbortSignal): Promise<void> {
  const directory = path.resolve(command.output);
  const found = await readdir(directory).catch(() => []);
  if (found.length > 0 && !command.resume) {
    throw usageError(`-o ${command.output}: the folder is not empty; add --resume to go on with the run in it`);
  }
  const log = (line: string): void => console.note(line);
  const { packDirectory, report } = await runAvatarsRecipe({
    directory,
    ...(command.minutes === undefined ? {} : { minutes: command.minutes }),
    ...(command.steps === undefined ? {} : { steps: command.steps }),
    ...(command.from === undefined ? {} : { from: path.resolve(command.from) }),
    evaluate: (packDirectory) => evaluatePack({ packDirectory, log, signal }),
    log,
    signal,
  });
  console.result({ pack: packDirectory, report }, [
    `the pack is in ${packDirectory}`,
    'to use it, copy that folder into "packs" of the data folder and restart the daemon',
  ]);
}
