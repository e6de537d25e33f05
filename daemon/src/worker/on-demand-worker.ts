/**
 * A worker that is there only while it has jobs: started for the first, ended when none came for a while.
 *
 * Everything else is `WorkerHost`'s: crashes, restarts, the watchdog. A process that trains or evaluates holds hundreds of
 * megabytes, which nobody misses who only edits.
 */
import { EventEmitter } from 'node:events';
import type { ServerStatus } from '@deltaspace/shared-protocol';
import type { JobRequest, JobResult } from '../jobs/job.js';
import type { JobExecutor, JobHooks } from '../jobs/queue-parts.js';
import type { WorkerEvents, WorkerHost } from './host.js';

export class OnDemandWorker extends EventEmitter<WorkerEvents> implements JobExecutor {
  readonly #create: () => WorkerHost;
  readonly #idleMs: number;
  #host: WorkerHost | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  /** The end of the process before, so that two are never there at once. */
  #ending: Promise<void> = Promise.resolve();
  #restarts = 0;
  #lastExit: string | null = null;

  /** @param idleMs how long it stays without a job. */
  constructor(create: () => WorkerHost, idleMs: number) {
    super();
    this.#create = create;
    this.#idleMs = idleMs;
  }

  get status(): NonNullable<ServerStatus['background']> {
    const { state = 'idle', pid = null } = this.#host?.status ?? {};
    return { state: state === 'stopped' ? 'idle' : state, pid, restarts: this.#restarts, lastExit: this.#lastExit };
  }

  async execute(id: string, request: JobRequest, hooks: JobHooks): Promise<JobResult> {
    clearTimeout(this.#idleTimer);
    await this.#ending;
    this.#host ??= this.#start();
    try {
      return await this.#host.execute(id, request, hooks);
    } finally {
      this.#idleTimer = setTimeout(() => void this.stop(), this.#idleMs).unref();
    }
  }

  /** Ends the process, if there is one; a later job starts another. */
  stop(): Promise<void> {
    clearTimeout(this.#idleTimer);
    if (this.#host !== undefined) this.#ending = this.#host.stop();
    this.#host = undefined;
    return this.#ending;
  }

  #start(): WorkerHost {
    const host = this.#create();
    host.on('exited', (exit) => {
      this.#lastExit = exit.reason;
      if (exit.restarting) this.#restarts++;
      this.emit('exited', exit);
    });
    host.on('ready', (inventory) => this.emit('ready', inventory));
    host.on('complaint', (complaint) => this.emit('complaint', complaint));
    host.on('defect', (defect) => this.emit('defect', defect));
    host.start();
    return host;
  }
}
