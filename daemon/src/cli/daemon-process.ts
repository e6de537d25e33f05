/**
 * Starting daemon processes from the command line.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DaemonProcessMessage } from '../daemon-process.js';
import { CommandError } from './failure.js';

const daemonEntry = fileURLToPath(new URL('../main.js', import.meta.url));

export interface StartedDaemon {
  readonly port: number;
  readonly pid: number;
  readonly child: ChildProcess;
}

/**
 * Starts a daemon in a process group of its own (Ctrl-C in this terminal does not reach it) and waits for its port.
 * While the channel stays open, a `call` daemon knows that its owner lives.
 * @throws CommandError `daemon_unavailable` with the daemon's reason.
 */
export async function startDaemonProcess(
  dataRoot: string,
  lifetime: 'service' | 'call',
  port?: string,
): Promise<StartedDaemon> {
  const child = fork(daemonEntry, daemonArguments(dataRoot, lifetime, port), {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const message = await firstMessage(child);
  if (message.kind === 'failed') throw new CommandError('daemon_unavailable', message.message);
  return { port: message.port, pid: child.pid as number, child };
}

/** Makes this process the daemon until it is stopped. Returns the exit code. */
export async function runDaemonInForeground(dataRoot: string, port?: string): Promise<number> {
  const { defaultWorkerEntry, startDaemon } = await import('../daemon.js');
  const { serveAsProcess } = await import('../daemon-process.js');
  return serveAsProcess(
    startDaemon({
      dataRoot,
      ...(port === undefined ? {} : { port: Number(port) }),
      lifetime: 'service',
      workerEntry: defaultWorkerEntry,
      logToStandardError: true,
    }),
  );
}

function daemonArguments(dataRoot: string, lifetime: string, port: string | undefined): string[] {
  return ['--data', dataRoot, '--lifetime', lifetime, ...(port === undefined ? [] : ['--port', port])];
}

function firstMessage(child: ChildProcess): Promise<DaemonProcessMessage> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as DaemonProcessMessage));
    child.once('error', (cause) => reject(new CommandError('daemon_unavailable', cause.message, { cause })));
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code ?? '?'}` : signal;
      reject(new CommandError('daemon_unavailable', `the daemon ended while starting (${how}); see logs/daemon.log`));
    });
  });
}
