/**
 * The API process's end of the worker: starts the child, gives it jobs one by one, outlives its crashes.
 *
 * A child process, not a thread: a native fault in the runtime then ends one job, not the daemon. A crash rejects the
 * job in flight with the signal or exit code and the stage it was in; the child is started again with growing delays. A
 * child that says nothing for too long while something is expected of it is killed, which is a crash like any other.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { fromWireError, ProtocolError, type ServerStatus } from '@deltaspace/shared-protocol';
import { daemonSettings } from '../config/settings.js';
import type { JobRequest, JobResult } from '../jobs/job.js';
import { WorkerDiedError, type JobExecutor, type JobHooks } from '../jobs/queue-parts.js';
import type { FromWorker, LoadedPack, ToWorker, WorkerConfiguration, WorkerInventory } from './messages.js';
import { Watchdog } from './watchdog.js';

export interface WorkerEvents {
  exited: [{ reason: string; restarting: boolean }];
  ready: [WorkerInventory];
  /** Something the worker wrote to standard error: a native library's words, or the trace of a crash. */
  complaint: [{ text: string }];
  /** A job failed inside the worker through a defect; `stack` is for the log. */
  defect: [{ stack: string }];
}

interface RunningJob {
  readonly id: string;
  readonly hooks: JobHooks;
  stage: string;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
}

/** Times of a worker's life; `daemonSettings` has the defaults and their reasons. */
export interface WorkerTimes {
  readonly workerSilenceMs: number;
  readonly workerTickMs: number;
  readonly workerRestartDelayMs: number;
}

/** Characters of one complaint that are passed on. */
const longestComplaint = 4000;

export class WorkerHost extends EventEmitter<WorkerEvents> implements JobExecutor {
  readonly #entry: URL;
  readonly #configuration: WorkerConfiguration;
  #child: ChildProcess | undefined;
  #inventory: WorkerInventory | undefined;
  #loaded: readonly LoadedPack[] = [];
  #job: RunningJob | undefined;
  #readyWaiters: { resolve: (inventory: WorkerInventory) => void; reject: (error: ProtocolError) => void }[] = [];
  readonly #times: WorkerTimes;
  readonly #priority: number;
  readonly #watchdog: Watchdog;
  #watchTimer: NodeJS.Timeout | undefined;
  #startedAtMs = 0;
  #crashesInARow = 0;
  /** Starts in a row that ended before the packs were loaded. */
  #failedStarts = 0;
  #restarts = 0;
  #lastExit: string | null = null;
  /** Why the child is going to end, when that is known before it does. */
  #unusable: string | undefined;
  #stopping = false;
  #restartTimer: NodeJS.Timeout | undefined;

  /**
   * @param entry module that calls `serveWorker` or `serveJobs` (worker/serve.ts).
   * @param priority of the process, as `os.setPriority` takes it; threads and children that it starts have it too.
   */
  constructor(
    entry: URL,
    configuration: WorkerConfiguration,
    times: Partial<WorkerTimes> = {},
    priority: number = constants.priority.PRIORITY_NORMAL,
  ) {
    super();
    this.#entry = entry;
    this.#configuration = configuration;
    this.#times = { ...daemonSettings, ...times };
    this.#priority = priority;
    this.#watchdog = new Watchdog(this.#times.workerSilenceMs, this.#times.workerTickMs);
  }

  get inventory(): WorkerInventory | undefined {
    return this.#inventory;
  }

  get status(): ServerStatus['worker'] {
    const idle = this.#restarts > 0 ? 'restarting' : 'starting';
    const state = this.#stopping ? 'stopped' : this.#inventory === undefined ? idle : 'ready';
    const loaded = this.#loaded.map(({ id, sizeBytes }) => ({ id, sizeBytes }));
    const { limitBytes } = this.#configuration.models;
    const models = { loaded, loadedBytes: loaded.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), limitBytes };
    return { state, pid: this.#child?.pid ?? null, restarts: this.#restarts, lastExit: this.#lastExit, models };
  }

