/**
 * The job queue: first come, first served, one job at a time per executor.
 *
 * Pure logic over injected parts (store, executor, clock, ids), so that it is tested without processes. It decides
 * order, bounds and cancellation; it does not know what a job does.
 */
import { ProtocolError, type CancelSignal } from '@deltaspace/shared-protocol';
import { inputDigests, type JobRecord, type JobRequest, type JobResult, type JobState } from './job.js';
import type { JobStore } from './job-store.js';

export interface JobHooks {
  progress(stage: string, fraction: number): void;
  readonly signal: CancelSignal;
}

/** Runs one job at a time. Rejects with a ProtocolError; cancellation rejects with code `cancelled`. */
export interface JobExecutor {
  execute(id: string, request: JobRequest, hooks: JobHooks): Promise<JobResult>;
}

export interface QueueParts {
  readonly store: JobStore;
  readonly executor: JobExecutor;
  readonly maximumQueued: number;
  /** Keeps blobs from being evicted; the returned function lets them go. */
  readonly pin: (digests: readonly string[]) => () => void;
  readonly nowMs: () => number;
  readonly newId: () => string;
}

interface WaitingJob {
  readonly id: string;
  readonly request: JobRequest;
  readonly hooks: JobHooks;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
}

export class JobQueue {
  readonly #parts: QueueParts;
  readonly #waiting: WaitingJob[] = [];
  #running = false;
  #closed = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    return !this.#running && this.#waiting.length === 0;
  }

  /**
   * Adds a job and waits for its result.
   * @throws ProtocolError `queue_full`, `shutting_down`, `cancelled`, or what the executor rejects with.
   */
  async submit(request: JobRequest, hooks: JobHooks): Promise<JobResult> {
    if (this.#closed) throw new ProtocolError('shutting_down', 'the daemon is stopping and takes no more jobs');
    if (hooks.signal.aborted) throw cancelled();
    if (this.#waiting.length >= this.#parts.maximumQueued) {
      throw new ProtocolError('queue_full', `${this.#waiting.length} jobs are waiting already; try again later`);
    }
    const id = this.#parts.newId();
    this.#parts.store.put({ id, request, state: 'queued', revision: 0, queuedAtMs: this.#parts.nowMs() });
    const release = this.#parts.pin(inputDigests(request));
    try {
      return await this.#enqueue(id, request, hooks);
    } finally {
      release();
    }
  }

  /** Takes no more jobs and cancels the waiting ones. The running one ends through its own signal. */
  close(): void {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) {
      this.#finish(job.id, 'cancelled');
      job.reject(new ProtocolError('shutting_down', 'the daemon is stopping'));
    }
  }

  #enqueue(id: string, request: JobRequest, hooks: JobHooks): Promise<JobResult> {
    return new Promise<JobResult>((resolve, reject) => {
      const job: WaitingJob = { id, request, hooks, resolve, reject };
      this.#waiting.push(job);
      hooks.signal.addEventListener('abort', () => this.#cancelWaiting(job));
      if (this.#running) hooks.progress('queued', 0);
      void this.#drain();
    });
  }

  #cancelWaiting(job: WaitingJob): void {
    const position = this.#waiting.indexOf(job);
    if (position < 0) return;
    this.#waiting.splice(position, 1);
    this.#finish(job.id, 'cancelled');
    job.reject(cancelled());
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) await this.#run(job);
    this.#running = false;
  }

  async #run(job: WaitingJob): Promise<void> {
    this.#update(job.id, { state: 'running', startedAtMs: this.#parts.nowMs() });
    try {
      const result = await this.#parts.executor.execute(job.id, job.request, job.hooks);
      this.#finish(job.id, 'succeeded');
      job.resolve(result);
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 'internal_error';
      this.#finish(job.id, code === 'cancelled' ? 'cancelled' : 'failed', code);
      job.reject(error);
    }
  }

  #finish(id: string, state: JobState, errorCode?: JobRecord['errorCode']): void {
    this.#update(id, {
      state,
      finishedAtMs: this.#parts.nowMs(),
      ...(errorCode === undefined ? {} : { errorCode }),
    });
  }

  #update(id: string, change: Partial<JobRecord>): void {
    const record = this.#parts.store.get(id);
    if (record !== undefined) this.#parts.store.put({ ...record, ...change, revision: record.revision + 1 });
  }
}

function cancelled(): ProtocolError {
  return new ProtocolError('cancelled', 'the request was cancelled before it began');
}
