/**
 * What the request handlers work with: the daemon's parts, as the server needs them.
 */
import type { Result, ServerStatus } from '@deltaspace/shared-protocol';
import type { Access } from '../access/index.js';
import type { BlobStore } from '../jobs/blob-store.js';
import type { JobFeed } from '../jobs/job-feed.js';
import type { SqliteJobStore } from '../jobs/job-store.js';
import type { JobQueue } from '../jobs/queue.js';
import type { Log } from '../log/log.js';
import type { Operation } from './operation-routes.js';
import type { WorkerInventory } from '../worker/messages.js';

export interface Services {
  readonly log: Log;
  readonly access: Access;
  readonly blobs: BlobStore;
  readonly queue: JobQueue;
  /** For reading; only the queue changes records. */
  readonly jobs: Pick<SqliteJobStore, 'list' | 'changedSince' | 'revision' | 'forgottenRevision'>;
  readonly jobFeed: JobFeed;
  readonly operation: Operation;
  /** Packs known so far, without waiting. */
  knownInventory(): WorkerInventory | undefined;
  /** Packs, once the worker has loaded them. */
  inventory(): Promise<WorkerInventory>;
  status(): ServerStatus;
  /** Deletes what can be had again, unless `dryRun`. */
  collect(dryRun: boolean): Promise<Result<'storage.collect'>>;
  /** Begins to stop the daemon; returns at once. */
  shutDown(): void;
}
