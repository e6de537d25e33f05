/**
 * Requests that become jobs, for one connection: progress out, cancellation and disconnects in, small results pushed.
 */
import { protocolLimits, type IncomingRequest, type JobOptions, type Peer } from '@deltaspace/shared-protocol';
import { blobMissing, readBlobFile } from '../../jobs/blob-files.js';
import { inputDigests, resultBlobs, type JobKind, type JobRequest, type JobResult } from '../../jobs/job.js';
import type { JobWaiter } from '../../jobs/live-job.js';
import type { Services } from '../services.js';

/**
 * Runs a request as a job, or joins the job of its id, and returns the result.
 * @throws ProtocolError `blob_missing`, and what `JobQueue.submit` throws.
 */
export async function runAsJob(
  services: Services,
  peer: Peer,
  sender: Pick<JobWaiter, 'connection' | 'owner'>,
  incoming: IncomingRequest,
  kind: JobKind,
): Promise<JobResult> {
  const { options, request } = splitOptions(kind, incoming.params as JobOptions);
  if (options.jobId === undefined || !services.queue.knows(options.jobId)) {
    const looking = requireInputs(services, request);
    if (looking !== undefined) await looking;
  }
  const result = await services.queue.submit(request, options, {
    ...sender,
    signal: incoming.signal,
    hasLeft: () => peer.isClosed,
    progress: (progress) => peer.notify('$/progress', { id: incoming.id, ...progress }),
  });
  pushResults(services, peer, incoming, resultBlobs(result));
  return result;
}

/** What is computed apart from how it is handled. The params have been checked against the schema of the method. */
function splitOptions(kind: JobKind, params: JobOptions): { options: JobOptions; request: JobRequest } {
  const { jobId, lane, priority, onDisconnect, ...work } = params;
  const options = {
    ...(jobId === undefined ? {} : { jobId }),
    ...(lane === undefined ? {} : { lane }),
    ...(priority === undefined ? {} : { priority }),
    ...(onDisconnect === undefined ? {} : { onDisconnect }),
  };
  return { options, request: { kind, params: work } as JobRequest };
}

/** Waits only where blobs of an earlier process must be looked at first: other requests keep the order they came in. */
function requireInputs({ blobs }: Services, request: JobRequest): Promise<void> | undefined {
  const digests = inputDigests(request);
  const missing = digests.find((digest) => !blobs.has(digest));
  if (missing !== undefined) throw blobMissing(missing);
  const doubtful = digests.filter((digest) => !blobs.isVerified(digest));
  return doubtful.length === 0 ? undefined : verifyAll(blobs, doubtful);
}

async function verifyAll(blobs: Services['blobs'], digests: readonly string[]): Promise<void> {
  for (const digest of digests) if (!(await blobs.verify(digest))) throw blobMissing(digest);
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
    if (peer.isClosed || !services.blobs.has(digest)) continue; // An old job's blobs may have given way.
    const payload = readBlobFile(services.blobs.directory, digest); // mostly written just now, so it comes from memory
    peer.sendFrame({ type: 'downloadChunk', header: { request, digest, offset: 0 }, payload });
  }
}
