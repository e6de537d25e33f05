/**
 * The daemon's log: JSON lines in DATA/logs/daemon.log, and on standard error in the foreground.
 *
 * It never holds tokens, texts people typed, or pixels: callers log ids, codes, counts and durations only. The
 * redaction below is the second fence, for objects logged whole by mistake.
 */
import { renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { pino, type Logger } from 'pino';

export type Log = Logger;

const secretMembers = ['token', 'authorization', 'headers', 'targets', 'target', 'source', 'params'];

export interface LogOptions {
  /** Folder for daemon.log; none when left out (tests, worker). */
  readonly directory?: string;
  readonly alsoStandardError?: boolean;
  readonly level?: string;
  /** Size above which the old file is set aside at start. */
  readonly rotateAboveBytes?: number;
}

export function createLog(options: LogOptions): Log {
  const streams: pino.StreamEntry[] = [];
  if (options.directory !== undefined) {
    const file = path.join(options.directory, 'daemon.log');
    setAsideWhenLarge(file, options.rotateAboveBytes ?? Number.POSITIVE_INFINITY);
    streams.push({ stream: pino.destination({ dest: file, mode: 0o600, sync: true }) });
  }
  if (options.alsoStandardError === true) streams.push({ stream: process.stderr });
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretMembers.flatMap((name) => [name, `*.${name}`]), censor: '[not logged]' },
    },
    pino.multistream(streams),
  );
}

function setAsideWhenLarge(file: string, maximumBytes: number): void {
  try {
    if (statSync(file).size > maximumBytes) renameSync(file, `${file}.1`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
