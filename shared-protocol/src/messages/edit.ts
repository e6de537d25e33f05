/**
 * What can be done to an image: edited by texts or by an image pair, interpolated, mixed, inverted into the latent space.
 *
 * All run as jobs on the worker (job.ts): `$/progress` with the request's id reports the stage, `$/cancelRequest` stops the
 * job before its next stage. The edit is DeltaEdit: Δt = target − source, mapped to a style direction, masked by the
 * relevance threshold, scaled by the strength, and composed back onto the untouched layer.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { imageEncodingSchema, imageInputSchema, imageResultSchema, regionSchema } from './image.js';
import { jobOptionErrors, jobOptions } from './job.js';
import { defineMethod, digestSchema, nameSchema, textSchema } from './schema.js';

/** `deltaedit` is the method; the others are the baselines that the paper compares it with (docs/method.md). */
export const editMethodSchema = z.enum(['deltaedit', 'straightforward', 'wplus', 'styleclip-gd']);

/** A text, or how to find one: `auto` writes it for the layer, `domain` takes the pack's noun. */
export const editSourceSchema = z
  .union([textSchema, z.strictObject({ mode: z.enum(['auto', 'domain']) })], {
    error: 'expected a text, {"mode": "auto"} or {"mode": "domain"}',
  })
  .describe(
    'what the image shows now: a text, or `{"mode": "auto"}` (written for the layer from what it shows) or ' +
      '`{"mode": "domain"}` (the noun of the pack); the default of the pack when left out',
  );

const strength = z.number().min(-10).max(10);
const threshold = z.number().min(0).max(1);
const timingsMs = z.record(z.string(), z.number()).describe('milliseconds per stage');

const packChoice = nameSchema.exactOptional().describe('pack id; the only installed pack, or `avatars`, when left out');

export const editOutputSchema = z.object({
  target: z.string().exactOptional().describe('absent when the edit followed an image pair'),
  source: z.string().exactOptional().describe('the source text that was used, also when it was written for the layer'),
  image: imageResultSchema,
  heatmap: imageResultSchema.exactOptional(),
  strength: z.number().describe('ρ that was used'),
  threshold: z.number().describe('τ that was used'),
  channelsKept: z.int().min(0).describe('style channels that the edit could change'),
  reach: z.number().describe('how far apart source and target are in DeltaSpace, 0 to 2'),
  styleChange: z.number().describe('root mean square change of the style code, in its standard deviations'),
  alignment: z
    .number()
    .describe('cosine between the asked direction and the way the picture itself moved in CLIP space, −1 to 1'),
  unknownWords: z.array(z.string()).describe('words of the texts that the pack does not know'),
  warnings: z
    .array(
      z.object({
        code: z.string().describe('`unknown_words`, `already_there`, `no_change`, `out_of_reach`, …'),
        message: z.string(),
      }),
    )
    .describe('what the edit could not do'),
});

const jobErrors = [
  'pack_missing',
  'pack_damaged',
  'blob_missing',
  'image_empty',
  'image_format_unknown',
  'image_damaged',
  'image_too_large',
  'image_timeout',
  'image_invalid',
  'queue_full',
  'cancelled',
  'worker_crashed',
  'worker_unavailable',
  ...jobOptionErrors,
] as const;

