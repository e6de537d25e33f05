/**
 * Job records in SQLite: each change is one commit under the next revision.
 *
 * A record is committed before it is run and before anyone is told of it. Progress is not stored: it is worthless after a
 * restart. Records of ended jobs are forgotten beyond a number, oldest first; `forgottenRevision` says up to where.
 */
import { ProtocolError, type JobState } from '@deltaspace/shared-protocol';
import {
  closeDatabase,
  isDiskFull,
  isUnavailable,
  openDatabase,
  type Database,
  type OpenedDatabase,
  type Statement,
} from './database.js';
import { isFinal, type JobChange, type JobRecord, type JobRequest, type JobResult, type NewJob } from './job.js';

/** What the queue needs of a store. */
export interface JobStore {
  /** Commits a new job as `queued`. @throws ProtocolError `storage_full`, `storage_unavailable`. */
  add(job: NewJob): JobRecord;
  /** Commits a change of the record and returns the new one. @throws Error when the record is not the newest. */
  update(record: JobRecord, change: JobChange): JobRecord;
  get(id: string): JobRecord | undefined;
  /** Jobs that have not ended, in the order they were accepted. */
  unfinished(): JobRecord[];
}

export interface JobSelection {
  readonly states: readonly JobState[];
  /** Whose jobs; everyone's when left out. */
  readonly owner?: string;
  readonly beforeRevision: number;
  readonly limit: number;
}

export interface JobStoreLimits {
  /** Records of ended jobs to remember. */
  readonly finishedKept: number;
  /** Records above that number that are forgotten together: one commit for many. */
  readonly forgottenAtOnce: number;
}

type Facts = Pick<
  JobRecord,
  'attempts' | 'crashes' | 'lastCrash' | 'queuedAtMs' | 'startedAtMs' | 'finishedAtMs' | 'error'
>;

interface Row {
  readonly id: string;
  readonly owner: string;
  readonly revision: number;
  readonly sequence: number;
  readonly state: JobState;
  readonly kind: string;
  readonly fingerprint: string;
  readonly params: string;
  readonly options: string;
  readonly facts: string;
  readonly result: string | null;
}

const live = `state IN ('queued', 'running')`;

export class SqliteJobStore implements JobStore {
  readonly #database: Database;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #limits: JobStoreLimits;
  readonly #counts: Record<JobState, number>;
  #finishedHeld: number;
  #revision: number;
  #forgottenRevision: number;
  /** The damaged file that this store took the place of when it was opened. */
  readonly setAside: OpenedDatabase['setAside'];

