/**
 * `deltaspace gc`: frees the disk of the data folder. Everything that goes can be uploaded or computed again, so it deletes
 * unless `--dry-run` is given.
 *
 * A daemon that runs does it itself, as only it knows what is in use. Otherwise the folder is locked meanwhile, and its job
 * database is compacted too.
 */
import { existsSync, statSync } from 'node:fs';
import { protocolLimits, type Result } from '@deltaspace/shared-protocol';
import { describeDataDirectory, prepareDataDirectory, type DataDirectory } from '../../config/data-directory.js';
import { limitsFor } from '../../config/daemon-limits.js';
import { InstanceLock } from '../../config/instance-lock.js';
import { daemonSettings } from '../../config/settings.js';
import { isServing } from '../../daemon.js';
import { BlobStore } from '../../jobs/blob-store.js';
import { clearCachedResults } from '../../jobs/cached-results.js';
import { collectTrainings, runsOf } from '../../jobs/kept-trainings.js';
import { SqliteJobStore } from '../../jobs/job-store.js';
import { inputsOfUnfinished, keepNewestResults } from '../../jobs/kept-blobs.js';
import { RecentResults } from '../../jobs/recent-results.js';
import type { Console } from '../console.js';
import { connectTo, findDaemon } from '../daemon-connection.js';

type Collected = Result<'storage.collect'>;

const none = { count: 0, sizeBytes: 0 };

export interface CollectCommand {
  readonly dataRoot: string;
  readonly dryRun: boolean;
}

export async function runCollect({ dataRoot, dryRun }: CollectCommand, console: Console): Promise<void> {
  const running = await findDaemon(dataRoot);
  const { collected, databaseBytes } =
    running === undefined
      ? await collectAlone(dataRoot, dryRun)
      : { collected: await askDaemon(dataRoot, running.port, dryRun), databaseBytes: 0 };
  const { blobs, partials, cached, kept, trainings = none } = collected;
  const freedBytes = blobs.sizeBytes + partials.sizeBytes + cached.sizeBytes + trainings.sizeBytes + databaseBytes;
  console.result({ dryRun, data: dataRoot, freedBytes, blobs, partials, cached, trainings, kept, databaseBytes }, [
    `${dryRun ? 'would free' : 'freed'} ${megabytes(freedBytes)} in ${dataRoot}`,
    `  blobs: ${blobs.count}, ${megabytes(blobs.sizeBytes)}; interrupted uploads: ${partials.count}, ${megabytes(partials.sizeBytes)}`,
    `  inversions and texts of earlier edits: ${cached.count}, ${megabytes(cached.sizeBytes)}`,
    ...(trainings.count > 0 ? [`  trainings that ended: ${trainings.count}, ${megabytes(trainings.sizeBytes)}`] : []),
    ...(databaseBytes > 0 ? [`  job database: ${megabytes(databaseBytes)}`] : []),
    `  ${kept.count} blobs stay for jobs, ${megabytes(kept.sizeBytes)}`,
  ]);
}

async function askDaemon(dataRoot: string, port: number, dryRun: boolean): Promise<Collected> {
  const client = await connectTo(dataRoot, port);
  try {
    return await client.call('storage.collect', { dryRun });
  } finally {
    client.close();
  }
}

/** Does it in this process, which holds the folder meanwhile. A folder that is not there has nothing to free. */
async function collectAlone(
  dataRoot: string,
  dryRun: boolean,
): Promise<{ collected: Collected; databaseBytes: number }> {
  if (!existsSync(describeDataDirectory(dataRoot).blobs)) {
    return { collected: { blobs: none, partials: none, cached: none, kept: none }, databaseBytes: 0 };
  }
  const data = await prepareDataDirectory(dataRoot);
  const lock = await InstanceLock.acquire(data.lockFile, 'call', isServing);
  try {
    const blobs = await BlobStore.open(data.blobs, { ...protocolLimits, ...(await limitsFor({})) });
    let live = new Set<string>();
    const databaseBytes = withJobs(data, (jobs) => {
      live = runsOf(jobs.unfinished());
      blobs.pin(inputsOfUnfinished(jobs));
      const recent = new RecentResults(daemonSettings.recentResults, (digests) => blobs.pin(digests));
      keepNewestResults(jobs, recent, daemonSettings.recentResults.jobs);
      if (!dryRun) jobs.compact();
    });
    const cached = await clearCachedResults(data.cache, dryRun);
    const trainings = await collectTrainings({
      ...{ directory: data.training, live, dryRun },
      ...{ nowMs: Date.now(), keptMs: daemonSettings.trainingKeptMs },
    });
    return { collected: { ...(await blobs.collect(dryRun)), cached, trainings }, databaseBytes };
  } finally {
    await lock.release();
  }
}

/** Returns by how much the database shrank. */
function withJobs({ jobsFile }: DataDirectory, use: (jobs: SqliteJobStore) => void): number {
  if (!existsSync(jobsFile)) return 0;
  const before = statSync(jobsFile).size;
  const limits = { finishedKept: daemonSettings.finishedJobsKept, forgottenAtOnce: daemonSettings.jobsForgottenAtOnce };
  const jobs = SqliteJobStore.open(jobsFile, limits, Date.now());
  try {
    use(jobs);
  } finally {
    jobs.close();
  }
  return Math.max(0, before - statSync(jobsFile).size);
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`;
}
