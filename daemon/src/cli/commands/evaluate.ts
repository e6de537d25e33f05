/**
 * `deltaspace evaluate`: the figures of a pack on held-out data. Writes a report to read in a browser; prints a short table,
 * or with --json every figure. Needs no daemon.
 */
import { describeDataDirectory } from '../../config/data-directory.js';
import { editSheet } from '../../evaluation/edit-sheet.js';
import { editMethods, evaluatePack } from '../../evaluation/evaluate.js';
import { renderReport } from '../../evaluation/report-html.js';
import { drawReport } from '../../evaluation/report-pictures.js';
import { describeReport } from '../../evaluation/report-text.js';
import type { EditMethod } from '../../deltaedit/index.js';
import type { Console } from '../console.js';
import { usageError } from '../failure.js';
import { pathKind, writeOutput } from '../files.js';
import { installedPack } from '../../packs/installed-pack.js';

export interface EvaluateCommand {
  readonly pack: string;
  /** Names of methods, separated by commas. */
  readonly methods?: string;
  readonly avatars?: number;
  readonly split?: 'validation' | 'test';
  readonly seed?: number;
  /** HTML file for the report. */
  readonly output?: string;
  /** PNG file for a contact sheet. */
  readonly sheet?: string;
  readonly dataRoot: string;
}

export async function runEvaluate(command: EvaluateCommand, console: Console, signal: AbortSignal): Promise<void> {
  const { pack, split, avatars, seed, sheet, output = `${pack}-evaluation.html` } = command;
  const methods = command.methods === undefined ? editMethods : parseMethods(command.methods);
  // Before minutes of computing, not after.
  if (command.output !== undefined) refuseName('-o', output, '.html');
  if (sheet !== undefined) refuseName('--sheet', sheet, '.png');
  const packDirectory = await installedPack(pack, describeDataDirectory(command.dataRoot).packs);
  const log = (line: string): void => console.note(line);
  const report = await evaluatePack({
    ...{ packDirectory, methods, log, signal },
    ...(split === undefined ? {} : { split }),
    ...(avatars === undefined ? {} : { avatarsPerText: avatars }),
    ...(seed === undefined ? {} : { seed }),
  });
  const pictures = await drawReport({ packDirectory, report, log, signal });
  await writeOutput(output, Buffer.from(renderReport(report, pictures)));
  if (sheet !== undefined) await writeOutput(sheet, await editSheet({ packDirectory, split: report.split }));
  console.result({ ...report, report: output }, describeReport(report, output, sheet));
}

/** The methods of a list, in the order of the tables; `deltaedit` always. @throws CommandError `usage`. */
export function parseMethods(list: string): readonly EditMethod[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !editMethods.some((method) => method === name));
  if (unknown.length > 0)
    throw usageError(`--methods: there is no method "${unknown.join('", "')}"; there are ${editMethods.join(', ')}`);
  return editMethods.filter((method) => method === 'deltaedit' || names.includes(method));
}

function refuseName(flag: string, file: string, extension: '.html' | '.png'): void {
  if (!file.toLowerCase().endsWith(extension)) throw usageError(`${flag} ${file}: the name must end in ${extension}`);
  if (pathKind(file) === 'folder') throw usageError(`${flag} ${file} is a folder`);
}
