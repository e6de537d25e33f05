/**
 * One daemon, composed: lock, token, blobs, jobs, worker, queue, server, and the order in which they start and stop.
 *
 * The process entry is main.ts; tests compose daemons with scripted workers from here. This process never computes.
 */
import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { daemonPorts, protocolLimits, type ServerStatus } from '@deltaspace/shared-protocol';
import { Access, systemClock, systemRandom, type Clock } from './access/index.js';
import { describeDataDirectory, prepareDataDirectory } from './config/data-directory.js';
import { InstanceLock, isStarting, type InstanceRecord } from './config/instance-lock.js';
import { loadOutside, warningOf, type OutsidePlan } from './config/outside-listening.js';
import { defaultLimits, type DaemonLimits } from './config/daemon-limits.js';
import { daemonSettings, daemonVersion } from './config/settings.js';
import { loadOrCreateToken } from './config/token.js';
import { logJobs } from './job-log.js';
import { BlobStore } from './jobs/blob-store.js';
import { clearCachedResults } from './jobs/cached-results.js';
import { damagedDatabases } from './jobs/database.js';
import { isFinal, resultBlobs, type JobResult } from './jobs/job.js';
import { endedJob, queueFacts } from './metrics/job-facts.js';
import { JobFeed } from './jobs/job-feed.js';
import { SqliteJobStore } from './jobs/job-store.js';
import { collectTrainings, runsOf } from './jobs/kept-trainings.js';
import { keepNewestResults } from './jobs/kept-blobs.js';
import { JobQueue } from './jobs/queue.js';
import type { JobExecutor } from './jobs/queue-parts.js';
import { RecentResults } from './jobs/recent-results.js';
import { createLog, type Log } from './log/log.js';
import type { Metrics } from './metrics/metrics.js';
import { freeBytesIn, judgeReadiness, type Readiness } from './readiness.js';
import { probe } from './server/outgoing.js';
import type { Patience, RunningServer } from './server/server.js';
import type { Services } from './server/services.js';
import { WorkerHost, type WorkerEvents, type WorkerTimes } from './worker/host.js';
import type { WorkerConfiguration } from './worker/messages.js';
import { OnDemandWorker } from './worker/on-demand-worker.js';

/** The worker process with the real engine. */
export const defaultWorkerEntry = new URL('./worker/main.js', import.meta.url);

/** The worker process that evaluates and trains. */
export const defaultBackgroundEntry = new URL('./background/main.js', import.meta.url);

