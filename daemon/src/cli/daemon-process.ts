/**
 * Starting daemon processes from the command line.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
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

/** Runs a daemon in this terminal until it ends. Returns its exit code. */
export async function runDaemonInForeground(dataRoot: string, port?: string): Promise<number> {
  const child = spawn(process.execPath, [daemonEntry, ...daemonArguments(dataRoot, 'service', port), '--foreground'], {
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to both; this process waits for the daemon to stop in order.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
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
