/**
 * The disk of the data folder: giving back what can be had again.
 */
import * as z from 'zod';
import { defineMethod } from './schema.js';

const files = z.object({ count: z.int().min(0), sizeBytes: z.int().min(0) });

export const storageMethods = {
  'storage.collect': defineMethod({
    summary:
      'Deletes every blob that no live job reads and that is no result of the newest jobs, and interrupted uploads that ' +
      'nobody goes on with, inversions and text features that were kept, and pictures (after a month all) of trainings that ended. Clients that need one hear `blob_missing` and upload it again.',
    params: z.strictObject({ dryRun: z.boolean().default(false).describe('only tell what would be deleted') }),
    result: z.object({
      blobs: files.describe('deleted'),
      partials: files.describe('interrupted uploads, deleted'),
      cached: files.describe('inversions and text features of earlier edits, deleted'),
      trainings: files.exactOptional().describe('trainings that ended, and what of them was deleted'),
      kept: files.describe('blobs that stay'),
    }),
    errors: ['storage_unavailable'],
  }),
} as const;