export const editMethods = {
  edit: defineMethod({
    summary:
      'Edits an image: by one or more target texts, or by the difference of two reference images. Size and alpha of ' +
      'the image stay as they are.',
    params: z
      .strictObject({
        pack: packChoice,
        image: imageInputSchema,
        targets: z
          .array(textSchema)
          .min(1)
          .max(protocolLimits.targets)
          .exactOptional()
          .describe('one output per text; this or `pair`'),
        pair: z
          .strictObject({ from: imageInputSchema, to: imageInputSchema })
          .exactOptional()
          .describe('reference images: the change from one to the other is made to the image'),
        source: editSourceSchema.exactOptional(),
        strength: strength
          .exactOptional()
          .describe('ρ, −10 to 10; negative swaps source and target; the default of the pack when left out'),
        threshold: threshold
          .exactOptional()
          .describe('relevance threshold τ (β of `styleclip-gd`), 0 to 1; the default of the pack when left out'),
        topChannels: z
          .int()
          .min(1)
          .max(protocolLimits.styleChannels)
          .exactOptional()
          .describe('change only so many style channels, the most relevant ones; instead of `threshold`'),
        method: editMethodSchema.exactOptional().describe('`deltaedit` when left out'),
        heatmap: z.boolean().exactOptional().describe('also make a picture of where each output differs'),
        reconstruction: z.boolean().exactOptional().describe('also return what the generator sees without an edit'),
        region: regionSchema
          .exactOptional()
          .describe('edits this part only, as if it were the image; the rest stays as it is (capability `regions`)'),
        previewSide: z
          .int()
          .min(protocolLimits.previewSideMinimum)
          .max(protocolLimits.previewSide)
          .exactOptional()
          .describe('makes previews: results whose longer side has at most so many pixels (capability `previews`)'),
        encoding: imageEncodingSchema.default('png'),
        ...jobOptions,
      })
      .refine(({ targets, pair }) => targets !== undefined || pair !== undefined, {
        message: 'expected targets or pair, got neither; say what to change',
        path: ['targets'],
      })
      .refine(({ targets, pair }) => targets === undefined || pair === undefined, {
        message: 'expected targets or pair, got both; make two requests of it',
        path: ['pair'],
      })
      .refine(({ pair, source }) => pair === undefined || source === undefined, {
        message: 'an image pair has no source text; leave it out',
        path: ['source'],
      })
      .refine(({ threshold: limit, topChannels }) => limit === undefined || topChannels === undefined, {
        message: 'expected threshold or topChannels, got both; each chooses the channels',
        path: ['topChannels'],
      }),
    result: z.object({
      pack: nameSchema,
      outputs: z.array(editOutputSchema),
      reconstruction: imageResultSchema.exactOptional(),
      timingsMs,
    }),
    errors: [...jobErrors, 'network_missing', 'edit_failed'],
  }),
  interpolate: defineMethod({
    summary:
      'Makes the frames between two ends: two texts for one image (attribute interpolation), or two images (latent ' +
      'interpolation). Frames have the size and alpha of the first image.',
    params: z
      .strictObject({
        pack: packChoice,
        image: imageInputSchema,
        steps: z.int().min(2).max(protocolLimits.frames).describe('frames, both ends included'),
        texts: z
          .strictObject({
            from: textSchema,
            to: textSchema,
            source: editSourceSchema.exactOptional(),
            strength: strength.exactOptional().describe('ρ of both ends'),
            threshold: threshold.exactOptional().describe('τ of both ends'),
          })
          .exactOptional()
          .describe('from the image edited by one text to the image edited by another; this or `other`'),
        other: imageInputSchema.exactOptional().describe('from the image to this one'),
        encoding: imageEncodingSchema.default('png'),
        ...jobOptions,
      })
      .refine(({ texts, other }) => texts !== undefined || other !== undefined, {
        message: 'expected texts or other, got neither; say where the frames lead',
        path: ['texts'],
      })
      .refine(({ texts, other }) => texts === undefined || other === undefined, {
        message: 'expected texts or other, got both; make two requests of it',
        path: ['other'],
      }),
    result: z.object({
      pack: nameSchema,
      frames: z.array(
        z.object({ weight: z.number().describe('share of the second end, 0 to 1'), image: imageResultSchema }),
      ),
      unknownWords: z.array(z.string()).describe('words of the texts that the pack does not know'),
      timingsMs,
    }),
    errors: [...jobErrors, 'edit_failed'],
  }),
  mix: defineMethod({
    summary:
      'Style mixing: the coarse layers of one image with the finer layers of another. The result has the size and ' +
      'alpha of the content image.',
    params: z.strictObject({
      pack: packChoice,
      content: imageInputSchema.describe('gives the layers below the cut: shape and pose'),
      style: imageInputSchema.describe('gives the layers from the cut on: colours and detail'),
      fromLayer: z
        .int()
        .min(0)
        .max(protocolLimits.styleLayers)
        .exactOptional()
        .describe('first layer of W+ taken from `style`; the first of the fine level when left out'),
      encoding: imageEncodingSchema.default('png'),
      ...jobOptions,
    }),
    result: z.object({
      pack: nameSchema,
      image: imageResultSchema,
      fromLayer: z.int().min(0),
      layers: z.int().min(1).describe('layers of the pack; `fromLayer` may be 0 to this number'),
      timingsMs,
    }),
    errors: [...jobErrors, 'edit_failed'],
  }),
  subjects: defineMethod({
    summary:
      'Finds what stands apart from the background of an image (transparent, or of one colour), as regions to edit one by ' +
      'one. It knows nothing of faces: a photo is one subject as a whole.',
    params: z.strictObject({ image: imageInputSchema, ...jobOptions }),
    result: z.object({
      separation: z
        .enum(['alpha', 'backdrop', 'whole'])
        .describe('what told subjects from the background; `whole`: nothing did'),
      subjects: z.array(regionSchema).describe('in reading order, square where there is room; never empty'),
      width: z.int().min(1).describe('of the image, in pixels'),
      height: z.int().min(1),
      timingsMs,
    }),
    errors: [...jobErrors.filter((code) => !code.startsWith('pack_'))],
  }),
  invert: defineMethod({
    summary: 'Inverts an image into the latent space of the pack’s generator: W+ and the style code S.',
    params: z.strictObject({
      pack: packChoice,
      image: imageInputSchema,
      encoding: imageEncodingSchema.default('png'),
      ...jobOptions,
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
export type EditSource = z.output<typeof editSourceSchema>;
export type EditMethod = z.output<typeof editMethodSchema>;
export type InterpolateParams = z.output<(typeof editMethods)['interpolate']['params']>;
export type InterpolateResult = z.output<(typeof editMethods)['interpolate']['result']>;
export type MixParams = z.output<(typeof editMethods)['mix']['params']>;
export type MixResult = z.output<(typeof editMethods)['mix']['result']>;
export type InvertParams = z.output<(typeof editMethods)['invert']['params']>;
export type InvertResult = z.output<(typeof editMethods)['invert']['result']>;
