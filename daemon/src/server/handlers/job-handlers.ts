/**
 * `edit`, `invert` and `models.run`: requests that become jobs, with progress out and cancellation in.
 */
import { protocolLimits, type IncomingRequest, type Peer } from '@deltaspace/shared-protocol';
import { blobMissing, readBlobFile } from '../../jobs/blob-files.js';
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
  const progress = (stage: string, fraction: number): void => {
    peer.notify('$/progress', { id: incoming.id, stage, fraction });
  };
  const result = await services.queue.submit(request, { progress, signal: incoming.signal });
  const blobs = resultBlobs(result);
  for (const { digest, sizeBytes } of blobs) await services.blobs.adopt(digest, sizeBytes);
  pushResults(services, peer, incoming, blobs);
  services.log.info({ job: request.kind, durationMs: Math.round(performance.now() - startedMs) }, 'job done');
  return result;
}

/** Sends small results ahead of the answer, which saves their client a round trip each. */
function pushResults(
  services: Services,
  peer: Peer,
  { id: request }: IncomingRequest,
  blobs: readonly { digest: string; sizeBytes: number }[],
): void {
  const total = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (typeof request !== 'number' || total > protocolLimits.pushedResultBytes) return;
  for (const { digest } of blobs) {
    const payload = readBlobFile(services.blobs.directory, digest); // written just now, so it comes from memory
    if (!peer.isClosed) peer.sendFrame({ type: 'downloadChunk', header: { request, digest, offset: 0 }, payload });
  }
}
