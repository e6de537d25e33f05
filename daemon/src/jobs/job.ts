/**
 * A job: one edit, inversion or network run, as plain data.
 *
 * Requests and results hold digests, never bytes, so that a job can be stored, sent to another process and run again.
 */
import type { EditParams, EditResult, InvertParams, InvertResult, Params, Result } from '@deltaspace/shared-protocol';
import type { ErrorCode } from '@deltaspace/shared-protocol';

export interface JobKinds {
  edit: { params: EditParams; result: EditResult };
  invert: { params: InvertParams; result: InvertResult };
  run: { params: Params<'models.run'>; result: Result<'models.run'> };
}

export type JobKind = keyof JobKinds;

export type JobRequest = { [Kind in JobKind]: { kind: Kind; params: JobKinds[Kind]['params'] } }[JobKind];
export type JobResult<Kind extends JobKind = JobKind> = JobKinds[Kind]['result'];

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface JobRecord {
  readonly id: string;
  readonly request: JobRequest;
  readonly state: JobState;
  /** Counts changes of this record, so that a late event cannot overwrite a newer state. */
  readonly revision: number;
  readonly queuedAtMs: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly errorCode?: ErrorCode;
}

/** Digests that a job reads; they must stay in the store until it has ended. */
export function inputDigests(request: JobRequest): string[] {
  return request.kind === 'run' ? Object.values(request.params.inputs) : [request.params.image.digest];
}

/** Blobs that a result refers to, with their sizes in bytes. */
export function resultBlobs(result: JobResult): { digest: string; sizeBytes: number }[] {
  if (!('outputs' in result)) return [result.latent, result.reconstruction];
  if (!('pack' in result)) return Object.values(result.outputs);
  const images = result.outputs.flatMap((output) => [output.image, output.heatmap]);
  return [...images, result.reconstruction].filter((image) => image !== undefined);
}
