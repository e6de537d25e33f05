/**
 * The daemon itself: how it is, and stopping it.
 */
import * as z from 'zod';
import { defineMethod } from './schema.js';

export const serverStatusSchema = z.object({
  version: z.string(),
  pid: z.int(),
  port: z.int(),
  lifetime: z
    .enum(['service', 'call'])
    .describe('`service` runs until stopped; `call` ends with the command that started it'),
  uptimeMs: z.number(),
  connections: z.int().min(0),
  worker: z.object({
    state: z.enum(['starting', 'ready', 'restarting', 'stopped']),
    pid: z.int().nullable(),
    restarts: z.int().min(0).describe('how often the worker died since the daemon started'),
    lastExit: z.string().nullable().describe('why it died last'),
    models: z
      .object({
        loaded: z.array(z.object({ id: z.string(), sizeBytes: z.int().min(0) })),
        loadedBytes: z.int().min(0),
        limitBytes: z.int().min(0),
      })
      .exactOptional()
      .describe('packs whose networks are in memory, in every thread that has them, and how much may be'),
  }),
  background: z
    .object({
      state: z.enum(['idle', 'starting', 'ready', 'restarting']).describe('`idle`: there is none, for want of jobs'),
      pid: z.int().nullable(),
      restarts: z.int().min(0),
      lastExit: z.string().nullable().describe('why it ended last'),
    })
    .exactOptional()
    .describe('the worker that evaluates and trains'),
  jobs: z.object({
    queued: z.int().min(0),
    running: z.int().min(0),
    succeeded: z.int().min(0),
    failed: z.int().min(0),
    cancelled: z.int().min(0),
    superseded: z.int().min(0),
    damagedStores: z
      .array(z.string())
      .describe('names of job databases that were damaged and set aside in the data folder, with what they held'),
  }),
  blobs: z.object({
    count: z.int().min(0),
    sizeBytes: z.int().min(0),
    limitBytes: z.int().min(0),
    partialBytes: z.int().min(0).exactOptional().describe('of interrupted uploads, which count towards the limit'),
  }),
});
export type ServerStatus = z.output<typeof serverStatusSchema>;

export const serverMethods = {
  'server.status': defineMethod({
    summary:
      'How the daemon is: worker, jobs, blobs. Answered without the worker, so it works while that one computes.',
    params: z.strictObject({}),
    result: serverStatusSchema,
    errors: [],
  }),
  'server.shutdown': defineMethod({
    summary:
      'Stops the daemon. All connections close with `goingAway` after the answer. Jobs are cancelled, but those with ' +
      '`onDisconnect: "keep"` go on when a daemon serves the folder again.',
    params: z.strictObject({}),
    result: z.object({}),
    errors: [],
  }),
} as const;
