/**
 * kill -9, again and again, at seeded points: of the store while it commits, of the daemon, of its worker.
 *
 * DELTASPACE_KILLS says how often (`npm run test:soak` sets thousands), DELTASPACE_SEED with which chance.
 */
import { fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteJobStore } from '@deltaspace/daemon/testing';
import { Chance } from '../fakes/chance.js';
import { compiled, temporaryFolder } from '../fakes/daemon-process.js';
import { writerLimits, type Committed } from '../fakes/job-writer.js';
import { integrityProblems, Ordeal } from './ordeal.js';

const kills = Number(process.env['DELTASPACE_KILLS'] ?? 200);
const seed = Number(process.env['DELTASPACE_SEED'] ?? 1);
/** Generous: a kill with all that follows takes half a second of a free machine, and several of a busy one. */
const timeoutMs = 60_000 + kills * 5_000;

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a store that is killed while it commits', () => {
  /** Lets a process write for a random time and kills it. Returns what it said it had committed. */
  async function writeAndKill(file: string, prefix: string, chance: Chance): Promise<Committed[]> {
    const committed: Committed[] = [];
    const writer = fork(compiled('fakes/job-writer.js'), [file, prefix], { execArgv: [] });
    const gone = new Promise((resolve) => writer.once('exit', resolve));
    const begun = new Promise((resolve) => writer.once('message', resolve));
    writer.on('message', (message) => committed.push(message as Committed));
    await Promise.race([begun, gone]);
    await delay(chance.below(60));
    writer.kill('SIGKILL');
    await gone;
    return committed;
  }

  it(
    'has everything that it said it had, and is whole',
    async () => {
      const file = path.join(folder, 'jobs.db');
      const chance = new Chance(seed);
      let revision = 0;
      for (let kill = 0; kill < Math.ceil(kills / 8); kill++) {
        const committed = await writeAndKill(file, `writer-${kill}`, chance);
        expect(committed.length).toBeGreaterThan(0);
        const store = SqliteJobStore.open(file, writerLimits, Date.now());
        expect(store.setAside).toBeUndefined();
        const newest = new Map(committed.map((one) => [one.id, one]));
        for (const { id, revision: told } of newest.values()) {
          const record = store.get(id);
          // It may have come further than it said, and ended jobs are forgotten up to a revision.
          if (record === undefined) expect(told).toBeLessThanOrEqual(store.forgottenRevision);
          else expect(record.revision).toBeGreaterThanOrEqual(told);
        }
        const last = committed.at(-1)?.revision ?? 0;
        expect(committed[0]?.revision).toBeGreaterThan(revision);
        expect(store.revision).toBeGreaterThanOrEqual(last);
        revision = last;
        for (const job of store.unfinished()) store.update(job, { state: 'cancelled' });
        store.close();
        expect(integrityProblems(file)).toEqual([]);
      }
    },
    timeoutMs,
  );
});

describe('a daemon and a worker that are killed at random', () => {
  it(
    'lose no accepted job, change no result, compute none again, and leave every file whole',
    async () => {
      const ordeal = new Ordeal(folder, seed);
      try {
        const { violations, jobs, daemonKills, workerKills } = await ordeal.run(kills);
        expect(violations, `seed ${seed}`).toEqual([]);
        expect(daemonKills + workerKills).toBeGreaterThanOrEqual(kills);
        expect(Math.min(daemonKills, workerKills)).toBeGreaterThan(kills / 20);
        const succeeded = jobs.filter(({ outcome }) => outcome === 'succeeded');
        expect(succeeded.length).toBeGreaterThan(jobs.length / 2);
        expect(succeeded.some(({ runsAtSuccess = 0 }) => runsAtSuccess > 1)).toBe(true);
        console.log(
          `${jobs.length} jobs, ${succeeded.length} succeeded; daemon killed ${daemonKills}, worker ${workerKills} times`,
        );
      } finally {
        await ordeal.dispose();
      }
    },
    timeoutMs,
  );
});
