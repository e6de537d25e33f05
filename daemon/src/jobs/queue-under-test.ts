/**
 * A queue for tests: a real store in memory, a clock that stands, and an executor whose jobs end when the test says so.
 */
import { CancelSource, type JobOptions, type JobProgress, type JobSummary } from '@deltaspace/shared-protocol';
import { summarize, type JobRecord, type JobRequest, type JobResult, type WorkerDeath } from './job.js';
import { SqliteJobStore } from './job-store.js';
import { JobQueue } from './queue.js';
import { WorkerDiedError, type JobHooks, type QueueParts } from './queue-parts.js';

export const anyDigest = `sha256:${'0'.repeat(64)}`;

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
      executor: { execute: (id, request, hooks) => this.#start(id, request, hooks) },
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

  submit(target: string, options: JobOptions = {}, connection = 'one', owner = 'user'): Submitted {
    const source = new CancelSource();
    const told: JobProgress[] = [];
    const answers: string[] = [];
    let left = false;
    const done = this.queue.submit(editRequest(target), options, {
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

  #start(id: string, request: JobRequest, hooks: JobHooks): Promise<JobResult> {
    const target = request.kind === 'edit' ? (request.params.targets?.[0] ?? '') : '';
    return new Promise((resolve, reject) => {
      this.started.push({
        id,
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

/** Lets everything happen that does not wait for the test. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
