/**
 * `deltaspace evaluate`: the figures of a pack on held-out data, as one JSON object, with or without --json.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packFolders } from '@deltaspace/models';
import { ProtocolError } from '@deltaspace/shared-protocol';
import { describeDataDirectory } from '../../config/data-directory.js';
import { editSheet } from '../../evaluation/edit-sheet.js';
import { evaluatePack } from '../../evaluation/evaluate.js';
import type { Console } from '../console.js';
import { writeOutput } from '../files.js';

export interface EvaluateCommand {
  readonly pack: string;
  readonly avatars?: number;
  readonly split?: 'validation' | 'test';
  /** PNG file for a contact sheet. */
  readonly sheet?: string;
  readonly dataRoot: string;
}

export async function runEvaluate(command: EvaluateCommand, console: Console, signal: AbortSignal): Promise<void> {
  const packDirectory = await findPack(command.pack, command.dataRoot);
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

/** The folder of an installed pack by its id: those that ship first, then the user's. */
async function findPack(id: string, dataRoot: string): Promise<string> {
  const folders = [...(await packFolders()), ...(await packFolders(describeDataDirectory(dataRoot).packs))];
  for (const folder of folders) if ((await idOf(folder)) === id) return folder;
  throw new ProtocolError('pack_missing', `there is no pack "${id}"; "deltaspace models list" shows those there are`);
}

/** The id that a folder's pack.json states; undefined when it cannot be read, which `models list` explains. */
async function idOf(folder: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(path.join(folder, 'pack.json'), 'utf8')) as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}
