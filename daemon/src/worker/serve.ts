/**
 * A worker child's main loop: loads what its jobs need once, then runs the jobs that the API process sends.
 *
 * Everything it needs arrives as arguments, so that tests can serve a scripted engine from a process of their own.
 * `serveWorker` serves an engine, `serveJobs` any kind of work. The process ends when its parent goes away.
 */
import { ProtocolError, toWireError, type JobMetrics } from '@deltaspace/shared-protocol';
import type { JobRequest, JobResult } from '../jobs/job.js';
import type { FromWorker, LoadedPack, ToWorker, WorkerConfiguration, WorkerInventory } from './messages.js';
import { daemonSettings } from '../config/settings.js';
import { RecentImages } from './recent-images.js';
import { runJob, type WorkerParts } from './run-job.js';
import { lastOfTurn, throttleProgress } from './throttle-progress.js';

/** Loads what jobs need and says what is there. Throws when the worker cannot serve at all. */
export type WorkerLoader = (
  configuration: WorkerConfiguration,
  tellLoaded: (packs: readonly LoadedPack[]) => void,
) => Promise<{ parts: Omit<WorkerParts, 'images'>; inventory: WorkerInventory }>;

/** How one job tells where it is, and hears that it shall end. */
export interface WorkHooks {
  readonly signal: AbortSignal;
  progress(this: void, stage: string, fraction: number, metrics?: JobMetrics): void;
}

/** What a worker does with jobs. */
export interface Work {
  readonly inventory: WorkerInventory;
  run(id: string, request: JobRequest, hooks: WorkHooks): Promise<JobResult>;
  /** A ProtocolError for failures of known kinds, undefined for defects. */
  explain(thrown: unknown): ProtocolError | undefined;
  /** Lets go of what it holds; called when no job uses it any more. */
  dispose?(): Promise<void>;
}

export interface ServeOptions {
  /** Whether a thread of this process hangs: the process then falls silent, and the parent's watchdog ends it. */
  readonly isStuck?: () => boolean;
  /** When told to stop, let jobs save what they have. They get the signal, and as long as the parent waits. */
  readonly letJobsEnd?: boolean;
}

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

/** Serves an engine until the parent says stop or disappears. Call once, as the last statement of an entry module. */
export function serveWorker(load: WorkerLoader, isStuck = (): boolean => false): void {
  const images = new RecentImages(keptPixels);
  serveJobs(
    async (configuration, tellLoaded) => {
      const { parts, inventory } = await load(configuration, tellLoaded);
      return {
        inventory,
        run: (_id, request, hooks) => runJob({ ...parts, images }, request, hooks),
        explain: parts.explain,
        dispose: () => parts.engine.dispose(),
      };
    },
    { isStuck },
  );
}

/** Serves jobs until the parent says stop or disappears. Call once, as the last statement of an entry module. */
export function serveJobs(
  load: (configuration: WorkerConfiguration, tellLoaded: (packs: readonly LoadedPack[]) => void) => Promise<Work>,
  { isStuck = () => false, letJobsEnd = false }: ServeOptions = {},
): void {
  const running = new Map<string, AbortController>();
  const heartbeat = new Heartbeat(isStuck);
  let configured: WorkerConfiguration | undefined;
  let work: Work | undefined;
  /** Works whose packs were loaded anew while a job still used them. */
  let outdated: Work[] = [];
  let stopping = false;

  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent decides what ends when.
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'configure':
        configured = message;
        void prepare(message);
        break;
      case 'reload':
        if (configured !== undefined) void prepare(configured);
        break;
      case 'run':
        void run(message);
        break;
      case 'cancel':
        running.get(message.id)?.abort();
        break;
      case 'stop':
        stop();
    }
  });
  if (!process.connected) process.exit(0); // The parent died while this process loaded: no event tells of it any more.
  send({ kind: 'listening' });

  async function prepare(configuration: WorkerConfiguration): Promise<void> {
    heartbeat.begin();
    try {
      const loaded: { work?: Work } = {};
      const next = await load(configuration, (packs) => {
        if (work === loaded.work) send({ kind: 'loaded', packs }); // A work that is outdated speaks of networks that leave.
      });
      if (work !== undefined) {
        outdated.push(work);
        send({ kind: 'loaded', packs: [] });
      }
      work = loaded.work = next;
      disposeOutdated();
      send({ kind: 'ready', ...next.inventory });
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
    const used = work;
    const reports = lastOfTurn((stage, fraction, metrics) =>
      send({ kind: 'progress', id, stage, fraction, ...(metrics === undefined ? {} : { metrics }) }),
    );
    try {
      if (used === undefined) throw new Error('a job came before the worker was ready');
      const hooks = {
        progress: throttleProgress(reports.report, daemonSettings.progressIntervalMs, () => performance.now()),
        signal: controller.signal,
      };
      const result = await used.run(id, request, hooks);
      reports.drop();
      send({ kind: 'done', id, result });
    } catch (thrown) {
      const known = controller.signal.aborted
        ? new ProtocolError('cancelled', 'the request was cancelled')
        : (used?.explain(thrown) ?? thrown);
      const stack =
        known instanceof ProtocolError ? undefined : thrown instanceof Error ? thrown.stack : String(thrown);
      send({ kind: 'failed', id, error: toWireError(known), ...(stack === undefined ? {} : { stack }) });
    } finally {
      reports.drop();
      running.delete(id);
      heartbeat.end();
      disposeOutdated();
      if (stopping && running.size === 0) process.exit(0);
    }
  }

  function stop(): void {
    stopping = true;
    if (!letJobsEnd || running.size === 0) process.exit(0);
    for (const controller of running.values()) controller.abort();
  }

  function disposeOutdated(): void {
    if (running.size > 0) return;
    for (const old of outdated) void old.dispose?.();
    outdated = [];
  }
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