  private constructor({ database, setAside }: OpenedDatabase, limits: JobStoreLimits) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#limits = limits;
    this.setAside = setAside;
    this.#forgottenRevision = (this.#statements.forgotten.get() as { value: number }).value;
    const { newest } = this.#statements.newest.get() as { newest: number | null };
    this.#revision = Math.max(newest ?? 0, this.#forgottenRevision);
    this.#counts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, superseded: 0 };
    for (const row of this.#statements.counts.all() as { state: JobState; count: number }[]) {
      this.#counts[row.state] = row.count;
    }
    this.#finishedHeld = Object.entries(this.#counts).reduce(
      (sum, [state, count]) => sum + (isFinal(state as JobState) ? count : 0),
      0,
    );
  }

  /** @throws Error when the file cannot be used; a damaged one is set aside instead. */
  static open(file: string, limits: JobStoreLimits, nowMs: number): SqliteJobStore {
    return new SqliteJobStore(openDatabase(file, nowMs), limits);
  }

  /** The newest revision there is. */
  get revision(): number {
    return this.#revision;
  }

  /** Jobs that changed last at this revision or before may have been forgotten. */
  get forgottenRevision(): number {
    return this.#forgottenRevision;
  }

  /** Jobs by state: those remembered when the store was opened, and all since. */
  countByState(): Record<JobState, number> {
    return { ...this.#counts };
  }

  add(job: NewJob): JobRecord {
    const revision = this.#revision + 1;
    const record: JobRecord = { ...job, state: 'queued', revision, sequence: revision, attempts: 0, crashes: 0 };
    const { priority, onDisconnect, lane } = job;
    try {
      this.#statements.add.run(
        job.id,
        job.owner,
        revision,
        revision,
        'queued',
        job.request.kind,
        job.fingerprint,
        JSON.stringify(job.request.params),
        JSON.stringify({ priority, onDisconnect, lane }),
        JSON.stringify(factsOf(record)),
      );
    } catch (error) {
      if (isUnavailable(error)) {
        throw new ProtocolError('storage_unavailable', 'the job database cannot be written; see the data folder', {
          cause: error,
        });
      }
      if (!isDiskFull(error)) throw error;
      throw new ProtocolError('storage_full', 'the disk of the data folder has no room for another job', {
        cause: error,
      });
    }
    this.#revision = revision;
    this.#counts.queued++;
    return record;
  }

  update(record: JobRecord, change: JobChange): JobRecord {
    const next: JobRecord = { ...record, ...change, revision: this.#revision + 1 };
    const { changes } = this.#statements.update.run(
      next.state,
      next.revision,
      JSON.stringify(factsOf(next)),
      next.result === undefined ? null : JSON.stringify(next.result),
      next.id,
      record.revision,
    );
    if (changes !== 1) throw new Error(`job ${record.id} has no revision ${record.revision} that could be changed`);
    this.#revision = next.revision;
    this.#counts[record.state]--;
    this.#counts[next.state]++;
    if (isFinal(next.state) && !isFinal(record.state)) this.#remember();
    return next;
  }

  get(id: string): JobRecord | undefined {
    const row = this.#statements.get.get(id) as Row | undefined;
    return row === undefined ? undefined : recordOf(row);
  }

  unfinished(): JobRecord[] {
    return (this.#statements.unfinished.all() as Row[]).map(recordOf);
  }

  /** Jobs that changed after a revision, in the order of their changes. */
  changedSince(revision: number): JobRecord[] {
    return (this.#statements.changedSince.all(revision) as Row[]).map(recordOf);
  }

  /** Jobs of some states, the one that changed last first. */
  list({ states, owner, beforeRevision, limit }: JobSelection): JobRecord[] {
    const anyone = owner ?? null;
    const rows = this.#statements.list.all(JSON.stringify(states), anyone, anyone, beforeRevision, limit);
    return (rows as Row[]).map(recordOf);
  }

  /** Gives the room of forgotten records back to the disk. Blocks, for seconds when there are many. */
  compact(): void {
    this.#database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE);');
  }

  close(): void {
    closeDatabase(this.#database);
  }

  /** Counts one more ended job, and forgets the oldest ones when there are many too many. */
  #remember(): void {
    this.#finishedHeld++;
    const { finishedKept, forgottenAtOnce } = this.#limits;
    if (this.#finishedHeld < finishedKept + forgottenAtOnce) return;
    const { revision } = this.#statements.oldestToKeep.get(finishedKept) as { revision: number };
    try {
      this.#database.exec('BEGIN');
      this.#statements.forget.run(revision);
      this.#statements.setForgotten.run(revision);
      this.#database.exec('COMMIT');
    } catch {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      return; // The change that led here is committed; the next ended job tries again.
    }
    this.#forgottenRevision = revision;
    this.#finishedHeld = finishedKept;
  }
}

function prepareStatements(database: Database) {
  const prepare = (sql: string): Statement => database.prepare(sql);
  return {
    add: prepare('INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)'),
    update: prepare('UPDATE jobs SET state = ?, revision = ?, facts = ?, result = ? WHERE id = ? AND revision = ?'),
    get: prepare('SELECT * FROM jobs WHERE id = ?'),
    unfinished: prepare(`SELECT * FROM jobs WHERE ${live} ORDER BY sequence`),
    changedSince: prepare('SELECT * FROM jobs WHERE revision > ? ORDER BY revision'),
    list: prepare(
      `SELECT * FROM jobs WHERE state IN (SELECT value FROM json_each(?)) AND (? IS NULL OR owner = ?) AND revision < ?
       ORDER BY revision DESC LIMIT ?`,
    ),
    counts: prepare('SELECT state, COUNT(*) AS count FROM jobs GROUP BY state'),
    newest: prepare('SELECT MAX(revision) AS newest FROM jobs'),
    forgotten: prepare(`SELECT value FROM counters WHERE name = 'forgottenRevision'`),
    setForgotten: prepare(`UPDATE counters SET value = ? WHERE name = 'forgottenRevision'`),
    oldestToKeep: prepare(`SELECT revision FROM jobs WHERE NOT ${live} ORDER BY revision DESC LIMIT 1 OFFSET ?`),
    forget: prepare(`DELETE FROM jobs WHERE NOT ${live} AND revision <= ?`),
  };
}

function factsOf(record: JobRecord): Facts {
  const { attempts, crashes, lastCrash, queuedAtMs, startedAtMs, finishedAtMs, error } = record;
  return {
    attempts,
    crashes,
    queuedAtMs,
    ...(lastCrash === undefined ? {} : { lastCrash }),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Rows were written by this file alone, so their JSON is trusted; the file as a whole was checked when it was opened. */
function recordOf(row: Row): JobRecord {
  const { id, owner, revision, sequence, state, fingerprint } = row;
  return {
    id,
    owner,
    revision,
    sequence,
    state,
    fingerprint,
    request: { kind: row.kind, params: JSON.parse(row.params) as unknown } as JobRequest,
    ...(JSON.parse(row.options) as Pick<NewJob, 'priority' | 'onDisconnect' | 'lane'>),
    ...(JSON.parse(row.facts) as Facts),
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as JobResult }),
  };
}
