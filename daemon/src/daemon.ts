/**
 * One daemon, composed: lock, token, blobs, worker, queue, server, and the order in which they start and stop.
 *
 * The process entry is main.ts; tests compose daemons with scripted workers from here. This process never computes.
 */
import { randomUUID } from 'node:crypto';
import { daemonPorts, protocolLimits, type ServerStatus } from '@deltaspace/shared-protocol';
import { prepareDataDirectory } from './config/data-directory.js';
import { InstanceLock, type InstanceRecord } from './config/instance-lock.js';
import { daemonSettings, daemonVersion } from './config/settings.js';
import { loadOrCreateToken } from './config/token.js';
import { BlobStore } from './jobs/blob-store.js';
import { MemoryJobStore } from './jobs/job-store.js';
import { JobQueue } from './jobs/queue.js';
import { createLog, type Log } from './log/log.js';
import { probe } from './server/outgoing.js';
import { startServer, type RunningServer } from './server/server.js';
import { WorkerHost } from './worker/host.js';

export interface DaemonOptions {
  /** The data folder; see config/data-directory.ts. */
  readonly dataRoot: string;
  /** The only port to try; the protocol's list when left out. 0 means any free one. */
  readonly port?: number;
  /** `call`: end by itself when `ownerLeft` was called and the last connection is gone. */
  readonly lifetime: InstanceRecord['lifetime'];
  /** Module that serves as worker process. */
  readonly workerEntry: URL;
  readonly logToStandardError?: boolean;
}

export interface RunningDaemon {
  readonly port: number;
  /** Resolves when everything is stopped and the lock is free. */
  readonly stopped: Promise<void>;
  /** Stops in order. Safe to call more than once. */
  stop(reason: string): Promise<void>;
  /** The command that started a `call` daemon is gone. */
  ownerLeft(): void;
}

/**
 * Starts a daemon and returns once its port is open and published. The worker may still be loading packs.
 * @throws FolderInUseError when another daemon serves the folder; Error when no port is free.
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const data = await prepareDataDirectory(options.dataRoot);
  const lock = await InstanceLock.acquire(data.lockFile, options.lifetime, isServing);
  const log = createLog({
    directory: data.logs,
    alsoStandardError: options.logToStandardError ?? false,
    rotateAboveBytes: daemonSettings.logFileBytes,
  });
  try {
    const worker = new WorkerHost(options.workerEntry, { blobDirectory: data.blobs, packsDirectory: data.packs });
    logWorker(worker, log);
    worker.start();
    const token = await loadOrCreateToken(data.tokenFile);
    const blobs = await BlobStore.open(data.blobs, protocolLimits);
    return await assemble(options, { lock, log, worker, token, blobs });
  } catch (error) {
    log.error({ err: error }, 'daemon could not start');
    await lock.release();
    throw error;
  }
}

interface Parts {
  readonly lock: InstanceLock;
  readonly log: Log;
  readonly worker: WorkerHost;
  readonly token: string;
  readonly blobs: BlobStore;
}

async function assemble(options: DaemonOptions, parts: Parts): Promise<RunningDaemon> {
  const { lock, log, worker, blobs } = parts;
  const startedMs = performance.now();
  const jobs = new MemoryJobStore(daemonSettings.finishedJobsKept);
  const queue = new JobQueue({
    store: jobs,
    executor: worker,
    maximumQueued: protocolLimits.queuedJobs,
    pin: (digests) => blobs.pin(digests),
    nowMs: Date.now,
    newId: randomUUID,
  });
  let server: RunningServer | undefined;
  let ownerPresent = true;
  let stopping: Promise<void> | undefined;

  const status = (): ServerStatus => ({
    version: daemonVersion,
    pid: process.pid,
    port: server?.port ?? 0,
    lifetime: options.lifetime,
    uptimeMs: Math.round(performance.now() - startedMs),
    connections: server?.connections() ?? 0,
    worker: worker.status,
    jobs: jobs.countByState(),
    blobs: blobs.usage,
  });
  const stop = (reason: string): Promise<void> => {
    stopping ??= (async () => {
      log.info({ reason }, 'daemon stops');
      queue.close();
      await server?.close();
      await worker.stop();
      await lock.release();
      log.info('daemon stopped');
      log.flush();
      settleStopped();
    })();
    return stopping;
  };
  let settleStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    settleStopped = resolve;
  });
  const stopWhenUnused = (): void => {
    if (options.lifetime === 'call' && !ownerPresent && (server?.connections() ?? 0) === 0) void stop('unused');
  };

  try {
    server = await startServer(
      {
        log,
        blobs,
        queue,
        knownInventory: () => worker.inventory,
        inventory: () => worker.ready(),
        status,
        // After the answer has left: the connection that asks is one of those that get closed.
        shutDown: () => void setTimeout(() => void stop('asked by a client'), 20),
      },
      {
        ports: options.port === undefined ? daemonPorts : [options.port],
        token: parts.token,
        instance: lock.record.instance,
        onConnections: stopWhenUnused,
      },
    );
  } catch (error) {
    await worker.stop();
    throw error;
  }
  await lock.publishPort(server.port);
  log.info({ port: server.port, pid: process.pid, lifetime: options.lifetime }, 'daemon listens');
  return {
    port: server.port,
    stopped,
    stop,
    ownerLeft() {
      ownerPresent = false;
      stopWhenUnused();
    },
  };
}

/** Whether a lock's process is a daemon: its port answers with the lock's instance. Without a port, it is starting. */
async function isServing(record: InstanceRecord): Promise<boolean> {
  const startingMs = 10_000;
  if (record.port === 0) return Date.now() - Date.parse(record.startedAt) < startingMs;
  return (await probe(record.port))?.instance === record.instance;
}

function logWorker(worker: WorkerHost, log: Log): void {
  worker.on('ready', ({ models, damaged }) => {
    log.info({ packs: models.map((model) => model.id), damaged }, 'worker ready');
  });
  worker.on('exited', ({ reason, restarting }) => {
    if (restarting) log.error({ reason }, 'worker ended; it is started again');
    else log.info({ reason }, 'worker ended');
  });
  worker.on('defect', ({ stack }) => log.error({ stack }, 'job hit a defect'));
}