export interface DaemonOptions {
  /** The data folder; see config/data-directory.ts. */
  readonly dataRoot: string;
  /** The only port to try; the protocol's list when left out. 0 means any free one. */
  readonly port?: number;
  /** `call`: end by itself when `ownerLeft` was called and the last connection is gone. */
  readonly lifetime: InstanceRecord['lifetime'];
  /** Module that serves as worker process. */
  readonly workerEntry: URL;
  /** Module that serves as worker process of the background; the real one when left out. */
  readonly backgroundEntry?: URL;
  /** Times other than those of config/settings.ts, for tests. */
  readonly workerTimes?: Partial<WorkerTimes>;
  /** Memory and disk it may take, where that differs from the defaults. */
  readonly limits?: Partial<DaemonLimits>;
  readonly logToStandardError?: boolean;
  /** Programs on this machine may read `/metrics` without a token. */
  readonly openMetrics?: boolean;
  /** One of config/user-settings.ts. */
  readonly logLevel?: string;
  /** An address to serve besides loopback; see config/outside-listening.ts. */
  readonly outside?: OutsidePlan;
  /** Time for what expires; the system's when left out. */
  readonly clock?: Clock;
  readonly patience?: Patience;
  /** Sockets at most, for measurements. */
  readonly connections?: number;
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
  const limits = { ...defaultLimits, ...options.limits };
  const lock = await InstanceLock.acquire(data.lockFile, options.lifetime, isServing);
  const log = createLog({
    directory: data.logs,
    alsoStandardError: options.logToStandardError ?? false,
    rotateAboveBytes: daemonSettings.logFileBytes,
    level: options.logLevel ?? 'info',
  });
  const configuration: WorkerConfiguration = {
    blobDirectory: data.blobs,
    trainingDirectory: data.training,
    packsDirectory: data.packs,
    expectsFiles: options.lifetime === 'call',
    cacheDirectory: data.cache,
    cacheBytes: limits.cacheBytes,
    models: {
      keepAliveMs: limits.modelKeepAliveMs,
      limitBytes: limits.modelMemoryBytes,
    },
  };
  const worker = new WorkerHost(options.workerEntry, configuration, options.workerTimes);
  const background = createBackground(options, configuration);
  logWorker(worker, log.child({ track: 'foreground' }));
  logWorker(background, log.child({ track: 'background' }));
  worker.start();
  let jobs: SqliteJobStore | undefined;
  try {
    const access = await Access.open({
      userToken: await loadOrCreateToken(data.tokenFile),
      clientsFile: data.clientsFile,
      clock: options.clock ?? systemClock,
      random: systemRandom,
    });
    const blobs = await BlobStore.open(data.blobs, { ...protocolLimits, ...limits });
    jobs = SqliteJobStore.open(
      data.jobsFile,
      { finishedKept: daemonSettings.finishedJobsKept, forgottenAtOnce: daemonSettings.jobsForgottenAtOnce },
      Date.now(),
    );
    if (jobs.setAside !== undefined) log.error(jobs.setAside, 'the job database was damaged and is set aside');
    const daemon = new LocalDaemon(options, {
      lock,
      log,
      worker,
      background,
      access,
      blobs,
      jobs,
      damagedStores: damagedDatabases(data.jobsFile),
    });
    await daemon.listen();
    return daemon;
  } catch (error) {
    log.error({ err: error }, 'daemon could not start');
    await Promise.all([worker.stop(), background.stop()]);
    jobs?.close();
    await lock.release();
    throw error;
  }
}

/** The worker that evaluates and trains, with the time that the other one leaves it. */
function createBackground(options: DaemonOptions, configuration: WorkerConfiguration): OnDemandWorker {
  const { backgroundEntry = defaultBackgroundEntry, workerTimes } = options;
  const times = { workerSilenceMs: daemonSettings.backgroundSilenceMs, ...workerTimes };
  const create = (): WorkerHost =>
    new WorkerHost(backgroundEntry, configuration, times, constants.priority.PRIORITY_LOW);
  return new OnDemandWorker(create, daemonSettings.backgroundIdleMs);
}

interface Parts {
  readonly lock: InstanceLock;
  readonly log: Log;
  readonly worker: WorkerHost;
  readonly background: OnDemandWorker;
  readonly access: Access;
  readonly blobs: BlobStore;
  readonly jobs: SqliteJobStore;
  readonly damagedStores: readonly string[];
}

class LocalDaemon implements RunningDaemon {
  readonly stopped: Promise<void>;
  readonly #options: DaemonOptions;
  readonly #parts: Parts;
  readonly #jobFeed = new JobFeed();
  readonly #recentResults: RecentResults;
  readonly #queue: JobQueue;
  readonly #startedMs = performance.now();
  #server: RunningServer | undefined;
  #ownerPresent = true;
  #stopping: Promise<void> | undefined;
  #settleStopped = (): void => undefined;

