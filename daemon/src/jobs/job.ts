/**
 * A job: one edit, interpolation, mix, inversion or network run, as plain data.
 *
 * Requests and results hold digests, never bytes, so that a job can be stored, sent to another process and run again.
 */
import type {
  EditParams,
  EditResult,
  ErrorCode,
  InterpolateParams,
  InterpolateResult,
  InvertParams,
  InvertResult,
  MixParams,
  MixResult,
  Params,
  Result,
} from '@deltaspace/shared-protocol';

export interface JobKinds {
  edit: { params: EditParams; result: EditResult };
  interpolate: { params: InterpolateParams; result: InterpolateResult };
  mix: { params: MixParams; result: MixResult };
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
    case 'invert':
      return [request.params.image.digest];
  }
}

/** Blobs that a result refers to, with their sizes in bytes. */
export function resultBlobs(result: JobResult): { digest: string; sizeBytes: number }[] {
  if ('latent' in result) return [result.latent, result.reconstruction];
  if ('frames' in result) return result.frames.map(({ image }) => image);
  if ('image' in result) return [result.image];
  if (!('pack' in result)) return Object.values(result.outputs);
  const images = result.outputs.flatMap((output) => [output.image, output.heatmap]);
  return [...images, result.reconstruction].filter((image) => image !== undefined);
}
