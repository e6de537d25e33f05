/**
 * `deltaspace start`, `stop` and `status`: a daemon that stays.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeDataDirectory } from '../../config/data-directory.js';
import { readLock } from '../../config/instance-lock.js';
import {
  ListenError,
  planOutside,
  warningOf,
  type ListenFlags,
  type OutsidePlan,
} from '../../config/outside-listening.js';
import type { Console } from '../console.js';
import { connectTo, findDaemon } from '../daemon-connection.js';
import { runDaemonInForeground, startDaemonProcess } from '../daemon-process.js';
import { CommandError, exitCodes, usageError } from '../failure.js';

const pollMs = 50;
/** Longest wait for a daemon to end: its jobs are cancelled between stages. */
const stopPatienceMs = 20_000;

export interface StartCommand {
  readonly dataRoot: string;
  readonly port?: string;
  readonly foreground: boolean;
  readonly listen: ListenFlags;
}

/** Returns the exit code. */
export async function runStart(command: StartCommand, console: Console, signal: AbortSignal): Promise<number> {
  const outside = planFrom(command.listen);
  const running = await findDaemon(command.dataRoot);
  if (running?.lifetime === 'service') {
    if (outside !== undefined) console.note('--listen has no effect on a daemon that runs; stop it first');
    const { pid, port } = running;
    console.result({ running: true, started: false, pid, port, data: command.dataRoot }, [
      `a daemon runs already: process ${pid}, port ${port}, data ${command.dataRoot}`,
    ]);
    return exitCodes.done;
  }
  if (running !== undefined) {
    console.note('a daemon started for another command is still at work; waiting for it to end');
    await waitForEnd(command.dataRoot, running.instance, Number.POSITIVE_INFINITY);
  }
  const warning = outside && warningOf(outside);
  if (warning !== undefined) console.note(warning);
  const serve = {
    ...(command.port === undefined ? {} : { port: command.port }),
    ...(outside === undefined ? {} : { outside }),
  };
  if (command.foreground) return runDaemonInForeground(command.dataRoot, serve);
  const { child, pid, port } = await startDaemonProcess(command.dataRoot, 'service', { ...serve, signal });
  child.disconnect();
  child.unref();
  console.result({ running: true, started: true, pid, port, data: command.dataRoot }, [
    `the daemon runs: process ${pid}, port ${port}, data ${command.dataRoot}`,
  ]);
  return exitCodes.done;
}

/** Files of TLS are found from here; the daemon runs elsewhere. @throws CommandError `usage`. */
function planFrom(flags: ListenFlags): OutsidePlan | undefined {
  try {
    const plan = planOutside(flags);
    if (plan === undefined || plan.tls === 'none') return plan;
    const { certFile, keyFile } = plan.tls;
    return { ...plan, tls: { certFile: path.resolve(certFile), keyFile: path.resolve(keyFile) } };
  } catch (error) {
    if (error instanceof ListenError) throw usageError(error.message);
    throw error;
  }
}

export async function runStop(dataRoot: string, console: Console): Promise<void> {
  const running = await findDaemon(dataRoot);
  if (running === undefined) {
    console.result({ running: false, stopped: false, data: dataRoot }, [`no daemon runs for ${dataRoot}`]);
    return;
  }
  const client = await connectTo(dataRoot, running.port);
  await client.call('server.shutdown', {});
  client.close();
  if (!(await waitForEnd(dataRoot, running.instance, stopPatienceMs))) {
    throw new CommandError(
      'daemon_unavailable',
      `the daemon (process ${running.pid}) was asked to stop but still runs`,
    );
  }
  console.result({ running: false, stopped: true, pid: running.pid, data: dataRoot }, ['the daemon stopped']);
}

/** Exit code 1 when none runs, so that scripts can ask. */
export async function runStatus(dataRoot: string, console: Console): Promise<number> {
  const running = await findDaemon(dataRoot);
  if (running === undefined) {
    console.result({ running: false, data: dataRoot }, [`no daemon runs for ${dataRoot}`]);
    return exitCodes.failed;
  }
  const client = await connectTo(dataRoot, running.port);
  const status = await client.call('server.status', {});
  client.close();
  const { worker, jobs, blobs } = status;
  const restarts =
    worker.restarts === 0 ? '' : `, restarted ${worker.restarts} times, last because ${worker.lastExit ?? '?'}`;
  console.result({ running: true, data: dataRoot, ...status }, [
    `the daemon runs: process ${status.pid}, port ${status.port}, version ${status.version}, data ${dataRoot}`,
    `  worker: ${worker.state}${worker.pid === null ? '' : `, process ${worker.pid}`}${restarts}`,
    ...(worker.models?.loaded ?? []).map(
      ({ id, sizeBytes }) => `  in memory: ${id}, ${(sizeBytes / 1e6).toFixed(1)} MB`,
    ),
    `  jobs: ${jobs.running} running, ${jobs.queued} waiting, ${jobs.succeeded} done, ${jobs.failed} failed`,
    ...jobs.damagedStores.map((name) => `  a job database was damaged and is set aside: ${name}`),
    `  blobs: ${blobs.count}, ${(blobs.sizeBytes / 1e6).toFixed(1)} of ${(blobs.limitBytes / 1e6).toFixed(0)} MB`,
  ]);
  return exitCodes.done;
}

/** Waits until the lock of that start is gone. False when it outlasts the patience. */
async function waitForEnd(dataRoot: string, instance: string, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while ((await readLock(describeDataDirectory(dataRoot).lockFile))?.instance === instance) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}