  constructor(options: DaemonOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.#recentResults = new RecentResults(daemonSettings.recentResults, (digests) => parts.blobs.pin(digests));
    this.#queue = new JobQueue({
      store: parts.jobs,
      executors: { foreground: parts.worker, background: { execute: (...job) => this.#runInBackground(...job) } },
      maximumQueued: protocolLimits.queuedJobs,
      maximumCrashes: daemonSettings.jobCrashes,
      progressIntervalMs: daemonSettings.progressIntervalMs,
      pin: (digests) => parts.blobs.pin(digests),
      keepResult: (result) => this.#keepResult(result),
      changed: (view) => this.#jobFeed.tell(view),
      uncommitted: (job, err) => parts.log.error({ job, err }, 'a change of a job could not be stored'),
      nowMs: Date.now,
      newId: randomUUID,
    });
    this.stopped = new Promise((resolve) => {
      this.#settleStopped = resolve;
    });
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Opens the port and tells it to everyone who looks for it. */
  async listen(): Promise<void> {
    const { lock, log } = this.#parts;
    const { port, outside, patience, connections } = this.#options;
    this.#takeUpJobs();
    // Loaded here, while the worker process starts: the HTTP modules are the larger part of this process.
    const [{ startServer }, metrics] = await Promise.all([import('./server/server.js'), this.#countEvents()]);
    this.#server = await startServer(this.#services(metrics), {
      ports: port === undefined ? daemonPorts : [port],
      ...(outside === undefined ? {} : { outside: await loadOutside(outside) }),
      ...(patience === undefined ? {} : { patience }),
      ...(connections === undefined ? {} : { connections }),
      instance: lock.record.instance,
      onConnections: () => this.#stopWhenUnused(),
    });
    await lock.publishPort(this.#server.port);
    const warning = outside && warningOf(outside);
    if (warning !== undefined) log.warn(warning);
    log.info(
      { port: this.port, outside: outside?.address, pid: process.pid, lifetime: this.#options.lifetime },
      'daemon listens',
    );
  }

  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stopInOrder(reason);
    return this.#stopping;
  }

  ownerLeft(): void {
    this.#ownerPresent = false;
    this.#stopWhenUnused();
  }

  async #stopInOrder(reason: string): Promise<void> {
    const { blobs, lock, log, worker, background, jobs } = this.#parts;
    log.info({ reason }, 'daemon stops');
    const idle = this.#queue.close();
    await this.#server?.close();
    await Promise.all([worker.stop(), background.stop()]);
    await blobs.synced();
    await idle;
    jobs.close();
    await lock.release();
    log.info('daemon stopped');
    log.flush();
    this.#settleStopped();
  }

  #stopWhenUnused(): void {
    const unused = !this.#ownerPresent && (this.#server?.connections() ?? 0) === 0;
    if (this.#options.lifetime === 'call' && unused && !this.#queue.hasKeptJobs) void this.stop('unused');
  }

  /** Goes on with what an earlier daemon left: results that stay, jobs that wait. */
  #takeUpJobs(): void {
    const { jobs } = this.#parts;
    const { jobs: limit } = daemonSettings.recentResults;
    keepNewestResults(jobs, this.#recentResults, limit);
    this.#jobFeed.listen(logJobs(this.#parts.log));
    this.#jobFeed.listen(() => this.#stopWhenUnused());
    this.#queue.resume();
  }

  /** Runs a job of the background. A pack that it installed is loaded before the job counts as done. */
  async #runInBackground(...[id, request, hooks]: Parameters<JobExecutor['execute']>): Promise<JobResult> {
    const { background, worker, log } = this.#parts;
    const result = await background.execute(id, request, hooks);
    if (!('run' in result) || result.pack === undefined) return result;
    try {
      const { models } = await worker.reload();
      this.#server?.tellAll('models.changed', { models: [...models] });
    } catch (err) {
      log.error({ job: id, err }, 'a pack was installed but the worker could not load it'); // It does when it starts.
    }
    return result;
  }

