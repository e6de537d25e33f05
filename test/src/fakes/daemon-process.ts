/**
 * Real daemon processes for tests: started in a folder of their own, connected to, ended at the end of the test.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSocket, type DaemonOptions } from '@deltaspace/daemon';
import { DeltaClient, type ClientOptions } from '@deltaspace/shared-protocol';

export interface ScriptedDaemonOptions {
  /** Tickets, pairing codes and limits of attempts age by `advance` alone. */
  readonly manualClock?: boolean;
  readonly openMetrics?: boolean;
  readonly patience?: { readonly requestMs: number; readonly handshakeMs: number };
  /** The worker with the real engine instead of the scripted one. */
  readonly realWorker?: boolean;
  /** A worker of the background whose recipe is a small network. */
  readonly smallTraining?: boolean;
  /** Sockets at most; for measurements that need more than a daemon takes. */
  readonly connections?: number;
  /** Shorter times of the worker's life than those of a daemon for people, in milliseconds. */
  readonly workerTimes?: DaemonOptions['workerTimes'];
}

/** What a test says to the process of the scripted daemon. */
export interface ScriptedDaemonMessage {
  /** Moves the manual clock on. */
  readonly advanceMs?: number;
  readonly turns?: 'count' | 'tell';
}

export interface TestDaemon {
  readonly port: number;
  readonly dataRoot: string;
  readonly token: string;
  readonly process: ChildProcess;
  connect(options?: Partial<ClientOptions>): Promise<DeltaClient>;
  /** Moves the manual clock on. */
  advance(byMs: number): Promise<void>;
  /** Has the daemon count the turns of its event loop from now on; the function tells how many there were. */
  countTurns(): Promise<() => Promise<number>>;
  /** Ends the process and removes its folder. */
  dispose(): Promise<void>;
}

/** Processes run compiled code: the folder `dist` next to `src`. */
export function compiled(relative: string): string {
  return fileURLToPath(new URL(`../../dist/${relative}`, import.meta.url));
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'deltaspace-test-'));
}

/** Starts the daemon with the scripted worker, in a new folder unless one is given. Rejects with its reason. */
export async function startScriptedDaemon(folder?: string, options: ScriptedDaemonOptions = {}): Promise<TestDaemon> {
  const dataRoot = folder ?? (await temporaryFolder());
  const child = fork(compiled('fakes/scripted-daemon.js'), [dataRoot, JSON.stringify(options)], {
    execArgv: [], // not the conditions that make the test runner read sources
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { kind: string; port?: number; message?: string }) => {
      if (message.port === undefined) reject(new Error(message.message));
      else resolve(message.port);
    });
    child.once('exit', (code) => reject(new Error(`the daemon ended with exit code ${code ?? '?'}`)));
  });
  const token = (await readFile(path.join(dataRoot, 'token'), 'utf8')).trim();
  return {
    port,
    dataRoot,
    token,
    process: child,
    connect: async (options = {}) =>
      DeltaClient.connect(await openSocket(port, token), {
        name: 'test',
        version: '0',
        sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
        ...options,
      }),
    async advance(advanceMs) {
      await tell(child, { advanceMs });
    },
    async countTurns() {
      await tell(child, { turns: 'count' });
      return async () => (await tell(child, { turns: 'tell' })).turns ?? 0;
    },
    async dispose() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await gone;
      }
      await rm(dataRoot, { recursive: true, force: true });
    },
  };
}

/** Sends a message over the fork's channel and waits for the answer. */
function tell(child: ChildProcess, message: ScriptedDaemonMessage): Promise<{ turns?: number }> {
  const answered = new Promise<{ turns?: number }>((resolve) => child.once('message', resolve));
  child.send(message);
  return answered;
}
