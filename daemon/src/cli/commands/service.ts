/**
 * `deltaspace start`, `stop` and `status`: a daemon that stays.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { describeDataDirectory } from '../../config/data-directory.js';
import { readLock } from '../../config/instance-lock.js';
import { ListenError, planOutside, warningOf, type OutsidePlan } from '../../config/outside-listening.js';
import { limitFlagsOf } from '../../config/daemon-limits.js';
import type { ResolvedSettings } from '../../config/resolve-settings.js';
import type { Console } from '../console.js';
import { connectTo, findDaemon } from '../daemon-connection.js';
import { runDaemonInForeground, startDaemonProcess, type ServeOptions } from '../daemon-process.js';
import { CommandError, exitCodes, usageError } from '../failure.js';

const pollMs = 50;
/** Longest wait for a daemon to end: its jobs are cancelled between stages. */
const stopPatienceMs = 20_000;

export interface StartCommand {
  readonly dataRoot: string;
  readonly foreground: boolean;
  readonly settings: ResolvedSettings;
}

/** Returns the exit code. */
export async function runStart(command: StartCommand, console: Console, signal: AbortSignal): Promise<number> {
  const serve = serveOptionsOf(command.settings);
  const { outside } = serve;
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
  if (command.foreground) return runDaemonInForeground(command.dataRoot, serve);
  const { child, pid, port } = await startDaemonProcess(command.dataRoot, 'service', { ...serve, signal });
  child.disconnect();
  child.unref();
  console.result({ running: true, started: true, pid, port, data: command.dataRoot }, [
    `the daemon runs: process ${pid}, port ${port}, data ${command.dataRoot}`,
  ]);
  return exitCodes.done;
}

/** What the settings say about serving. @throws CommandError `usage`. */
function serveOptionsOf(settings: ResolvedSettings): ServeOptions {
  const port = settings.port.value;
  const outside = planFrom(settings);
  return {
    openMetrics: settings.openMetrics.value ?? false,
    logLevel: settings.logLevel.value ?? 'info',
    limits: limitFlagsOf(settings),
    ...(port === undefined ? {} : { port: String(port) }),
    ...(outside === undefined ? {} : { outside }),
  };
}

function planFrom({ listen, listenName, tlsCert, tlsKey, insecureListen }: ResolvedSettings): OutsidePlan | undefined {
  try {
    return planOutside({
      listen: listen.value,
      listenName: listenName.value,
      tlsCert: tlsCert.value,
      tlsKey: tlsKey.value,
      insecureListen: insecureListen.value,
    });
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
