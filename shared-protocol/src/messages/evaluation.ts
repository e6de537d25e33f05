/**
 * Measuring: a pack against held-out avatars, and how well images and texts line up in CLIP space and in DeltaSpace.
 *
 * The same figures as the commands `deltaspace evaluate` and `deltaspace analyze` give. Both run in the background.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { editMethodSchema } from './edit.js';
import { backgroundJobOptions, jobOptionErrors } from './job.js';
import { defineMethod, digestSchema, nameSchema } from './schema.js';

const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
  .exactOptional();
const split = z.enum(['validation', 'test']).exactOptional().describe('which held-out avatars; `test` when left out');
const blob = z.object({ digest: digestSchema, sizeBytes: z.int().min(1) });
const timingsMs = z.record(z.string(), z.number());
const errors = ['pack_missing', 'pack_damaged', 'queue_full', 'worker_crashed', ...jobOptionErrors] as const;

const features = digestSchema.exactOptional();

export const evaluationMethods = {
  evaluate: defineMethod({
    summary:
      'Measures a pack on held-out avatars: alignment of texts and pictures, reconstructions, edits by every method. ' +
      'Takes minutes. The capability is `evaluate`.',
    params: z.strictObject({
      pack: nameSchema.exactOptional().describe('`avatars` when left out'),
      methods: z
        .array(editMethodSchema)
        .min(1)
        .max(editMethodSchema.options.length)
        .exactOptional()
        .describe('which are compared; all when left out, `deltaedit` always'),
      avatars: z
        .int()
        .min(1)
        .max(protocolLimits.evaluationAvatars)
        .exactOptional()
        .describe('per text; 200 when left out'),
      split,
      seed: seed.describe('of the captions; 31 when left out'),
      sheet: z.boolean().default(false).describe('also draw a contact sheet of edits'),
      ...backgroundJobOptions,
    }),
    result: z.object({
      pack: nameSchema,
      figures: z.record(z.string(), z.unknown()).describe('what `deltaspace evaluate --json` prints'),
      files: z.object({
        report: blob.describe('an HTML page with figures and pictures'),
        sheet: blob.exactOptional().describe('a PNG'),
      }),
      timingsMs,
    }),
    errors,
  }),
  analyze: defineMethod({
    summary:
      'Compares CLIP space and DeltaSpace on feature files (row k of one belongs to row k of the other) or on a pack. ' +
      'The capability is `analyze`.',
    params: z
      .strictObject({
        imageFeatures: features.describe('.npy `[N, D]`, a row for each image'),
        textFeatures: features.describe('.npy `[N, D]`, their texts in the same order'),
        deltaImageFeatures: features.describe('.npy `[M, E]`, differences; made from the pairs when left out'),
        deltaTextFeatures: features.describe('.npy `[M, E]`'),
        pack: nameSchema.exactOptional().describe('pack to analyse instead of files'),
        split,
        avatars: z
          .int()
          .min(256)
          .max(protocolLimits.analysisAvatars)
          .exactOptional()
          .describe('held-out avatars; 1536 when left out'),
        seed: seed.describe('of the random pairs, and of captions; 31 when left out'),
        projection: z.enum(['pca', 'tsne']).exactOptional().describe('also draw both spaces, projected like that'),
        ...backgroundJobOptions,
      })
      .refine(
        ({ pack, imageFeatures, textFeatures }) =>
          pack !== undefined || (imageFeatures !== undefined && textFeatures !== undefined),
        { message: 'expected imageFeatures and textFeatures, or pack', path: ['imageFeatures'] },
      )
      .refine(
        ({ pack, ...files }) =>
          pack === undefined ||
          [files.imageFeatures, files.textFeatures, files.deltaImageFeatures, files.deltaTextFeatures].every(
            (file) => file === undefined,
          ),
        { message: 'expected a pack or feature files, got both; make two requests of it', path: ['pack'] },
      )
      .refine(
        ({ deltaImageFeatures, deltaTextFeatures }) =>
          (deltaImageFeatures === undefined) === (deltaTextFeatures === undefined),
        {
          message: 'expected both deltaImageFeatures and deltaTextFeatures, or none',
          path: ['deltaImageFeatures'],
        },
      )
      .refine(
        ({ pack, split: asked, avatars }) => pack !== undefined || (asked === undefined && avatars === undefined),
        { message: 'split and avatars need a pack', path: ['split'] },
      ),
    result: z.object({
      figures: z.record(z.string(), z.unknown()).describe('what `deltaspace analyze --json` prints'),
      files: z.object({ picture: blob.exactOptional().describe('a PNG') }),
      timingsMs,
    }),
    errors: [...errors, 'tensor_invalid', 'blob_missing'],
  }),
} as const;

export type EvaluateParams = z.output<(typeof evaluationMethods)['evaluate']['params']>;
export type EvaluateResult = z.output<(typeof evaluationMethods)['evaluate']['result']>;
export type AnalyzeParams = z.output<(typeof evaluationMethods)['analyze']['params']>;
export type AnalyzeResult = z.output<(typeof evaluationMethods)['analyze']['result']>;
