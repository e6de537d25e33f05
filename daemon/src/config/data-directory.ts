/**
 * Where a daemon keeps its things. One folder holds everything, so that a second daemon is just a second folder:
 *
 * ```text
 * DATA/daemon.json   the lock: who serves this folder (instance-lock.ts)
 * DATA/token         the bearer token for programs of this user, mode 0600
 * DATA/clients.json  paired clients, without their tokens, mode 0600 (access/client-store.ts)
 * DATA/blobs/        content-addressed bytes; may be deleted while no daemon runs
 * DATA/jobs.db      records of jobs (jobs/database.ts); damaged ones are set aside as jobs.db.damaged-TIME
 * DATA/cache/        inversions and text features of earlier edits (worker/tensor-files.ts); may be deleted at any time
 * DATA/packs/        packs the user trained or imported, one folder each
 * DATA/training/     runs of trainings, one folder each (background/train-job.ts); what ended may be deleted
 * DATA/logs/         daemon.log
 * ```
 */
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export interface DataDirectory {
  readonly root: string;
  readonly lockFile: string;
  readonly tokenFile: string;
  readonly clientsFile: string;
  readonly blobs: string;
  /** Made by the worker when it first writes. */
  readonly cache: string;
  readonly jobsFile: string;
  readonly packs: string;
  /** Made by the first training. */
  readonly training: string;
  readonly logs: string;
}

/** The folder to use: the argument, else DELTASPACE_DATA, else the platform's place for application data. */
export function chooseDataRoot(
  argument: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = argument ?? environment['DELTASPACE_DATA'];
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  return path.join(platformDataRoot(environment, platform), 'deltaspace');
}

function platformDataRoot(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return environment['LOCALAPPDATA'] ?? path.join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support');
  const xdg = environment['XDG_DATA_HOME'];
  return xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.local', 'share');
}

export function describeDataDirectory(root: string): DataDirectory {
  return {
    root,
    lockFile: path.join(root, 'daemon.json'),
    tokenFile: path.join(root, 'token'),
    clientsFile: path.join(root, 'clients.json'),
    blobs: path.join(root, 'blobs'),
    cache: path.join(root, 'cache'),
    jobsFile: path.join(root, 'jobs.db'),
    packs: path.join(root, 'packs'),
    training: path.join(root, 'training'),
    logs: path.join(root, 'logs'),
  };
}

/** Creates the folders that are missing, readable by this user only. */
export async function prepareDataDirectory(root: string): Promise<DataDirectory> {
  const data = describeDataDirectory(root);
  for (const folder of [data.root, data.blobs, data.packs, data.logs]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  return data;
}
