/**
 * The worker processes of a daemon: the one that edits, started at once, and the one that evaluates and trains, started when it
 * is needed. What happens to them goes to the log.
 */
import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import type { DaemonLimits } from './config/daemon-limits.js';
import type { DataDirectory } from './config/data-directory.js';
import type { InstanceRecord } from './config/instance-lock.js';
import { daemonSettings } from './config/settings.js';
import type { Log } from './log/log.js';
import { WorkerHost, type WorkerEvents, type WorkerTimes } from './worker/host.js';
import type { WorkerConfiguration } from './worker/messages.js';
import { OnDemandWorker } from './worker/on-demand-worker.js';

/** The worker process with the real engine. */
export const defaultWorkerEntry = new URL('./worker/main.js', import.meta.url);

/** The worker process that evaluates and trains. */
export const defaultBackgroundEntry = new URL('./background/main.js', import.meta.url);

export interface WorkerOptions {
  /** `call`: the daemon ends by itself when the command that started it is gone and nobody else is connected. */
  readonly lifetime: InstanceRecord['lifetime'];
  /** Module that serves as worker process. */
  readonly workerEntry: URL;
  /** Module that serves as worker process of the background; the real one when left out. */
  readonly backgroundEntry?: URL;
  /** Times other than those of config/settings.ts, for tests. */
  readonly workerTimes?: Partial<WorkerTimes>;
}

export interface DaemonWorkers {
  readonly worker: WorkerHost;
  readonly background: OnDemandWorker;
}

/** Both workers; packs load in the first while the daemon goes on. */
export function startWorkers(
  options: WorkerOptions,
  data: DataDirectory,
  limits: DaemonLimits,
  log: Log,
): DaemonWorkers {
  const configuration: WorkerConfiguration = {
    blobDirectory: data.blobs,
    trainingDirectory: data.training,
    packsDirectory: data.packs,
    expectsFiles: options.lifetime === 'call',
    cacheDirectory: data.cache,
    cacheBytes: limits.cacheBytes,
    models: { keepAliveMs: limits.modelKeepAliveMs, limitBytes: limits.modelMemoryBytes },
    provider: limits.provider,
  };
  const worker = new WorkerHost(options.workerEntry, configuration, options.workerTimes);
  const background = createBackground(options, configuration);
  logWorker(worker, log.child({ track: 'foreground' }));
  logWorker(background, log.child({ track: 'background' }));
  worker.start();
  return { worker, background };
}

/** The worker that evaluates and trains, with the time that the other one leaves it. */
function createBackground(options: WorkerOptions, configuration: WorkerConfiguration): OnDemandWorker {
  const { backgroundEntry = defaultBackgroundEntry, workerTimes } = options;
  const times = { workerSilenceMs: daemonSettings.backgroundSilenceMs, ...workerTimes };
  const create = (): WorkerHost =>
    new WorkerHost(backgroundEntry, configuration, times, constants.priority.PRIORITY_LOW);
  return new OnDemandWorker(create, daemonSettings.backgroundIdleMs);
}

function logWorker(worker: EventEmitter<WorkerEvents>, log: Log): void {
  worker.on('ready', ({ models, damaged }) => {
    log.info({ packs: models.map((model) => model.id), damaged }, 'worker ready');
  });
  worker.on('provider', ({ wanted, used, reason }) => {
    if (reason !== null)
      log[wanted === 'auto' ? 'info' : 'warn'](
        { wanted, used, reason },
        'not all networks run where they were asked to',
      );
  });
  worker.on('exited', ({ reason, restarting }) => {
    if (restarting) log.error({ reason }, 'worker ended; it is started again');
    else log.info({ reason }, 'worker ended');
  });
  worker.on('complaint', ({ text }) => log.warn({ text }, 'worker wrote to standard error'));
  worker.on('defect', ({ stack }) => log.error({ stack }, 'job hit a defect'));
}
