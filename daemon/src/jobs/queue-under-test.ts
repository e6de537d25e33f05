/**
 * A queue for tests: a real store in memory, a clock that stands, and an executor whose jobs end when the test says so.
 */
import { CancelSource, type JobOptions, type JobProgress, type JobSummary } from '@deltaspace/shared-protocol';
import { summarize, type JobRecord, type JobRequest, type JobResult, type WorkerDeath } from './job.js';
import { SqliteJobStore } from './job-store.js';
import { JobQueue } from './queue.js';
import { WorkerDiedError, type JobExecutor, type JobHooks, type QueueParts } from './queue-parts.js';
import type { TrackName } from './track.js';

export const anyDigest = `sha256:${'0'.repeat(64)}`;

/** A request of the background, told apart by its pack. */
export function evaluateRequest(pack: string): JobRequest {
  return { kind: 'evaluate', params: { pack, sheet: false } };
}

export function editRequest(target: string): JobRequest {
  const image = { encoding: 'file', digest: anyDigest } as const;
  return { kind: 'edit', params: { image, targets: [target], encoding: 'png' } };
}

/** The only result there is, told apart by its pack. */
export const resultNamed = (pack: string): JobResult => ({ pack, outputs: [], timingsMs: {} });

export const storeLimits = { finishedKept: 100, forgottenAtOnce: 10 };

/** A job that the executor was given and that has not ended. */
export interface StartedJob {
  readonly id: string;
  readonly track: TrackName;
  /** Its text, or its pack. */
  readonly target: string;
  readonly hooks: JobHooks;
  succeed(): void;
  fail(error: Error): void;
  killWorker(death?: Partial<WorkerDeath>): void;
}

/** A request as its client sees it. */
export interface Submitted {
  readonly done: Promise<JobResult>;
  readonly told: JobProgress[];
  /** How it was answered so far, each time. */
  readonly answers: string[];
  cancel(): void;
  disconnect(): void;
}

export class QueueUnderTest {
  readonly store: SqliteJobStore;
  readonly queue: JobQueue;
  readonly started: StartedJob[] = [];
  readonly pinned: string[] = [];
  readonly kept: JobResult[] = [];
  readonly changes: JobSummary[] = [];
  readonly uncommitted: string[] = [];
  nowMs = 0;
  #ids = 0;

  constructor(parts: Partial<QueueParts> = {}, store?: SqliteJobStore) {
    this.store = store ?? SqliteJobStore.open(':memory:', storeLimits, 0);
    this.queue = new JobQueue({
      store: this.store,
      executors: { foreground: this.#executor('foreground'), background: this.#executor('background') },
      maximumQueued: 10,
      maximumCrashes: 2,
      progressIntervalMs: 0,
      pin: (digests) => {
        this.pinned.push(...digests);
        return () => void this.pinned.splice(0, digests.length);
      },
      keepResult: (result) => void this.kept.push(result),
      changed: (view) => void this.changes.push(summarize(view)),
      uncommitted: (id) => void this.uncommitted.push(id),
      nowMs: () => this.nowMs,
      newId: () => `job-${this.#ids++}`,
      ...parts,
    });
  }

  /** The jobs that the executor was given, by their texts. */
  get order(): string[] {
    return this.started.map(({ target }) => target);
  }

  /** The job that runs, which is the one started last. */
  get running(): StartedJob {
    return this.started.at(-1) as StartedJob;
  }

  /** The job of a track that was started last. */
  runningOn(track: TrackName): StartedJob | undefined {
    return this.started.filter((job) => job.track === track).at(-1);
  }

  submit(target: string, options: JobOptions = {}, connection = 'one', owner = 'user'): Submitted {
    return this.submitRequest(editRequest(target), options, connection, owner);
  }

  submitRequest(request: JobRequest, options: JobOptions = {}, connection = 'one', owner = 'user'): Submitted {
    const source = new CancelSource();
    const told: JobProgress[] = [];
    const answers: string[] = [];
    let left = false;
    const done = this.queue.submit(request, options, {
      connection,
      owner,
      signal: source.signal,
      hasLeft: () => left,
      progress: (progress) => told.push(progress),
    });
    done.then(
      () => answers.push('result'),
      (error: unknown) => answers.push((error as { code?: string }).code ?? String(error)),
    );
    return {
      done,
      told,
      answers,
      cancel: () => source.cancel(),
      disconnect: () => {
        left = true;
        source.cancel();
      },
    };
  }

  record(id: string): JobRecord | undefined {
    return this.queue.view(id)?.record;
  }

  #executor(track: TrackName): JobExecutor {
    return { execute: (id, request, hooks) => this.#start(track, id, request, hooks) };
  }

  #start(track: TrackName, id: string, request: JobRequest, hooks: JobHooks): Promise<JobResult> {
    const target = nameOf(request);
    return new Promise((resolve, reject) => {
      this.started.push({
        id,
        track,
        target,
        hooks,
        succeed: () => resolve(resultNamed(target)),
        fail: reject,
        killWorker: (death) =>
          reject(
            new WorkerDiedError({ reason: 'it was ended by SIGSEGV', stage: 'work', signal: 'SIGSEGV', ...death }),
          ),
      });
    });
  }
}

function nameOf(request: JobRequest): string {
  if (request.kind === 'edit') return request.params.targets?.[0] ?? '';
  return request.kind === 'evaluate' ? (request.params.pack ?? '') : '';
}

/** Lets everything happen that does not wait for the test. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
