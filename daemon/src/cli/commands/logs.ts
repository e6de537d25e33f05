/**
 * `deltaspace logs`: what the daemon of a data folder wrote down, also while it runs or when it did not start.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeDataDirectory } from '../../config/data-directory.js';
import { formatLine, isAboutJob } from '../../log/format-line.js';
import { readLog } from '../../log/read-log.js';

export interface LogsCommand {
  readonly dataRoot: string;
  readonly lines: number;
  readonly follow: boolean;
  readonly job?: string;
  /** Lines as they are: JSON. */
  readonly json: boolean;
}

/** How often the file is looked at while it is followed. */
const pollMs = 200;

/** Writes to `write` until the end of the file, or until the signal with `follow`: leaving a log is not a failure. */
export async function runLogs(command: LogsCommand, write: (text: string) => void, signal: AbortSignal): Promise<void> {
  const file = path.join(describeDataDirectory(command.dataRoot).logs, 'daemon.log');
  const wait = (): Promise<void> => delay(pollMs, undefined, { signal }).catch(() => undefined);
  const { lines, follow, job, json } = command;
  // Lines about one job are chosen from the whole window, not from the last lines.
  const options = { lines: job === undefined ? lines : Number.POSITIVE_INFINITY, follow, signal, wait };
  for await (const line of readLog(file, options)) {
    if (job === undefined || isAboutJob(line, job)) write(`${json ? line : formatLine(line)}\n`);
  }
}
