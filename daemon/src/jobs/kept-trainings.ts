/**
 * Folders of trainings that ended: what may go. A run that a live job works in is left alone.
 *
 * Pictures are most of a run and are drawn again, bit by bit the same, when it is gone on with. Networks and checkpoints are
 * hours of work, so they stay until nobody has touched the run for a long time.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isNoFile } from './blob-files.js';
import type { JobRecord } from './job.js';

export interface CollectTrainings {
  readonly directory: string;
  /** Runs that live jobs work in: `runsOf` them. */
  readonly live: ReadonlySet<string>;
  readonly nowMs: number;
  /** A run that was not touched for this long goes as a whole. */
  readonly keptMs: number;
  readonly dryRun: boolean;
}

/** Runs that jobs work in. */
export function runsOf(jobs: readonly JobRecord[]): Set<string> {
  return new Set(
    jobs.flatMap(({ id, request }) =>
      request.kind === 'train' ? [id] : request.kind === 'resume' ? [request.params.run] : [],
    ),
  );
}

/** Deletes what may go, unless `dryRun`; tells how many runs gave something and how many bytes. */
export async function collectTrainings(options: CollectTrainings): Promise<{ count: number; sizeBytes: number }> {
  const { directory, live, nowMs, keptMs, dryRun } = options;
  const freed = { count: 0, sizeBytes: 0 };
  for (const run of await namesIn(directory)) {
    if (live.has(run)) continue;
    const folder = path.join(directory, run);
    const { touchedMs } = await measure(folder);
    const goes = nowMs - touchedMs > keptMs ? folder : path.join(folder, 'images');
    const { sizeBytes } = await measure(goes);
    if (sizeBytes === 0) continue;
    freed.count += 1;
    freed.sizeBytes += sizeBytes;
    if (!dryRun) await rm(goes, { recursive: true, force: true });
  }
  return freed;
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown): string[] => {
    if (isNoFile(error)) return [];
    throw error;
  });
}

/** Bytes of all files below a folder, and when the newest of them was written. */
async function measure(folder: string): Promise<{ sizeBytes: number; touchedMs: number }> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown): string[] => {
    if (isNoFile(error)) return [];
    throw error;
  });
  let [sizeBytes, touchedMs] = [0, 0];
  for (const name of names) {
    const facts = await stat(path.join(folder, name)).catch(() => undefined);
    if (facts === undefined || !facts.isFile()) continue;
    sizeBytes += facts.size;
    touchedMs = Math.max(touchedMs, facts.mtimeMs);
  }
  return { sizeBytes, touchedMs };
}
