/**
 * Lines about jobs in the log, each with the id of its job: accepted, begun, ended. Never texts or pixels.
 */
import { isFinal, type JobView } from './jobs/job.js';
import type { Log } from './log/log.js';

/** A listener for the feed of jobs. Progress is not logged. */
export function logJobs(log: Log): (view: JobView) => void {
  const states = new Map<string, string>();
  return ({ record }) => {
    const { id: job, state, request, attempts, queuedAtMs, startedAtMs, finishedAtMs, error } = record;
    if (states.get(job) === state) return;
    states.set(job, state);
    const { kind } = request;
    if (state === 'queued') log.info({ job, kind, attempts }, 'job waits');
    else if (state === 'running') log.info({ job, kind, attempts }, 'job begins');
    if (!isFinal(state)) return;
    states.delete(job);
    const waitedMs = (startedAtMs ?? finishedAtMs ?? queuedAtMs) - queuedAtMs;
    const durationMs = finishedAtMs === undefined || startedAtMs === undefined ? 0 : finishedAtMs - startedAtMs;
    const facts = { job, kind, outcome: state, waitedMs, durationMs };
    if (state === 'failed') log.warn({ ...facts, reason: error?.data?.code }, 'job ended');
    else log.info(facts, 'job ended');
  };
}
