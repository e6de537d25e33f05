/**
 * Checking installed packs against their own manifests, file by file: sizes, digests, and whether the tensors are those that
 * the networks ask for. Loading a pack checks the same and says only the first thing that is wrong.
 */
import * as z from 'zod';
import { backgroundJobOptions, jobOptionErrors } from './job.js';
import { defineMethod, nameSchema } from './schema.js';

const checkedFileSchema = z.object({
  path: z.string().describe('inside the pack'),
  sizeBytes: z.int().min(0).describe('as the manifest states it'),
  verdict: z
    .enum(['sound', 'missing', 'wrong_size', 'wrong_digest', 'wrong_content'])
    .describe('`wrong_content`: the bytes are those of the manifest, but not what the networks need'),
  reason: z.string().exactOptional().describe('what was found and what was expected, unless it is sound'),
});

export const checkedPackSchema = z.object({
  folder: z.string().describe('name of its folder'),
  pack: z.string().exactOptional().describe('its id, when the manifest can be read'),
  version: z.string().exactOptional(),
  sound: z.boolean(),
  reason: z.string().exactOptional().describe('why the manifest cannot be used; no file is looked at then'),
  files: z.array(checkedFileSchema),
});
export type CheckedPack = z.output<typeof checkedPackSchema>;
export type CheckedFile = z.output<typeof checkedFileSchema>;

export const verificationMethods = {
  'models.verify': defineMethod({
    summary:
      'Reads every file of one or all installed packs and compares it with the manifest. Damaged packs are an answer, ' +
      'not an error. The capability is `modelsVerify`.',
    params: z.strictObject({
      pack: nameSchema.exactOptional().describe('pack id, or the name of its folder; all packs when left out'),
      ...backgroundJobOptions,
    }),
    result: z.object({
      packs: z.array(checkedPackSchema),
      timingsMs: z.record(z.string(), z.number()),
    }),
    errors: ['pack_missing', 'queue_full', 'worker_crashed', ...jobOptionErrors],
  }),
} as const;

export type VerifyParams = z.output<(typeof verificationMethods)['models.verify']['params']>;
export type VerifyResult = z.output<(typeof verificationMethods)['models.verify']['result']>;
