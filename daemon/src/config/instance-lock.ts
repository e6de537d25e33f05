/**
 * One daemon per data folder: a lock file that says who serves it and where.
 *
 * The file is created whole with a hard link, so a reader never sees half of it. A lock whose process is gone is stale
 * and is taken over. Whether the process at that pid is really ours is settled by probing its port (server/probe.ts):
 * pids get reused.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { daemonSettings } from './settings.js';

export interface InstanceRecord {
  readonly pid: number;
  /** 0 while the daemon has not opened its port yet. */
  readonly port: number;
  /** Random per start; the hello answer repeats it, which ties the port to this record. */
  readonly instance: string;
  readonly lifetime: 'service' | 'call';
  readonly startedAt: string;
}

/** Raised when another live daemon serves the folder. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  constructor(readonly record: InstanceRecord) {
    super(`another daemon (process ${record.pid}, port ${record.port || 'not open yet'}) serves this data folder`);
  }
}

/** The record in the lock file, or undefined when there is none or it is unreadable. */
export async function readLock(lockFile: string): Promise<InstanceRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(lockFile, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    // Missing or torn by a full disk: both mean that nobody can be found through it.
    return undefined;
  }
}

/** Whether a process of that id exists, ours or not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the daemon behind a record may still be opening its port. */
export function isStarting(record: InstanceRecord, nowMs = Date.now()): boolean {
  return record.port === 0 && nowMs - Date.parse(record.startedAt) < daemonSettings.startingMs;
}

export class InstanceLock {
  readonly #file: string;
  #record: InstanceRecord;

  private constructor(file: string, record: InstanceRecord) {
    this.#file = file;
    this.#record = record;
  }

  get record(): InstanceRecord {
    return this.#record;
  }

  /**
   * Takes the lock for this process.
   * @param isServing asks whether a live-looking record really has a daemon behind it.
   * @throws FolderInUseError when one has.
   */
  static async acquire(
    file: string,
    lifetime: InstanceRecord['lifetime'],
    isServing: (record: InstanceRecord) => Promise<boolean>,
  ): Promise<InstanceLock> {
    const record: InstanceRecord = {
      pid: process.pid,
      port: 0,
      instance: randomBytes(12).toString('hex'),
      lifetime,
      startedAt: new Date().toISOString(),
    };
    for (let attempt = 0; attempt < 5; attempt++) {
      if (await createWhole(file, record)) return new InstanceLock(file, record);
      const holder = await readLock(file);
      if (holder !== undefined && isProcessAlive(holder.pid) && (await isServing(holder))) {
        throw new FolderInUseError(holder);
      }
      await removeStale(file, holder);
    }
    throw new Error(`could not take the lock ${file}: other processes keep taking it`);
  }

  /** Publishes the port, after which clients can find the daemon. */
  async publishPort(port: number): Promise<void> {
    this.#record = { ...this.#record, port };
    const temporary = `${this.#file}.${this.#record.instance}`;
    await writeFile(temporary, JSON.stringify(this.#record), { mode: 0o600 });
    await rename(temporary, this.#file);
  }

  /** Gives the lock back, unless someone else holds it by now. */
  async release(): Promise<void> {
    const holder = await readLock(this.#file);
    if (holder?.instance === this.#record.instance) await rm(this.#file, { force: true });
  }
}

async function createWhole(file: string, record: InstanceRecord): Promise<boolean> {
  const temporary = `${file}.${record.instance}`;
  await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

/** Moves the lock aside first: if a new owner appeared in between, it is put back instead of deleted. */
async function removeStale(file: string, stale: InstanceRecord | undefined): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readLock(aside);
  if (moved !== undefined && moved.instance !== stale?.instance) await link(aside, file).catch(() => undefined);
  await unlink(aside);
}

function isRecord(value: unknown): value is InstanceRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, port, instance, lifetime } = value as Record<string, unknown>;
  const numbersFit = Number.isInteger(pid) && Number.isInteger(port);
  return numbersFit && typeof instance === 'string' && (lifetime === 'service' || lifetime === 'call');
}
