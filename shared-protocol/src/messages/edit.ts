/**
 * Editing an image by text, and inverting it into the style space.
 *
 * Both run as jobs on the worker: `$/progress` with the request's id reports the stage, `$/cancelRequest` stops the job
 * before its next stage. The edit is DeltaEdit: Δt = target − source, mapped to a style direction, masked by the
 * relevance threshold, scaled by the strength, and composed back onto the untouched layer.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { imageEncodingSchema, imageInputSchema, imageResultSchema } from './image.js';
import { defineMethod, digestSchema, nameSchema, textSchema } from './schema.js';

/** `straightforward` feeds the text embedding itself instead of a difference: the paper's failing baseline. */
export const editMethodSchema = z.enum(['deltaedit', 'straightforward']);

const strength = z.number().min(-10).max(10);
const threshold = z.number().min(0).max(1);
const timingsMs = z.record(z.string(), z.number()).describe('milliseconds per stage');

const packChoice = nameSchema.exactOptional().describe('pack id; the only installed pack, or `avatars`, when left out');

export const editOutputSchema = z.object({
  target: z.string(),
  source: z.string(),
  image: imageResultSchema,
  heatmap: imageResultSchema.exactOptional(),
  strength: z.number().describe('ρ that was used'),
  threshold: z.number().describe('τ that was used'),
  channelsKept: z.int().min(0).describe('style channels that passed the threshold'),
  reach: z.number().describe('how far the style moved; near 0 means that the text changed next to nothing'),
  unknownWords: z.array(z.string()).describe('words of the texts that the pack does not know'),
});

const jobErrors = [
  'pack_missing',
  'pack_damaged',
  'blob_missing',
  'image_empty',
  'image_format_unknown',
  'image_damaged',
  'image_too_large',
  'image_invalid',
  'queue_full',
  'cancelled',
  'worker_crashed',
  'worker_unavailable',
] as const;

export const editMethods = {
  edit: defineMethod({
    summary:
      'Edits an image by one or more target texts, each against the same source text. Size and alpha of the image ' +
      'stay as they are.',
    params: z.strictObject({
      pack: packChoice,
      image: imageInputSchema,
      targets: z.array(textSchema).min(1).max(protocolLimits.targets).describe('one output per text'),
      source: textSchema
        .exactOptional()
        .describe('what the image shows now; the domain noun of the pack when left out'),
      strength: strength.exactOptional().describe('ρ, −10 to 10; the default of the pack when left out'),
      threshold: threshold
        .exactOptional()
        .describe('relevance threshold τ, 0 to 1; the default of the pack when left out'),
      method: editMethodSchema.exactOptional().describe('`deltaedit` when left out'),
      heatmap: z.boolean().exactOptional().describe('also make a picture of where each output differs'),
      reconstruction: z.boolean().exactOptional().describe('also return what the generator sees without an edit'),
      encoding: imageEncodingSchema.default('png'),
    }),
    result: z.object({
      pack: nameSchema,
      outputs: z.array(editOutputSchema),
      reconstruction: imageResultSchema.exactOptional(),
      timingsMs,
    }),
    errors: [...jobErrors, 'edit_failed'],
  }),
  invert: defineMethod({
    summary: 'Inverts an image into the latent space of the pack’s generator: W+ and the style code S.',
    params: z.strictObject({
      pack: packChoice,
      image: imageInputSchema,
      encoding: imageEncodingSchema.default('png'),
    }),
    result: z.object({
      pack: nameSchema,
      latent: z.object({
        digest: digestSchema.describe('a safetensors file with `wplus` and `s`'),
        sizeBytes: z.int().min(1),
        tensors: z.record(z.string(), z.array(z.int().min(0))).describe('tensor name → shape'),
      }),
      reconstruction: imageResultSchema,
      timingsMs,
    }),
    errors: [...jobErrors],
  }),
} as const;

export type EditParams = z.output<(typeof editMethods)['edit']['params']>;
export type EditResult = z.output<(typeof editMethods)['edit']['result']>;
export type InvertParams = z.output<(typeof editMethods)['invert']['params']>;
export type InvertResult = z.output<(typeof editMethods)['invert']['result']>;
