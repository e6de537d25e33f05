/**
 * The database file of the jobs: opened, checked, brought to the newest schema, and set aside when it is damaged.
 *
 * The only importer of the SQLite library. Write-ahead log with `synchronous=NORMAL`: a commit survives the death of the
 * process at any instant, and the last ones may be lost in a power cut (ADR 0010). The lock is exclusive: two daemons
 * cannot share the file even when one of them is frozen.
 */
import { closeSync, existsSync, openSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSyncInstance } from '@photostructure/sqlite';

export type Database = InstanceType<typeof DatabaseSync>;
export type Statement = StatementSyncInstance;

export interface OpenedDatabase {
  readonly database: Database;
  /** Name of the file that was damaged and is set aside, when that happened just now. */
  readonly setAside?: { readonly name: string; readonly reason: string };
}

/** Result codes of SQLite, https://www.sqlite.org/rescode.html; the lower byte is the primary code. */
const corrupt = 11;
const full = 13;
const notADatabase = 26;

/** One entry per version of the schema, each bringing the one before to it. */
const migrations = [
  `CREATE TABLE jobs (
     id TEXT PRIMARY KEY,
     revision INTEGER NOT NULL UNIQUE,
     sequence INTEGER NOT NULL,
     state TEXT NOT NULL,
     kind TEXT NOT NULL,
     fingerprint TEXT NOT NULL,
     params TEXT NOT NULL,
     options TEXT NOT NULL,
     facts TEXT NOT NULL,
     result TEXT
   ) STRICT;
   CREATE INDEX jobs_by_state ON jobs (state, revision);
   CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
   INSERT INTO counters VALUES ('forgottenRevision', 0);`,
] as const;

/**
 * Opens the file, or begins a new one. One that is damaged is renamed, never deleted, and a new one takes its place.
 * @throws Error when the file was written by a newer version, is in use, or cannot be read for another reason.
 */
export function openDatabase(file: string, nowMs: number): OpenedDatabase {
  try {
    return { database: openChecked(file) };
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    const name = setAside(file, nowMs);
    const database = openChecked(file);
    // Revisions go on above those of the lost file: what a client remembers of it counts as forgotten, not as current.
    database.prepare(`UPDATE counters SET value = ? WHERE name = 'forgottenRevision'`).run(nowMs);
    return { database, setAside: { name, reason: error.message } };
  }
}

/** Names of the databases that were set aside so far. */
export function damagedDatabases(file: string): string[] {
  const start = damagedPrefix(path.basename(file));
  return readdirSync(path.dirname(file)).filter((name) => name.startsWith(start) && !/-(wal|shm)$/.test(name));
}

/** Whether the disk has no room for a write. */
export function isDiskFull(error: unknown): boolean {
  return primaryCode(error) === full;
}

class DamagedError extends Error {
  override readonly name = 'DamagedError';
}

function openChecked(file: string): Database {
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600)); // SQLite's own files take over this mode.
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    const { integrity_check: verdict } = database.prepare('PRAGMA integrity_check').get() as {
      integrity_check: string;
    };
    if (verdict !== 'ok') throw new DamagedError(verdict);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    const code = primaryCode(error);
    if (code !== corrupt && code !== notADatabase) throw error;
    throw new DamagedError((error as Error).message, { cause: error });
  }
}

function migrate(database: Database): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new Error(
      `the job database has version ${version}, this daemon knows ${migrations.length}: update deltaspace, or move ` +
        'the file jobs.db out of the data folder',
    );
  }
  for (const [index, migration] of migrations.entries()) {
    if (index >= version) database.exec(`BEGIN; ${migration} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

/** Moves the file and its log out of the way. Returns the new name. */
function setAside(file: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-');
  const aside = path.join(path.dirname(file), `${damagedPrefix(path.basename(file))}${stamp}`);
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return path.basename(aside);
}

function damagedPrefix(name: string): string {
  return `${name}.damaged-`;
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
