/**
 * One job from its layers to its pictures, through whatever happens to the connection meanwhile.
 *
 * After a lost connection the same request goes out again under the same job id, so the daemon computes it once. A layer or
 * a result that the daemon no longer holds is sent, or computed, again under a new id. What fails for its own reasons fails:
 * the daemon has tried crashed jobs twice already.
 */
import {
  ProtocolError,
  type CancelSignal,
  type ImageInput,
  type JobPriority,
  type JobProgress,
  type MethodName,
  type ParamsInput,
  type Result,
} from '@deltaspace/shared-protocol';
import { pause } from '../platform.js';
import type { LayerUpload } from './layer.js';
import type { DaemonLink, EditingClient, EditingPlatform } from './link.js';

export const runnerLimits = {
  /** Times that one request loses its connection before it gives up. */
  reconnects: 8,
  /** Times that missing blobs are made good. */
  uploads: 3,
  /** Wait before the request goes out again: the daemon that stops closes its connections only after its answers. */
  resendDelayMs: 200,
} as const;

export type JobMethod = Extract<MethodName, 'edit' | 'interpolate' | 'mix'>;

export interface JobRequest<Method extends JobMethod, Value> {
  readonly method: Method;
  readonly layers: readonly LayerUpload[];
  /** The parameters, given the uploaded layers in their order. Asked again for another connection. */
  readonly params: (images: readonly ImageInput[], client: EditingClient) => ParamsInput<Method>;
  /** Fetches what the result names. */
  readonly collect: (result: Result<Method>, client: EditingClient, signal?: CancelSignal) => Promise<Value>;
  readonly priority?: JobPriority;
  readonly lane?: string;
}

export interface JobHooks {
  readonly signal?: CancelSignal;
  /** Besides the daemon's stages: `connecting`, `upload` and `download`, which happen here. */
  readonly onProgress?: (progress: JobProgress) => void;
}

/** @throws ProtocolError with the daemon's code, `cancelled`, or `connection_lost` when nothing helped. */
export async function runJob<Method extends JobMethod, Value>(
  parts: { readonly link: DaemonLink; readonly platform: EditingPlatform },
  request: JobRequest<Method, Value>,
  hooks: JobHooks = {},
): Promise<Value> {
  const { link, platform } = parts;
  const { signal } = hooks;
  let jobId = platform.randomId();
  let reconnects = 0;
  let uploads = 0;
  for (;;) {
    if (isAborted(signal)) throw new ProtocolError('cancelled', `${request.method} was cancelled`);
    hooks.onProgress?.({ stage: 'connecting', fraction: 0 });
    const client = await link.whenConnected(signal);
    try {
      return await runOnce(client, request, jobId, hooks);
    } catch (error) {
      if (!(error instanceof ProtocolError) || isAborted(signal)) throw error;
      if (isGone(error) && reconnects < runnerLimits.reconnects) {
        reconnects += 1;
        await pause(platform, runnerLimits.resendDelayMs);
      } else if (error.code === 'blob_missing' && uploads < runnerLimits.uploads) {
        uploads += 1;
        for (const layer of request.layers) layer.forget(client);
        jobId = platform.randomId(); // the job of the old id has failed, and stays so
      } else throw error;
    }
  }
}

async function runOnce<Method extends JobMethod, Value>(
  client: EditingClient,
  request: JobRequest<Method, Value>,
  jobId: string,
  { signal, onProgress }: JobHooks,
): Promise<Value> {
  onProgress?.({ stage: 'upload', fraction: 0 });
  const images: ImageInput[] = [];
  for (const layer of request.layers) images.push(await layer.upload(client, signal));
  const params = { ...request.params(images, client), ...jobOptions(client, request, jobId) };
  const result = await client.call(request.method, params, {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  onProgress?.({ stage: 'download', fraction: 1 });
  return request.collect(result, client, signal);
}

/** `keep`, because a job that ends with its connection could not be asked for again. Older daemons know no ids. */
function jobOptions(
  client: EditingClient,
  { priority, lane }: Pick<JobRequest<JobMethod, unknown>, 'priority' | 'lane'>,
  jobId: string,
): object {
  const { capabilities } = client.session;
  return {
    ...(capabilities['jobs'] === true ? { jobId, onDisconnect: 'keep' } : {}),
    ...(capabilities['jobs'] === true && priority !== undefined ? { priority } : {}),
    ...(capabilities['lanes'] === true && lane !== undefined ? { lane } : {}),
  };
}

/** Asked anew each time, because it changes meanwhile. */
function isAborted(signal: CancelSignal | undefined): boolean {
  return signal?.aborted === true;
}

function isGone({ code }: ProtocolError): boolean {
  return code === 'connection_lost' || code === 'shutting_down';
}
