import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectTrainings } from './kept-trainings.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'deltaspace-trainings-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const day = 86_400_000;
const nowMs = Date.now();

/** A run with 100 bytes of pictures and 10 of weights, last touched some days ago. */
async function run(name: string, daysAgo: number): Promise<void> {
  const at = new Date(nowMs - daysAgo * day);
  for (const [file, sizeBytes] of [
    ['images/train/a.bin', 100],
    ['clip/weights', 10],
  ] as const) {
    // prettier-ignore
    const full = path.join(directory, name, file);
    await mkdir(path.dirname(full), { recursive: true });
    await writeFile(full, new Uint8Array(sizeBytes));
    await utimes(full, at, at);
  }
}

const has = (file: string): boolean => existsSync(path.join(directory, file));
const collect = (dryRun = false) =>
  collectTrainings({ directory, live: new Set(['live']), nowMs, keptMs: 30 * day, dryRun });

describe('collecting trainings', () => {
  it('deletes pictures of runs that ended, old runs as a whole, and nothing of live ones', async () => {
    await run('live', 90);
    await run('recent', 1);
    await run('old', 31);
    expect(await collect(true)).toEqual({ count: 2, sizeBytes: 210 });
    expect(has('old')).toBe(true);
    expect(await collect()).toEqual({ count: 2, sizeBytes: 210 });
    expect(['live/images/train/a.bin', 'recent/clip/weights'].map(has)).toEqual([true, true]);
    expect(['old', 'recent/images'].map(has)).toEqual([false, false]);
    expect(await collect()).toEqual({ count: 0, sizeBytes: 0 });
  });

  it('finds nothing where nothing was trained', async () => {
    await rm(directory, { recursive: true });
    expect(await collect()).toEqual({ count: 0, sizeBytes: 0 });
  });
});
