/**
 * How a command gets a daemon: the one that serves the data folder, or one started for the call.
 *
 * A daemon started for the call ends with it: when the command's process is gone and nobody else is connected. Only
 * `start` leaves one running. So one edit leaves nothing behind, and many edits are worth a `start`.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DeltaClient, ProtocolError } from '@deltaspace/shared-protocol';
import { describeDataDirectory } from '../config/data-directory.js';
import { isProcessAlive, isStarting, readLock, type InstanceRecord } from '../config/instance-lock.js';
import { daemonVersion } from '../config/settings.js';
import { readToken } from '../config/token.js';
import { openSocket, probe } from '../server/outgoing.js';
import { startDaemonProcess, type StartedDaemon } from './daemon-process.js';
import { CommandError } from './failure.js';

/** Longest wait for a daemon that is starting or stopping under another command. */
const patienceMs = 60_000;
const retryMs = 50;
/** A holder of the lock that answers nothing for this long is not waited for. */
const silenceMs = 5_000;
/** Longest wait for a daemon started for this call to end after it. */
const farewellMs = 3_000;

/** The record of the daemon that serves the folder, when it really answers. */
export async function findDaemon(dataRoot: string): Promise<InstanceRecord | undefined> {
  const record = await readLock(describeDataDirectory(dataRoot).lockFile);
  if (record === undefined || !isProcessAlive(record.pid)) return undefined;
  return (await answers(record)) ? record : undefined;
}

/** Whether the daemon of that very start answers on its port. */
async function answers(record: InstanceRecord): Promise<boolean> {
  return record.port !== 0 && (await probe(record.port))?.instance === record.instance;
}

/**
 * Runs some work with a connected client, starting a daemon for it when none serves the folder.
 * @throws CommandError `daemon_unavailable`; whatever the work throws.
 */
export async function withDaemon<Value>(
  dataRoot: string,
  work: (client: DeltaClient) => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  const { client, started } = await obtain(dataRoot, signal);
  try {
    return await work(client);
  } finally {
    client.close();
    if (started !== undefined) await dismiss(started);
  }
}

/** A client of the running daemon. @throws ProtocolError `connection_lost`. */
export async function connectTo(dataRoot: string, port: number): Promise<DeltaClient> {
  const token = await readToken(describeDataDirectory(dataRoot).tokenFile);
  if (token === undefined) throw new CommandError('daemon_unavailable', 'the data folder has no token file');
  return DeltaClient.connect(await openSocket(port, token), {
    name: 'deltaspace-cli',
    version: daemonVersion,
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
}

async function obtain(
  dataRoot: string,
  signal?: AbortSignal,
): Promise<{ client: DeltaClient; started?: StartedDaemon }> {
  const deadlineMs = performance.now() + patienceMs;
  const silence = new Silence();
  for (;;) {
    const lock = await readLock(describeDataDirectory(dataRoot).lockFile);
    const holder = lock !== undefined && isProcessAlive(lock.pid) ? lock : undefined;
    try {
      if (holder !== undefined && (await answers(holder))) return { client: await connectTo(dataRoot, holder.port) };
      if (holder === undefined || silence.isSuspicious(holder)) {
        const started = await startDaemonProcess(dataRoot, 'call', signal === undefined ? {} : { signal });
        return { client: await connectTo(dataRoot, started.port), started };
      }
    } catch (error) {
      if (performance.now() > deadlineMs || !(await isPassing(error, dataRoot))) throw error;
    }
    await delay(retryMs);
  }
}

/** Whether the failure may come from a daemon that is just stopping, or that another command is just starting. */
async function isPassing(error: unknown, dataRoot: string): Promise<boolean> {
  if (error instanceof ProtocolError) return error.code === 'connection_lost';
  const lock = await readLock(describeDataDirectory(dataRoot).lockFile);
  return lock !== undefined && isProcessAlive(lock.pid);
}

/** How long the holder of a lock has not answered. Past some time it is no daemon but a stranger with a reused pid. */
class Silence {
  #instance = '';
  #sinceMs = 0;

  isSuspicious(holder: InstanceRecord): boolean {
    if (isStarting(holder)) return false;
    if (holder.instance !== this.#instance) {
      this.#instance = holder.instance;
      this.#sinceMs = performance.now();
    }
    return performance.now() - this.#sinceMs > silenceMs;
  }
}

/** Lets the daemon go and waits for its end, so that a finished command leaves no process behind. */
async function dismiss({ child }: StartedDaemon): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.connected) child.disconnect();
  await Promise.race([gone, delay(farewellMs, undefined, { ref: false })]);
  child.unref();
}
