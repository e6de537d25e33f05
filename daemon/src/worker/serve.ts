/**
 * The worker child's main loop: loads the engine once, then runs the jobs that the API process sends.
 *
 * Everything it needs arrives as arguments, so that tests can serve a scripted engine from a process of their own.
 * The process ends when its parent goes away.
 */
import { ProtocolError, toWireError } from '@deltaspace/shared-protocol';
import type { FromWorker, LoadedPack, ToWorker, WorkerConfiguration, WorkerInventory } from './messages.js';
import { daemonSettings } from '../config/settings.js';
import { RecentImages } from './recent-images.js';
import { runJob, type WorkerParts } from './run-job.js';
import type { ProviderStatus } from '../runtime/index.js';
import { lastOfTurn, throttleProgress } from './throttle-progress.js';

/** Loads what jobs need and says what is there. Throws when the worker cannot serve at all. */
export type WorkerLoader = (
  configuration: WorkerConfiguration,
  tellLoaded: (packs: readonly LoadedPack[]) => void,
  tellProvider: (status: ProviderStatus) => void,
) => Promise<{ parts: Omit<WorkerParts, 'images'>; inventory: WorkerInventory }>;

/** Pixels of decoded inputs to keep, 4 bytes each: a few full-size layers. */
const keptPixels = 32_000_000;

/** Says that the process lives, as long as something is expected of it. */
class Heartbeat {
  #timer: NodeJS.Timeout | undefined;
  #reasons = 0;

  constructor(private readonly isStuck: () => boolean) {}

  begin(): void {
    this.#reasons++;
    const beat = (): void => {
      if (!this.isStuck()) send({ kind: 'alive' });
    };
    this.#timer ??= setInterval(beat, daemonSettings.workerHeartbeatMs).unref();
  }

  end(): void {
    this.#reasons--;
    if (this.#reasons > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Serves until the parent says stop or disappears. Call once, as the last statement of a process's entry module.
 * @param isStuck whether a thread of this process hangs: the process then falls silent, and the parent's watchdog ends it.
 */
export function serveWorker(load: WorkerLoader, isStuck = (): boolean => false): void {
  const running = new Map<string, AbortController>();
  const heartbeat = new Heartbeat(isStuck);
  let parts: WorkerParts | undefined;

  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent decides what ends when.
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'configure':
        void configure(message);
        break;
      case 'run':
        void run(message);
        break;
      case 'cancel':
        running.get(message.id)?.abort();
        break;
      case 'stop':
        process.exit(0);
    }
  });
  if (!process.connected) process.exit(0); // The parent died while this process loaded: no event tells of it any more.
  send({ kind: 'listening' });

  async function configure(configuration: WorkerConfiguration): Promise<void> {
    heartbeat.begin();
    try {
      const loaded = await load(
        configuration,
        (packs) => send({ kind: 'loaded', packs }),
        (status) => send({ kind: 'provider', status }),
      );
      parts = { ...loaded.parts, images: new RecentImages(keptPixels) };
      send({ kind: 'ready', ...loaded.inventory });
    } catch (error) {
      send({ kind: 'unusable', reason: error instanceof Error ? error.message : String(error) });
      process.disconnect(); // Flushes the message, then ends the process through 'disconnect'.
    } finally {
      heartbeat.end();
    }
  }

  async function run({ id, request }: Extract<ToWorker, { kind: 'run' }>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    heartbeat.begin();
    const reports = lastOfTurn((stage, fraction) => send({ kind: 'progress', id, stage, fraction }));
    try {
      if (parts === undefined) throw new Error('a job came before the worker was ready');
      const hooks = {
        progress: throttleProgress(reports.report, daemonSettings.progressIntervalMs, () => performance.now()),
        signal: controller.signal,
      };
      const result = await runJob(parts, request, hooks);
      reports.drop();
      send({ kind: 'done', id, result });
    } catch (thrown) {
      const known = controller.signal.aborted
        ? new ProtocolError('cancelled', 'the request was cancelled')
        : (parts?.explain(thrown) ?? thrown);
      const stack =
        known instanceof ProtocolError ? undefined : thrown instanceof Error ? thrown.stack : String(thrown);
      send({ kind: 'failed', id, error: toWireError(known), ...(stack === undefined ? {} : { stack }) });
    } finally {
      reports.drop();
      running.delete(id);
      heartbeat.end();
    }
  }
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
