/** What the metrics need to know of job records. */
import type { JobRecord } from '../jobs/job.js';
import type { EndedJob, MetricSources } from './metrics.js';

export function endedJob({ request, state, result }: JobRecord): EndedJob {
  return { kind: request.kind, outcome: state, timingsMs: result?.timingsMs ?? {} };
}

/** @param unfinished records of jobs that have not ended. */
export function queueFacts(unfinished: readonly JobRecord[]): ReturnType<MetricSources['queue']> {
  const waiting = unfinished.filter(({ state }) => state === 'queued');
  return { waitingSinceMs: waiting.map(({ queuedAtMs }) => queuedAtMs), running: unfinished.length - waiting.length };
}
