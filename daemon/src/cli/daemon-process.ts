/**
 * Starting daemon processes from the command line.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ProtocolError } from '@deltaspace/shared-protocol';
import { outsideArguments, type OutsidePlan } from '../config/outside-listening.js';
import { limitArguments, limitsFor, type LimitFlags } from '../config/daemon-limits.js';
import type { LogLevel } from '../config/user-settings.js';
import type { DaemonProcessMessage } from '../daemon-process.js';
import { CommandError } from './failure.js';

const daemonEntry = fileURLToPath(new URL('../main.js', import.meta.url));

/** Where a daemon is to be reached. */
export interface ServeOptions {
  readonly port?: string;
  readonly outside?: OutsidePlan;
  readonly openMetrics?: boolean;
  readonly logLevel?: LogLevel;
  /** Texts of the settings about memory and disk that flags gave; the daemon finds the others itself. */
  readonly limits?: LimitFlags;
}

export interface StartedDaemon {
  readonly port: number;
  readonly pid: number;
  readonly child: ChildProcess;
}

/**
 * Starts a daemon in a process group of its own (Ctrl-C in this terminal does not reach it) and waits for its port.
 * While the channel stays open, a `call` daemon knows that its owner lives.
 * @throws CommandError `daemon_unavailable` with the daemon's reason, or when it says nothing for `startMs`;
 * ProtocolError `cancelled`.
 */
export async function startDaemonProcess(
  dataRoot: string,
  lifetime: 'service' | 'call',
  options: ServeOptions & { readonly signal?: AbortSignal } = {},
): Promise<StartedDaemon> {
  const child = fork(daemonEntry, daemonArguments(dataRoot, lifetime, options), {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const message = await firstMessage(child, options.signal).catch((error: unknown) => {
    child.kill('SIGKILL'); // It may hang where it cannot be asked to stop, in a strange data folder for instance.
    throw error;
  });
  if (message.kind === 'failed') throw new CommandError('daemon_unavailable', message.message);
  return { port: message.port, pid: child.pid as number, child };
}

/** Makes this process the daemon until it is stopped. Returns the exit code. */
export async function runDaemonInForeground(dataRoot: string, options: ServeOptions): Promise<number> {
  const { port, outside, openMetrics = false, logLevel = 'info', limits = {} } = options;
  const { defaultWorkerEntry, startDaemon } = await import('../daemon.js');
  const { serveAsProcess } = await import('../daemon-process.js');
  return serveAsProcess(
    startDaemon({
      dataRoot,
      ...(port === undefined ? {} : { port: Number(port) }),
      lifetime: 'service',
      workerEntry: defaultWorkerEntry,
      openMetrics,
      logLevel,
      limits: await limitsFor(limits),
      ...(outside === undefined ? {} : { outside }),
      logToStandardError: true,
    }),
  );
}

function daemonArguments(dataRoot: string, lifetime: string, options: ServeOptions): string[] {
  const { port, outside, openMetrics = false, logLevel = 'info', limits = {} } = options;
  return [
    ...['--data', dataRoot, '--lifetime', lifetime, '--log-level', logLevel],
    ...(port === undefined ? [] : ['--port', port]),
    ...(openMetrics ? ['--open-metrics'] : []),
    ...(outside === undefined ? [] : outsideArguments(outside)),
    ...limitArguments(limits),
  ];
}

/** Longest wait for a daemon to say that it listens or why it cannot. */
const startMs = 60_000;

function firstMessage(child: ChildProcess, signal?: AbortSignal): Promise<DaemonProcessMessage> {
  return new Promise((resolve, reject) => {
    const silence = `the daemon said nothing for ${startMs / 1000} s while starting; is the data folder usable?`;
    const limit = setTimeout(() => reject(new CommandError('daemon_unavailable', silence)), startMs);
    const stop = (): void => reject(new ProtocolError('cancelled', 'cancelled while the daemon was starting'));
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
    const settle = (): void => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', stop);
    };
    for (const event of ['message', 'error', 'exit']) child.once(event, settle);
    child.once('message', (message) => resolve(message as DaemonProcessMessage));
    child.once('error', (cause) => reject(new CommandError('daemon_unavailable', cause.message, { cause })));
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code ?? '?'}` : signal;
      reject(new CommandError('daemon_unavailable', `the daemon ended while starting (${how}); see logs/daemon.log`));
    });
  });
}