  /** The worker wrote these files; they stay for a while, and count from now on. */
  #keepResult(result: JobResult): void {
    const blobs = resultBlobs(result);
    this.#recentResults.keep(blobs);
    for (const { digest, sizeBytes } of blobs) void this.#parts.blobs.adopt(digest, sizeBytes);
  }

  #services(metrics: Metrics): Services {
    const { openMetrics = false } = this.#options;
    const { log, access, blobs, worker, jobs } = this.#parts;
    return {
      log,
      access,
      blobs,
      queue: this.#queue,
      jobs,
      jobFeed: this.#jobFeed,
      operation: { metrics, openMetrics, readiness: () => this.#readiness() },
      knownInventory: () => worker.inventory,
      inventory: () => worker.ready(),
      status: () => this.#status(),
      collect: async (dryRun) => ({
        ...(await blobs.collect(dryRun)),
        trainings: await this.#collectTrainings(dryRun),
        cached: await clearCachedResults(describeDataDirectory(this.#options.dataRoot).cache, dryRun),
      }),
      // After the answer has left: the connection that asks is one of those that get closed.
      shutDown: () => void setTimeout(() => void this.stop('asked by a client'), farewellMs),
    };
  }

  #collectTrainings(dryRun: boolean): Promise<{ count: number; sizeBytes: number }> {
    return collectTrainings({
      directory: describeDataDirectory(this.#options.dataRoot).training,
      live: runsOf(this.#parts.jobs.unfinished()),
      nowMs: Date.now(),
      keptMs: daemonSettings.trainingKeptMs,
      dryRun,
    });
  }

  /** Metrics of a daemon that stays; one that ends with its command is not scraped by anybody. */
  async #countEvents(): Promise<Metrics> {
    if (this.#options.lifetime === 'call') return (await import('./metrics/no-metrics.js')).noMetrics;
    const { createMetrics } = await import('./metrics/metrics.js');
    const { jobs, worker, background, blobs } = this.#parts;
    const metrics = createMetrics({
      version: daemonVersion,
      queue: () => queueFacts(jobs.unfinished()),
      sockets: () => this.#server?.connections() ?? 0,
      blobBytes: () => blobs.usage.sizeBytes,
      nowMs: Date.now,
    });
    for (const each of [worker, background]) each.on('exited', (exit) => metrics.workerExited(exit));
    this.#jobFeed.listen(({ record }) => {
      if (isFinal(record.state)) metrics.jobEnded(endedJob(record));
    });
    return metrics;
  }

  async #readiness(): Promise<Readiness> {
    const { worker } = this.#parts;
    const freeBytes = await freeBytesIn(this.#options.dataRoot);
    return judgeReadiness({ worker: worker.status.state, inventory: worker.inventory, freeBytes });
  }

  #status(): ServerStatus {
    return {
      version: daemonVersion,
      pid: process.pid,
      port: this.port,
      lifetime: this.#options.lifetime,
      uptimeMs: Math.round(performance.now() - this.#startedMs),
      connections: this.#server?.connections() ?? 0,
      worker: this.#parts.worker.status,
      background: this.#parts.background.status,
      jobs: { ...this.#parts.jobs.countByState(), damagedStores: [...this.#parts.damagedStores] },
      blobs: this.#parts.blobs.usage,
    };
  }
}

/** Time for the answer to `server.shutdown` to leave. */
const farewellMs = 20;

/** Whether a lock's process is a daemon: its port answers with the lock's instance. Without a port, it is starting. */
export async function isServing(record: InstanceRecord): Promise<boolean> {
  if (record.port === 0) return isStarting(record);
  return (await probe(record.port))?.instance === record.instance;
}

function logWorker(worker: EventEmitter<WorkerEvents>, log: Log): void {
  worker.on('ready', ({ models, damaged }) => {
    log.info({ packs: models.map((model) => model.id), damaged }, 'worker ready');
  });
  worker.on('exited', ({ reason, restarting }) => {
    if (restarting) log.error({ reason }, 'worker ended; it is started again');
    else log.info({ reason }, 'worker ended');
  });
  worker.on('complaint', ({ text }) => log.warn({ text }, 'worker wrote to standard error'));
  worker.on('defect', ({ stack }) => log.error({ stack }, 'job hit a defect'));
}
