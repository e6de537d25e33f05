/**
 * `deltaspace evaluate`: the figures of a pack on held-out data, as one JSON object, with or without --json.
 */
import { editSheet } from '../../evaluation/edit-sheet.js';
import { evaluatePack } from '../../evaluation/evaluate.js';
import type { Console } from '../console.js';
import { writeOutput } from '../files.js';
import { installedPack } from '../installed-pack.js';

export interface EvaluateCommand {
  readonly pack: string;
  readonly avatars?: number;
  readonly split?: 'validation' | 'test';
  /** PNG file for a contact sheet. */
  readonly sheet?: string;
  readonly dataRoot: string;
}

export async function runEvaluate(command: EvaluateCommand, console: Console, signal: AbortSignal): Promise<void> {
  const packDirectory = await installedPack(command.pack, command.dataRoot);
  const split = command.split === undefined ? {} : { split: command.split };
  const report = await evaluatePack({
    packDirectory,
    ...split,
    ...(command.avatars === undefined ? {} : { avatarsPerText: command.avatars }),
    log: (line) => console.note(line),
    signal,
  });
  console.result(report, [JSON.stringify(report, null, 2)]);
  if (command.sheet !== undefined) await writeOutput(command.sheet, await editSheet({ packDirectory, ...split }));
}
