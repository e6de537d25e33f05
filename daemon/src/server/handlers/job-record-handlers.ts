/**
 * `job.*` for one connection: asking for jobs, cancelling them, and hearing of their changes.
 *
 * A client sees and cancels the jobs that it sent itself; who has the scope `admin`, all of them. Others' jobs are as unknown
 * as jobs that never were.
 */
import {
  jobStateSchema,
  ProtocolError,
  type IncomingRequest,
  type JobSummary,
  type Params,
  type Peer,
  type Result,
} from '@deltaspace/shared-protocol';
import { daemonSettings } from '../../config/settings.js';
import { isFinal, summarize, type JobRecord, type JobView } from '../../jobs/job.js';
import type { Services } from '../services.js';

export class JobRecordHandlers {
  readonly #services: Services;
  readonly #peer: Peer;
  readonly #owner: string | undefined;
  #unsubscribe = (): void => undefined;

  /** @param owner whose jobs this connection may see; everyone's when undefined. */
  constructor(services: Services, peer: Peer, owner: string | undefined) {
    this.#services = services;
    this.#peer = peer;
    this.#owner = owner;
  }

  get({ jobId }: Params<'job.get'>): Result<'job.get'> {
    const view = this.#view(jobId);
    const { result } = view.record;
    return { ...summarize(view), ...(result === undefined ? {} : { result }) };
  }

  list(params: Params<'job.list'>): Result<'job.list'> {
    const { states = jobStateSchema.options, beforeRevision = Number.MAX_SAFE_INTEGER, limit } = params;
    const { jobs } = this.#services;
    const owner = this.#owner === undefined ? {} : { owner: this.#owner };
    const records = jobs.list({ states, ...owner, beforeRevision, limit });
    return { revision: jobs.revision, jobs: records.map((record) => this.#summaryOf(record)) };
  }

  cancel({ jobId }: Params<'job.cancel'>): Result<'job.cancel'> {
    this.#view(jobId);
    this.#services.queue.cancel(jobId);
    return summarize(this.#view(jobId));
  }

  subscribe({ sinceRevision, jobIds }: Params<'job.subscribe'>): Result<'job.subscribe'> {
    const { jobs, jobFeed } = this.#services;
    const wanted = jobIds === undefined ? undefined : new Set(jobIds);
    const isWanted = (record: JobRecord): boolean => this.#sees(record) && (wanted?.has(record.id) ?? true);
    this.dispose();
    if (sinceRevision !== undefined) {
      for (const record of jobs.changedSince(sinceRevision)) {
        if (isWanted(record)) this.#peer.notify('job.changed', this.#summaryOf(record));
      }
    }
    if (wanted?.size !== 0) {
      this.#unsubscribe = jobFeed.listen((view) => {
        if (isWanted(view.record)) this.#tell(view);
      });
    }
    const { revision, forgottenRevision } = jobs;
    const since = sinceRevision ?? revision;
    return { revision, complete: since >= forgottenRevision && since <= revision };
  }

  /**
   * The request of `train.resume` with the run that it goes on with in place of the job that was asked for.
   * @throws ProtocolError `job_unknown`, `training_not_resumable`.
   */
  resumed(request: IncomingRequest): IncomingRequest {
    const { of, ...params } = request.params as Params<'train.resume'>;
    const { record } = this.#view(of);
    const run = runOf(record);
    const refuse = (why: string): ProtocolError => new ProtocolError('training_not_resumable', `job ${of} ${why}`);
    if (run === undefined) throw refuse('trains nothing');
    if (!isFinal(record.state)) throw refuse(`is ${record.state}; it goes on by itself`);
    if (record.state === 'succeeded' && !isPartial(record)) throw refuse('has succeeded');
    return { ...request, params: { run, ...params } };
  }

  /** Ends the subscription. */
  dispose(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => undefined;
  }

  /** Sends a change. Who does not read is not told of mere progress, and in the end not told at all. */
  #tell(view: JobView): void {
    const unread = this.#peer.bufferedBytes;
    if (unread > daemonSettings.slowConsumerBytes) {
      this.#peer.close('slowConsumer', 'too many unread bytes');
      return;
    }
    const advances = view.record.state === 'running' && view.progress?.stage !== 'start';
    if (advances && unread > daemonSettings.unreadProgressBytes) return;
    this.#peer.notify('job.changed', summarize(view));
  }

  #view(id: string): JobView {
    const view = this.#services.queue.view(id);
    if (view !== undefined && this.#sees(view.record)) return view;
    throw new ProtocolError('job_unknown', `there is no job ${id}: it was never accepted, or is forgotten by now`);
  }

  #sees({ owner }: JobRecord): boolean {
    return this.#owner === undefined || this.#owner === owner;
  }

  /** A stored record as it is now: one that lives has its progress. */
  #summaryOf(record: JobRecord): JobSummary {
    return summarize((isFinal(record.state) ? undefined : this.#services.queue.view(record.id)) ?? { record });
  }
}

/** The job that began the run of a training. */
function runOf({ id, request }: JobRecord): string | undefined {
  return request.kind === 'train' ? id : request.kind === 'resume' ? request.params.run : undefined;
}

/** Whether single stages ran: there is more to do. */
function isPartial({ result }: JobRecord): boolean {
  return result !== undefined && 'run' in result && result.pack === undefined;
}
