/**
 * Packs and their networks. A pack is a folder of weights and configuration; clients only ever see its names.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { jobOptionErrors, jobOptions } from './job.js';
import { defineMethod, defineNotification, digestSchema, nameSchema, tensorNameSchema } from './schema.js';

export const packSummarySchema = z.object({
  id: nameSchema,
  version: z.string(),
  domain: z.string().describe('what the pack edits, as a noun: `face`'),
  resolution: z.int().min(1).describe('side of the square that the networks work at, in pixels'),
  networks: z.array(nameSchema).describe('names for `models.run`'),
  licence: z.string().exactOptional(),
  defaults: z
    .object({ strength: z.number().describe('ρ'), threshold: z.number().describe('τ') })
    .exactOptional()
    .describe('what `edit` takes when it is not told: where sliders start'),
  suggestions: z
    .array(z.string())
    .exactOptional()
    .describe('target texts that the pack is good at, to offer to people'),
});
export type PackSummary = z.output<typeof packSummarySchema>;

const tensorBlobs = z
  .record(tensorNameSchema, digestSchema)
  .refine(
    (tensors) => Object.keys(tensors).length <= protocolLimits.tensors,
    `at most ${protocolLimits.tensors} tensors`,
  )
  .describe('tensor name → blob with a .npy file');

export const modelMethods = {
  'models.list': defineMethod({
    summary: 'Lists the installed packs. Waits for the worker when it is still loading them.',
    params: z.strictObject({}),
    result: z.object({
      models: z.array(packSummarySchema),
      damaged: z
        .array(z.object({ folder: z.string(), reason: z.string() }))
        .describe('packs that failed their checks, by folder name'),
    }),
    errors: ['worker_unavailable'],
  }),
  'models.run': defineMethod({
    summary: 'Runs one network of a pack on given tensors: the way to check numerics from outside.',
    params: z.strictObject({ pack: nameSchema, network: nameSchema, inputs: tensorBlobs, ...jobOptions }),
    result: z.object({
      outputs: z.record(
        tensorNameSchema,
        z.object({
          digest: digestSchema.describe('a .npy file'),
          sizeBytes: z.int().min(1),
          dtype: z.string(),
          shape: z.array(z.int().min(0)),
        }),
      ),
      timingsMs: z.record(z.string(), z.number()),
    }),
    errors: [
      'pack_missing',
      'network_missing',
      'tensor_invalid',
      'blob_missing',
      'queue_full',
      'worker_crashed',
      ...jobOptionErrors,
    ],
  }),
} as const;

export const modelNotifications = {
  'models.changed': defineNotification({
    summary: 'A pack was installed while the daemon ran: `models.list` has it. Sent to every connection.',
    from: 'daemon',
    params: z.object({ models: z.array(packSummarySchema).describe('all that are installed now') }),
  }),
} as const;
