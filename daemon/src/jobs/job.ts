/**
 * A job: one edit, interpolation, mix, inversion or network run, evaluation, analysis, check or training, as plain data.
 *
 * Requests and results hold digests, never bytes, so that a job can be stored, sent to another process and run again.
 */
import type {
  AnalyzeParams,
  AnalyzeResult,
  DisconnectPolicy,
  EditParams,
  EditResult,
  EvaluateParams,
  EvaluateResult,
  InterpolateParams,
  InterpolateResult,
  InvertParams,
  InvertResult,
  JobOptions,
  JobPriority,
  JobProgress,
  JobState,
  JobSummary,
  MixParams,
  MixResult,
  Params,
  Result,
  TrainResult,
  TrainStartParams,
  VerifyParams,
  VerifyResult,
  WireError,
} from '@deltaspace/shared-protocol';

/** What is computed, without how the job is handled: two requests that differ in the latter only are the same work. */
type Work<RequestParams> = Omit<RequestParams, keyof JobOptions>;

export interface JobKinds {
  edit: { params: Work<EditParams>; result: EditResult };
  interpolate: { params: Work<InterpolateParams>; result: InterpolateResult };
  mix: { params: Work<MixParams>; result: MixResult };
  invert: { params: Work<InvertParams>; result: InvertResult };
  subjects: { params: Work<Params<'subjects'>>; result: Result<'subjects'> };
  run: { params: Work<Params<'models.run'>>; result: Result<'models.run'> };
  evaluate: { params: Work<EvaluateParams>; result: EvaluateResult };
  analyze: { params: Work<AnalyzeParams>; result: AnalyzeResult };
  verify: { params: Work<VerifyParams>; result: VerifyResult };
  train: { params: Work<TrainStartParams>; result: TrainResult };
  /** Goes on with the run that a job began: the folder is named by that job's id. */
  resume: { params: ResumedRun; result: TrainResult };
}

/** A run that is gone on with, and what of its request is now otherwise. */
export type ResumedRun = Omit<Work<Params<'train.resume'>>, 'of'> & { readonly run: string };

export type JobKind = keyof JobKinds;

/** What the requests of a kind are called on the wire. */
const methodOfKind: Readonly<Record<JobKind, JobSummary['method']>> = {
  edit: 'edit',
  interpolate: 'interpolate',
  mix: 'mix',
  invert: 'invert',
  subjects: 'subjects',
  run: 'models.run',
  evaluate: 'evaluate',
  analyze: 'analyze',
  verify: 'models.verify',
  train: 'train.start',
  resume: 'train.resume',
};

/** How a job is handled whose request does not say. Nobody waits for hours: a training goes on by itself. */
export function defaultOptions(kind: JobKind): { priority: JobPriority; onDisconnect: DisconnectPolicy } {
  if (kind === 'train' || kind === 'resume') return { priority: 'train', onDisconnect: 'keep' };
  const isLong = kind === 'evaluate' || kind === 'analyze' || kind === 'verify';
  return { priority: isLong ? 'bulk' : 'interactive', onDisconnect: 'cancel' };
}

export type JobRequest = { [Kind in JobKind]: { kind: Kind; params: JobKinds[Kind]['params'] } }[JobKind];
export type JobResult<Kind extends JobKind = JobKind> = JobKinds[Kind]['result'];

/** How a worker died of a job. */
export interface WorkerDeath {
  readonly reason: string;
  readonly stage: string;
  /** Null when it ended by itself. */
  readonly signal: string | null;
}

/** What is known of a job when it is accepted. */
export interface NewJob {
  readonly id: string;
  /** Who sent it: the id of a paired client, or `user`. */
  readonly owner: string;
  readonly request: JobRequest;
  /** `fingerprint` of the request. */
  readonly fingerprint: string;
  readonly priority: JobPriority;
  readonly onDisconnect: DisconnectPolicy;
  readonly lane?: string;
  readonly queuedAtMs: number;
}

export interface JobRecord extends NewJob {
  readonly state: JobState;
  /** Of the last change: grows with every change of any job, so that a late event cannot overwrite a newer state. */
  readonly revision: number;
  /** The revision under which the job was accepted: its place among jobs of equal priority. */
  readonly sequence: number;
  /** How often it was given to a worker. */
  readonly attempts: number;
  /** Workers that died of it. */
  readonly crashes: number;
  readonly lastCrash?: WorkerDeath;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly error?: WireError;
  readonly result?: JobResult;
}

export type JobChange = Partial<Omit<JobRecord, keyof NewJob | 'revision' | 'sequence'>>;

/** A job as it is now; the progress of one that lives is kept in memory only. */
export interface JobView {
  readonly record: JobRecord;
  readonly progress?: JobProgress;
}

export function isFinal(state: JobState): boolean {
  return state !== 'queued' && state !== 'running';
}

/** The job as clients see it: everything but its request and its result. */
export function summarize({ record, progress }: JobView): JobSummary {
  const { error } = record;
  return {
    jobId: record.id,
    method: methodOfKind[record.request.kind],
    state: record.state,
    revision: record.revision,
    priority: record.priority,
    onDisconnect: record.onDisconnect,
    ...(record.lane === undefined ? {} : { lane: record.lane }),
    queuedAtMs: record.queuedAtMs,
    ...(record.startedAtMs === undefined ? {} : { startedAtMs: record.startedAtMs }),
    ...(record.finishedAtMs === undefined ? {} : { finishedAtMs: record.finishedAtMs }),
    attempts: record.attempts,
    crashes: record.crashes,
    ...(record.lastCrash === undefined ? {} : { lastCrash: record.lastCrash }),
    ...(progress === undefined ? {} : { progress }),
    ...(error === undefined ? {} : { error: describeError(error) }),
  };
}

function describeError({ message, data }: WireError): NonNullable<JobSummary['error']> {
  return {
    code: data?.code ?? 'internal_error',
    message,
    retryable: data?.retryable ?? false,
    ...(data?.details === undefined ? {} : { details: data.details }),
  };
}

/** Digests that a job reads; they must stay in the store until it has ended. */
export function inputDigests(request: JobRequest): string[] {
  switch (request.kind) {
    case 'run':
      return Object.values(request.params.inputs);
    case 'edit': {
      const { image, pair } = request.params;
      return [image, ...(pair === undefined ? [] : [pair.from, pair.to])].map(({ digest }) => digest);
    }
    case 'interpolate': {
      const { image, other } = request.params;
      return [image.digest, ...(other === undefined ? [] : [other.digest])];
    }
    case 'mix':
      return [request.params.content.digest, request.params.style.digest];
    case 'subjects':
    case 'invert':
      return [request.params.image.digest];
    case 'analyze': {
      const { imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures } = request.params;
      const files = [imageFeatures, textFeatures, deltaImageFeatures, deltaTextFeatures];
      return files.filter((digest) => digest !== undefined);
    }
    case 'evaluate':
    case 'verify':
    case 'train':
    case 'resume':
      return [];
  }
}

/** Blobs that a result refers to, with their sizes in bytes. */
export function resultBlobs(result: JobResult): { digest: string; sizeBytes: number }[] {
  if ('subjects' in result) return [];
  if ('files' in result) return Object.values(result.files);
  if ('packs' in result || 'run' in result) return [];
  if ('latent' in result) return [result.latent, result.reconstruction];
  if ('frames' in result) return result.frames.map(({ image }) => image);
  if ('image' in result) return [result.image];
  if (!('pack' in result)) return Object.values(result.outputs);
  const images = result.outputs.flatMap((output) => [output.image, output.heatmap]);
  return [...images, result.reconstruction].filter((image) => image !== undefined);
}
