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
const readOnly = 8;
const inputOutput = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;

/** One entry per version of the schema, each bringing the one before to it. */
const migrations = [
  `CREATE TABLE jobs (
     id TEXT PRIMARY KEY,
     owner TEXT NOT NULL,
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

/**
 * Closes the file and lets its lock go. The library keeps a closed database open until the last statement of it was garbage
 * collected (1.2.1), so the lock is given back by hand.
 */
export function closeDatabase(database: Database): void {
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema;');
  } catch {
    // The disk does not take it: everything committed is in the log, and the lock ends with the process.
  }
  database.close();
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

/** Whether the file cannot be used now: read-only, no permission, too many open files, or a failing disk. */
export function isUnavailable(error: unknown): boolean {
  return [readOnly, inputOutput, cannotOpen].includes(primaryCode(error) ?? 0);
}

/**
 * Fails with an overflow when the file is not whole. A statement that returned the verdict would keep the file open, and
 * an open file cannot be renamed on Windows.
 */
const failUnlessWhole = `
  SELECT iif((SELECT integrity_check FROM pragma_integrity_check LIMIT 1) = 'ok', 0, abs(-9223372036854775808))`;

class DamagedError extends Error {
  override readonly name = 'DamagedError';
}

function openChecked(file: string): Database {
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600)); // SQLite's own files take over this mode.
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec(failUnlessWhole);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    if (!isDamage(error)) throw error;
    throw new DamagedError('the job database failed its check of integrity', { cause: error });
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

function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === corrupt || code === notADatabase || (error as Error).message.includes('integer overflow');
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
