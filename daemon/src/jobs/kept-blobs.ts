/**
 * Which blobs the records of jobs keep from giving way: results of the newest ended jobs, and inputs of those that wait. A
 * daemon that starts pins them, and so does who cleans the folder of a daemon that does not run.
 */
import { inputDigests, resultBlobs } from './job.js';
import type { SqliteJobStore } from './job-store.js';
import type { RecentResults } from './recent-results.js';

/** Keeps the results of the newest jobs that succeeded, at most so many. */
export function keepNewestResults(jobs: Pick<SqliteJobStore, 'list'>, recent: RecentResults, limit: number): void {
  const newest = jobs.list({ states: ['succeeded'], beforeRevision: Number.MAX_SAFE_INTEGER, limit });
  for (const { result } of newest.reverse()) {
    if (result !== undefined) recent.keep(resultBlobs(result));
  }
}

/** What jobs that wait will read. The queue of a running daemon pins it by itself. */
export function inputsOfUnfinished(jobs: Pick<SqliteJobStore, 'unfinished'>): string[] {
  return jobs.unfinished().flatMap(({ request }) => inputDigests(request));
}
