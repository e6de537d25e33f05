/**
 * Blobs: bytes by content address. A layer is uploaded once, however often it is edited.
 *
 * Upload: `blob.have` → `blob.begin` → upload chunks, at most `unconfirmedChunks` ahead of the last `blob.received` →
 * `blob.commit`. With an `uploadId` of the client's own (capability `uploadIds`) chunks and commit need not wait for the answer
 * to `blob.begin`: one trip for a small layer. An interrupted upload of a larger one is taken up by sending
 * `blob.begin` again (capability `uploadResume`), on any connection; when the commit then fails with `digest_mismatch`, what was
 * kept is gone and the upload starts over. Download: `blob.get` of one range at a time; its chunk comes before its answer. The client sets the
 * pace in both directions, so neither side ever buffers more than a few chunks. Results of a job that are small together
 * (`pushedResultBytes`) come as download chunks under the id of the job's request, before its answer: a client may take
 * them or drop them and fetch them later.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { defineMethod, defineNotification, digestSchema, identifierSchema } from './schema.js';

const sizeBytes = z.int().min(0).describe('bytes');

export const blobMethods = {
  'blob.have': defineMethod({
    summary: 'Asks which of some blobs the daemon lacks. Those that it has count as used now, so that they stay.',
    params: z.strictObject({ digests: z.array(digestSchema).min(1).max(protocolLimits.digestsPerQuery) }),
    result: z.object({ missing: z.array(digestSchema) }),
    errors: ['storage_unavailable'],
  }),
  'blob.begin': defineMethod({
    summary:
      'Opens an upload, or answers `known` when the blob is there already. Uploads end with their connection. What was ' +
      'written of one above `eagerUploadBytes` is kept for a while: the next upload of the same digest begins behind it.',
    params: z.strictObject({
      digest: digestSchema,
      sizeBytes,
      uploadId: identifierSchema
        .exactOptional()
        .describe('an id of the client’s choice, not in use on this connection: the upload may go on at once'),
    }),
    result: z.discriminatedUnion('state', [
      z.object({ state: z.literal('known') }),
      z.object({
        state: z.literal('receiving'),
        uploadId: identifierSchema,
        offset: z
          .int()
          .min(0)
          .describe('where to start: bytes before it are held already, and are passed over when they are sent again'),
      }),
    ]),
    errors: ['blob_empty', 'blob_too_large', 'storage_full', 'storage_unavailable', 'too_many_requests'],
  }),
  'blob.commit': defineMethod({
    summary: 'Closes an upload. The blob exists from this answer on: complete, on disk, with the right digest.',
    params: z.strictObject({ uploadId: identifierSchema }),
    result: z.object({ digest: digestSchema, sizeBytes }),
    errors: ['upload_unknown', 'upload_incomplete', 'digest_mismatch', 'storage_full', 'storage_unavailable'],
  }),
  'blob.get': defineMethod({
    summary: 'Fetches one range of a blob. The bytes come as one download chunk before the answer.',
    params: z.strictObject({
      digest: digestSchema,
      offset: z.int().min(0).default(0),
      length: z.int().min(1).max(protocolLimits.chunkBytes).default(protocolLimits.chunkBytes),
    }),
    result: z.object({
      sizeBytes: sizeBytes.describe('size of the whole blob, in bytes'),
      offset: z.int().min(0),
      length: z.int().min(1).describe('bytes in the chunk; fewer than asked for at the end of the blob'),
    }),
    errors: ['blob_missing', 'range_invalid', 'storage_unavailable'],
  }),
} as const;

export const blobNotifications = {
  'blob.received': defineNotification({
    summary: 'Confirms upload chunks: every byte before `offset` has been written.',
    from: 'daemon',
    params: z.object({ uploadId: identifierSchema, offset: z.int().min(0) }),
  }),
} as const;