  /** Starts the child. Does not wait for it: the packs load while the API process goes on. */
  start(): void {
    this.#startedAtMs = Date.now();
    const child = fork(fileURLToPath(this.#entry), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#lowerPriority(child);
    this.#watch();
    child.on('message', (message) => this.#receive(message as FromWorker));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.emit('complaint', { text: text.slice(0, longestComplaint) });
    });
    child.on('error', (error) => {
      if (child.pid === undefined) this.#exited(child, `it could not be started: ${error.message}`, null);
    });
    child.once('exit', (code, signal) => this.#exited(child, describeExit(code, signal), signal));
  }

  /**
   * Waits until the packs are loaded.
   * @throws ProtocolError `worker_unavailable` when the worker does not start.
   */
  ready(): Promise<WorkerInventory> {
    if (this.#inventory !== undefined) return Promise.resolve(this.#inventory);
    if (this.#stopping) return Promise.reject(new ProtocolError('shutting_down', 'the daemon is stopping'));
    if (this.#failedStarts >= daemonSettings.workerStartAttempts) return Promise.reject(this.#unavailable());
    return new Promise((resolve, reject) => this.#readyWaiters.push({ resolve, reject }));
  }

  /**
   * Has the worker load packs that were installed since it started, and waits until it has them. Jobs that run keep theirs.
   * @throws ProtocolError as `ready`.
   */
  async reload(): Promise<WorkerInventory> {
    await this.ready();
    const reloaded = new Promise<WorkerInventory>((resolve, reject) => this.#readyWaiters.push({ resolve, reject }));
    this.#send({ kind: 'reload' });
    return reloaded;
  }

  async execute(id: string, request: JobRequest, hooks: JobHooks): Promise<JobResult> {
    if (this.#inventory === undefined) await this.#readyUnlessCancelled(hooks);
    if (hooks.signal.aborted) throw cancelledBeforeStart();
    const cancel = (): void => this.#send({ kind: 'cancel', id });
    try {
      return await new Promise<JobResult>((resolve, reject) => {
        this.#job = { id, hooks, stage: 'start', resolve, reject };
        this.#send({ kind: 'run', id, request });
        this.#watch();
        hooks.signal.addEventListener('abort', cancel);
      });
    } finally {
      hooks.signal.removeEventListener('abort', cancel);
      this.#job = undefined;
    }
  }

  /** Ends the child: politely first, by force when it does not go. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    this.#rejectWaiters(new ProtocolError('shutting_down', 'the daemon is stopping'));
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#send({ kind: 'stop' });
    const force = setTimeout(() => child.kill('SIGKILL'), daemonSettings.workerStopMs);
    await gone;
    clearTimeout(force);
  }

  /** Loading packs can take a while, and a restarting worker even longer: the job can be cancelled meanwhile. */
  async #readyUnlessCancelled(hooks: JobHooks): Promise<void> {
    hooks.progress('loading', 0);
    let cancel = (): void => undefined;
    const cancelled = new Promise<never>((_resolve, reject) => {
      cancel = () => reject(cancelledBeforeStart());
      hooks.signal.addEventListener('abort', cancel);
    });
    try {
      await Promise.race([this.ready(), cancelled]);
    } finally {
      hooks.signal.removeEventListener('abort', cancel);
    }
  }

  /** Expects the worker to speak, from now until it is idle. */
  #watch(): void {
    this.#watchdog.heard();
    this.#watchTimer ??= setInterval(() => {
      if (this.#inventory !== undefined && this.#job === undefined) this.#unwatch();
      else if (this.#child !== undefined && this.#watchdog.tick()) this.#endHungWorker(this.#child);
    }, this.#times.workerTickMs).unref();
  }

  #unwatch(): void {
    clearInterval(this.#watchTimer);
    this.#watchTimer = undefined;
  }

  /** At once, while the process has one thread: on Linux threads have priorities of their own and pass them on. */
  #lowerPriority({ pid }: ChildProcess): void {
    if (pid === undefined || this.#priority === constants.priority.PRIORITY_NORMAL) return;
    try {
      setPriority(pid, this.#priority);
    } catch {
      // It has ended already, or the system does not let us: a job that is in the way is better than none.
    }
  }

  /** A stopped process takes no other signal; its exit follows. */
  #endHungWorker(child: ChildProcess): void {
    this.#watchdog.heard();
    const seconds = Math.round(this.#times.workerSilenceMs / 1000);
    this.#unusable = `it hung: nothing was heard of it for ${seconds} s, so it was ended with SIGKILL`;
    child.kill('SIGKILL');
  }

  #receive(message: FromWorker): void {
    this.#watchdog.heard();
    switch (message.kind) {
      case 'alive':
        break;
      case 'listening':
        this.#send({ kind: 'configure', ...this.#configuration });
        break;
      case 'ready':
        this.#becomeReady({ models: message.models, damaged: message.damaged });
        break;
      case 'loaded':
        this.#loaded = message.packs;
        break;
      case 'unusable':
        this.#unusable = message.reason;
        break;
      case 'progress':
        if (this.#job?.id !== message.id) return;
        this.#job.stage = message.stage;
        this.#job.hooks.progress(message.stage, message.fraction, message.metrics);
        break;
      case 'done':
        this.#crashesInARow = 0;
        if (this.#job?.id === message.id) this.#job.resolve(message.result);
        break;
      case 'failed':
        if (message.stack !== undefined) this.emit('defect', { stack: message.stack });
        if (this.#job?.id === message.id) this.#job.reject(fromWireError(message.error));
        break;
    }
  }

  #becomeReady(inventory: WorkerInventory): void {
    this.#inventory = inventory;
    this.#unusable = undefined;
    this.#failedStarts = 0;
    this.emit('ready', inventory);
    for (const waiter of this.#readyWaiters.splice(0)) waiter.resolve(inventory);
  }

  #exited(child: ChildProcess, how: string, signal: NodeJS.Signals | null): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#unwatch();
    if (this.#inventory === undefined) this.#failedStarts++;
    this.#inventory = undefined;
    this.#loaded = [];
    const reason = this.#unusable ?? how;
    this.#unusable = undefined;
    this.#lastExit = reason;
    const healthy = Date.now() - this.#startedAtMs > daemonSettings.workerHealthyAfterMs;
    this.#crashesInARow = healthy ? 1 : this.#crashesInARow + 1;
    this.emit('exited', { reason, restarting: !this.#stopping });
    this.#job?.reject(new WorkerDiedError({ reason, stage: this.#job.stage, signal }));
    if (this.#stopping) return;
    if (this.#failedStarts >= daemonSettings.workerStartAttempts) this.#rejectWaiters(this.#unavailable());
    this.#restartTimer = setTimeout(() => this.#restart(), this.#restartDelayMs());
  }

  #restart(): void {
    this.#restarts++;
    this.start();
  }

  #restartDelayMs(): number {
    const most = daemonSettings.workerRestartDelayMaximumMs;
    return Math.min(this.#times.workerRestartDelayMs * 2 ** (this.#crashesInARow - 1), most);
  }

  #unavailable(): ProtocolError {
    return new ProtocolError('worker_unavailable', `the worker does not start: ${this.#lastExit ?? 'unknown reason'}`);
  }

  #rejectWaiters(error: ProtocolError): void {
    for (const waiter of this.#readyWaiters.splice(0)) waiter.reject(error);
  }

  #send(message: ToWorker): void {
    // A child that dies meanwhile reports through 'exit'; the send error adds nothing.
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'it was killed by SIGKILL (often: the system ran out of memory)';
  return signal === null ? `it ended with exit code ${code ?? 'unknown'}` : `it was ended by ${signal}`;
}

function cancelledBeforeStart(): ProtocolError {
  return new ProtocolError('cancelled', 'the request was cancelled before it began');
}
