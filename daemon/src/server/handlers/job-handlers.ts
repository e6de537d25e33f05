/**
 * `edit`, `invert` and `models.run`: requests that become jobs, with progress out and cancellation in.
 */
import type { IncomingRequest, Peer } from '@deltaspace/shared-protocol';
import { daemonSettings } from '../../config/settings.js';
import { blobMissing } from '../../jobs/blob-files.js';
import { inputDigests, resultBlobs, type JobRequest, type JobResult } from '../../jobs/job.js';
import type { Services } from '../services.js';

export async function runAsJob(
  services: Services,
  peer: Peer,
  incoming: IncomingRequest,
  request: JobRequest,
): Promise<JobResult> {
  const missing = inputDigests(request).find((digest) => !services.blobs.has(digest));
  if (missing !== undefined) throw blobMissing(missing);
  const startedMs = performance.now();
  const progress = throttleProgress(
    (stage, fraction) => peer.notify('$/progress', { id: incoming.id, stage, fraction }),
    daemonSettings.progressIntervalMs,
    () => performance.now(),
  );
  const result = await services.queue.submit(request, { progress, signal: incoming.signal });
  for (const { digest, sizeBytes } of resultBlobs(result)) await services.blobs.adopt(digest, sizeBytes);
  services.log.info({ job: request.kind, durationMs: Math.round(performance.now() - startedMs) }, 'job done');
  return result;
}

/** Lets a report through when the stage is new or the last one is long enough ago. */
export function throttleProgress(
  send: (stage: string, fraction: number) => void,
  intervalMs: number,
  nowMs: () => number,
): (stage: string, fraction: number) => void {
  let lastStage: string | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  return (stage, fraction) => {
    const now = nowMs();
    if (stage === lastStage && now - lastMs < intervalMs) return;
    lastStage = stage;
    lastMs = now;
    send(stage, fraction);
  };
}
