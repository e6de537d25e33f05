/**
 * The job queue: who is next, who waits for what, and how each job ends. One job runs at a time on each track (track.ts).
 *
 * Pure logic over injected parts (store, executors, clock, ids), so that it is tested without processes. Each change is
 * committed by the store before anyone acts on it or hears of it. The queue decides order, bounds, lanes, cancellation
 * and what becomes of a job whose worker died; it does not know what a job does.
 */
import {
  fromWireError,
  ProtocolError,
  toWireError,
  type JobMetrics,
  type JobOptions,
} from '@deltaspace/shared-protocol';
import { fingerprint } from './fingerprint.js';
import {
  defaultOptions,
  inputDigests,
  isFinal,
  type JobChange,
  type JobRecord,
  type JobRequest,
  type JobResult,
  type JobView,
  type WorkerDeath,
} from './job.js';
import { LiveJob, type Ending, type JobWaiter } from './live-job.js';
import { cancelledBeforeStart, connectionGone, crashError, endingError, shuttingDown } from './queue-errors.js';
import { WorkerDiedError, type QueueParts } from './queue-parts.js';
import { Track, trackFor, trackNames, type TrackName } from './track.js';

export class JobQueue {
  readonly #parts: QueueParts;
  readonly #live = new Map<string, LiveJob>();
  readonly #tracks: Readonly<Record<TrackName, Track>>;
  #closed = false;
  #settleIdle = (): void => undefined;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    const { foreground, background } = parts.executors;
    this.#tracks = { foreground: new Track(foreground, parts), background: new Track(background, parts) };
  }

  /** Whether jobs live that go on when nobody waits for them. */
  get hasKeptJobs(): boolean {
    return [...this.#live.values()].some(({ record }) => record.onDisconnect === 'keep');
  }

  /**
   * Takes up what an earlier daemon left: jobs that are kept wait again in their old order, the others are cancelled,
   * because the connections that waited for them are gone.
   */
  resume(): void {
    for (const record of this.#parts.store.unfinished()) {
      const job = this.#revive(record, undefined);
      if (record.onDisconnect === 'keep') {
        if (record.state === 'running') this.#commit(job, { state: 'queued' });
        this.#trackOf(job).line.add(job);
      } else this.#finish(job, 'cancelled', connectionGone());
    }
    for (const name of trackNames) this.#startNext(this.#tracks[name]);
  }

  /** Whether a job of that id is known. */
  knows(id: string): boolean {
    return this.#live.has(id) || this.#parts.store.get(id) !== undefined;
  }

  /** A job as it is now. */
  view(id: string): JobView | undefined {
    const live = this.#live.get(id);
    if (live !== undefined) return this.#viewOf(live);
    const record = this.#parts.store.get(id);
    return record === undefined ? undefined : { record };
  }

  /**
   * Adds a job, or finds the one of that id, and waits for its result.
   * @throws ProtocolError `job_conflict`, `queue_full`, `storage_full`, `shutting_down`, `cancelled`, `superseded`,
   * `worker_crashed`, or what the executor rejects with.
   */
  async submit(request: JobRequest, options: JobOptions, waiter: JobWaiter): Promise<JobResult> {
    if (waiter.signal.aborted) throw cancelledBeforeStart();
    const print = fingerprint(request);
    const known = options.jobId === undefined ? undefined : this.view(options.jobId)?.record;
    if (known !== undefined) return this.#joinKnown(known, print, waiter);
    if (this.#closed) throw shuttingDown();
    const job = this.#accept(request, print, options, waiter);
    const outcome = this.#join(job, waiter);
    const track = this.#trackOf(job);
    if (track.running !== undefined) track.progress.tellPlace(job);
    this.#startNext(track);
    return outcome;
  }

  /** Cancels a job for everyone who waits for it. One that has ended stays as it is; false when there is none. */
  cancel(id: string): boolean {
    const job = this.#live.get(id);
    if (job === undefined) return this.#parts.store.get(id) !== undefined;
    this.#end(job, 'cancelled');
    return true;
  }

  /**
   * Takes no more jobs. Waiting ones that are kept stay in the store for the next daemon, as does the running one when its
   * worker is stopped; the others are cancelled. Resolves when nothing runs any more.
   */
  close(): Promise<void> {
    this.#closed = true;
    for (const name of trackNames) for (const job of this.#tracks[name].line.takeAll()) this.#putOff(job);
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => (this.#settleIdle = resolve));
  }

  get #isIdle(): boolean {
    return trackNames.every((name) => this.#tracks[name].running === undefined);
  }

  #trackOf({ record }: LiveJob): Track {
    return this.#tracks[trackFor(record.request.kind)];
  }

  #accept(request: JobRequest, print: string, options: JobOptions, { connection, owner }: JobWaiter): LiveJob {
    const { jobId, lane, priority, onDisconnect } = { ...defaultOptions(request.kind), ...options };
    const { line } = this.#tracks[trackFor(request.kind)];
    const laneName = lane === undefined ? undefined : `${connection}/${lane}`;
    const older = [...this.#live.values()].filter((job) => laneName !== undefined && job.lane === laneName);
    const giveWay = older.filter((job) => line.jobs.includes(job)).length;
    if (line.length - giveWay >= this.#parts.maximumQueued) {
      throw new ProtocolError('queue_full', `${line.length} jobs are waiting already; try again later`);
    }
    const record = this.#parts.store.add({
      id: jobId ?? this.#parts.newId(),
      owner,
      request,
      fingerprint: print,
      priority,
      onDisconnect,
      ...(lane === undefined ? {} : { lane }),
      queuedAtMs: this.#parts.nowMs(),
    });
    const job = this.#revive(record, connection);
    line.add(job);
    this.#changed(job);
    for (const other of older) this.#end(other, 'superseded');
    return job;
  }

  #revive(record: JobRecord, connection: string | undefined): LiveJob {
    const job = new LiveJob(record, connection, this.#parts.pin(inputDigests(record.request)));
    this.#live.set(record.id, job);
    return job;
  }

  #joinKnown(known: JobRecord, print: string, waiter: JobWaiter): Promise<JobResult> {
    if (known.fingerprint !== print || known.owner !== waiter.owner) {
      throw new ProtocolError('job_conflict', `job ${known.id} exists and is another request; choose a new id`);
    }
    const live = this.#live.get(known.id);
    if (live !== undefined) return this.#join(live, waiter);
    if (!isFinal(known.state)) throw shuttingDown(); // It was put off when the queue closed.
    if (known.result !== undefined) return Promise.resolve(known.result);
    throw fromWireError(known.error ?? toWireError(new Error('a job ended without result and without error')));
  }

  #join(job: LiveJob, waiter: JobWaiter): Promise<JobResult> {
    return job.join(waiter, () => this.#abandon(job, waiter));
  }

  /** A waiter cancelled its request, or its connection closed. */
  #abandon(job: LiveJob, waiter: JobWaiter): void {
    const left = waiter.hasLeft();
    if (left || job.isAwaitedBesides(waiter)) {
      job.dismiss(waiter, left ? connectionGone() : new ProtocolError('cancelled', 'the request was cancelled'));
    }
    const dropped = left && !job.isAwaited && job.record.onDisconnect === 'cancel';
    const cancelled = !left && job.isAwaited && !job.isAwaitedBesides(waiter);
    if (dropped || cancelled) this.#end(job, 'cancelled');
  }

  /** Stops a job: at once while it waits, before its next stage while it runs. */
  #end(job: LiveJob, ending: Ending): void {
    if (job.ending !== undefined) return;
    job.ending = ending;
    if (this.#trackOf(job).line.remove(job)) this.#finish(job, ending, endingError(ending));
    else job.stop.cancel();
  }

  #startNext(track: Track): void {
    if (track.running !== undefined || this.#closed) return;
    const job = track.line.takeFirst();
    if (job === undefined) return;
    track.running = job;
    void this.#run(job, track);
  }

  async #run(job: LiveJob, track: Track): Promise<void> {
    Object.assign(job, { stage: 'start', fraction: 0 });
    this.#commit(job, {
      state: 'running',
      startedAtMs: this.#parts.nowMs(),
      attempts: job.record.attempts + 1,
    });
    track.progress.tellPlaces();
    try {
      const result = await track.executor.execute(job.record.id, job.record.request, {
        signal: job.stop.signal,
        progress: (stage, fraction, metrics) => this.#progressed(job, stage, fraction, metrics),
      });
      this.#succeed(job, result);
    } catch (thrown) {
      this.#failed(job, thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    track.running = undefined;
    if (this.#isIdle) this.#settleIdle();
    this.#startNext(track);
  }

  #succeed(job: LiveJob, result: JobResult): void {
    this.#parts.keepResult(result);
    const { kind } = job.record.request;
    const finishedAtMs = this.#parts.nowMs();
    this.#trackOf(job).progress.estimates.learn(kind, finishedAtMs - (job.record.startedAtMs ?? finishedAtMs));
    this.#live.delete(job.record.id);
    this.#commit(job, { state: 'succeeded', finishedAtMs, result });
    job.settle({ result });
  }

  #failed(job: LiveJob, error: Error): void {
    if (job.ending !== undefined) this.#finish(job, job.ending, endingError(job.ending));
    else if (this.#closed) this.#putOff(job);
    else if (error instanceof WorkerDiedError) this.#survive(job, error.death);
    else
      this.#finish(job, error instanceof ProtocolError && error.code === 'cancelled' ? 'cancelled' : 'failed', error);
  }

  /** The worker died: once more, unless it was the last time. */
  #survive(job: LiveJob, lastCrash: WorkerDeath): void {
    const crashes = job.record.crashes + 1;
    if (crashes >= this.#parts.maximumCrashes) {
      this.#finish(job, 'failed', crashError(lastCrash, crashes), { crashes, lastCrash });
      return;
    }
    Object.assign(job, { stage: 'restarting', fraction: 0 });
    this.#commit(job, { state: 'queued', crashes, lastCrash });
    job.tell({ stage: 'restarting', fraction: 0 });
    this.#trackOf(job).line.add(job);
  }

  /** The daemon stops: who waits is told, and a job that is kept waits in the store. */
  #putOff(job: LiveJob): void {
    if (job.record.onDisconnect === 'cancel') {
      this.#finish(job, 'cancelled', shuttingDown());
      return;
    }
    this.#live.delete(job.record.id);
    if (job.record.state === 'running') this.#commit(job, { state: 'queued' });
    job.settle({ error: shuttingDown() });
  }

  #finish(job: LiveJob, state: 'failed' | Ending, error: Error, facts: JobChange = {}): void {
    this.#live.delete(job.record.id);
    this.#commit(job, { ...facts, state, finishedAtMs: this.#parts.nowMs(), error: toWireError(error) });
    job.settle({ error });
  }

  /** Commits a change and tells of it. When the disk fails, the job goes on: its answer is worth more than its record. */
  #commit(job: LiveJob, change: JobChange): void {
    try {
      job.record = this.#parts.store.update(job.record, change);
    } catch (error) {
      job.record = { ...job.record, ...change };
      this.#parts.uncommitted(job.record.id, error);
    }
    this.#changed(job);
  }

  #progressed(job: LiveJob, stage: string, fraction: number, metrics: JobMetrics = job.metrics): void {
    Object.assign(job, { stage, fraction, metrics });
    const view = this.#viewOf(job);
    if (view.progress !== undefined) job.tell(view.progress);
    this.#parts.changed(view);
  }

  #changed(job: LiveJob): void {
    this.#parts.changed(this.#viewOf(job));
  }

  #viewOf(job: LiveJob): JobView {
    return this.#live.has(job.record.id)
      ? { record: job.record, progress: this.#trackOf(job).progress.of(job) }
      : { record: job.record };
  }
}
