import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase, damagedDatabases, openDatabase } from './database.js';
import type { JobRecord, NewJob } from './job.js';
import { SqliteJobStore } from './job-store.js';
import { editRequest, resultNamed } from './queue-under-test.js';

let folder: string;
let file: string;
const opened: SqliteJobStore[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-jobs-'));
  file = path.join(folder, 'jobs.db');
});
afterEach(async () => {
  for (const store of opened.splice(0)) store.close();
  await rm(folder, { recursive: true, force: true });
});

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);

function open(finishedKept = 100, forgottenAtOnce = 10): SqliteJobStore {
  const store = SqliteJobStore.open(file, { finishedKept, forgottenAtOnce }, nowMs);
  opened.push(store);
  return store;
}

function close(store: SqliteJobStore): void {
  opened.splice(opened.indexOf(store), 1);
  store.close();
}

const newJob = (id: string, owner = 'user'): NewJob => ({
  id,
  owner,
  request: editRequest(id),
  fingerprint: 'f',
  priority: 'bulk',
  onDisconnect: 'keep',
  lane: 'slider',
  queuedAtMs: 1,
});

function succeed(store: SqliteJobStore, id: string): JobRecord {
  const running = store.update(store.add(newJob(id)), { state: 'running', attempts: 1, startedAtMs: 2 });
  return store.update(running, { state: 'succeeded', finishedAtMs: 3, result: resultNamed('p') });
}

describe('the job store', () => {
  it('has after a restart what it had before, to the last member', () => {
    const store = open();
    const done = succeed(store, 'done');
    const queued = store.add(newJob('queued'));
    const death = { reason: 'gone', stage: 'work', signal: 'SIGKILL' };
    const failed = store.update(store.add(newJob('failed')), {
      state: 'failed',
      crashes: 2,
      lastCrash: death,
      error: {
        code: -32803,
        message: 'gone',
        data: { code: 'worker_crashed', retryable: true, details: { ...death } },
      },
    });
    close(store);
    const again = open();
    expect([again.get('done'), again.get('queued'), again.get('failed')]).toEqual([done, queued, failed]);
    expect(again.unfinished()).toEqual([queued]);
    expect(again.revision).toBe(failed.revision);
    expect(again.countByState()).toEqual({
      queued: 1,
      running: 0,
      succeeded: 1,
      failed: 1,
      cancelled: 0,
      superseded: 0,
    });
  });

  it('gives every change of any job a higher revision', () => {
    const store = open();
    const [a, b] = [store.add(newJob('a')), store.add(newJob('b'))];
    const later = store.update(a, { state: 'running' });
    expect([a.revision, b.revision, later.revision, later.sequence]).toEqual([1, 2, 3, 1]);
    expect(store.changedSince(1).map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('refuses a change of a record that is not the newest', () => {
    const store = open();
    const queued = store.add(newJob('a'));
    store.update(queued, { state: 'running' });
    expect(() => store.update(queued, { state: 'cancelled' })).toThrow('no revision 1');
    expect(store.get('a')?.state).toBe('running');
    expect(store.revision).toBe(2);
  });

  it('forgets the oldest ended jobs, several at once, but neither living ones nor how many there were', () => {
    const store = open(3, 2);
    store.add(newJob('living'));
    const ended = Array.from({ length: 5 }, (_, index) => succeed(store, `ended-${index}`));
    expect(ended.map(({ id }) => store.get(id) !== undefined)).toEqual([false, false, true, true, true]);
    expect(store.get('living')).toBeDefined();
    expect(store.forgottenRevision).toBe(ended[1]?.revision);
    expect(store.countByState()).toMatchObject({ queued: 1, succeeded: 5 });
    close(store);
    expect(open(3, 2).forgottenRevision).toBe(ended[1]?.revision);
  });

  it('lists by state, the newest first, in pages', () => {
    const store = open();
    succeed(store, 'a');
    store.add(newJob('b'));
    const last = succeed(store, 'c');
    const list = (beforeRevision: number, limit = 10) =>
      store.list({ states: ['succeeded'], beforeRevision, limit }).map(({ id }) => id);
    expect(list(Number.MAX_SAFE_INTEGER)).toEqual(['c', 'a']);
    expect(list(Number.MAX_SAFE_INTEGER, 1)).toEqual(['c']);
    expect(list(last.revision)).toEqual(['a']);
  });

  it('lists the jobs of one owner alone when asked', () => {
    const store = open();
    for (const [id, owner] of [
      ['a', 'plugin'],
      ['b', 'user'],
      ['c', 'plugin'],
    ] as const)
      store.add(newJob(id, owner));
    const all = { states: ['queued'], beforeRevision: Number.MAX_SAFE_INTEGER, limit: 10 } as const;
    expect(store.list({ ...all, owner: 'plugin' }).map(({ id }) => id)).toEqual(['c', 'a']);
    expect(store.list(all).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(store.get('a')?.owner).toBe('plugin');
  });

  it('is readable by its user only, like the texts in it', async () => {
    const store = open();
    store.add(newJob('a'));
    for (const name of await readdir(folder)) expect((await stat(path.join(folder, name))).mode & 0o077).toBe(0);
  });
});

describe('a job database that is damaged', () => {
  /** Fills a database with some pages, and overwrites a part of the file. */
  async function damage(position: number): Promise<Buffer> {
    const store = open();
    for (let index = 0; index < 200; index++) succeed(store, `job-${index}`);
    close(store);
    const bytes = await readFile(file);
    bytes.fill(0xa5, position, position + 3000);
    await writeFile(file, bytes);
    return bytes;
  }

  it.each([
    ['in its first page', 0],
    ['in the middle', 20_000],
  ])('%s is set aside whole, and a new one is begun', async (_where, position) => {
    const bytes = await damage(position);
    const store = open();
    expect(store.setAside).toMatchObject({ name: 'jobs.db.damaged-2026-01-02T03-04-05-000Z' });
    expect(damagedDatabases(file)).toEqual([store.setAside?.name]);
    expect(Buffer.compare(await readFile(path.join(folder, store.setAside?.name ?? '')), bytes)).toBe(0);
    expect(store.unfinished()).toEqual([]);
    succeed(store, 'new');
    close(store);
    expect(open().get('new')).toMatchObject({ state: 'succeeded' });
  });

  it('leaves revisions behind that count as forgotten, so that nobody takes the new ones for old', async () => {
    await damage(0);
    const store = open();
    expect(store.forgottenRevision).toBe(nowMs);
    expect(store.add(newJob('a')).revision).toBeGreaterThan(nowMs);
  });

  it('is not what a newer version wrote: that one is refused and left alone', () => {
    const { database } = openDatabase(file, nowMs);
    database.exec('PRAGMA user_version = 99');
    closeDatabase(database);
    expect(() => open()).toThrow('has version 99');
    expect(damagedDatabases(file)).toEqual([]);
  });

  it('is not one that another process holds', () => {
    open().add(newJob('a'));
    expect(() => open()).toThrow('locked');
    expect(damagedDatabases(file)).toEqual([]);
  });
});
