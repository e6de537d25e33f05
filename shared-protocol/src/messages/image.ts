/**
 * How an image is referred to in a message: always a blob by digest, plus what is needed to read it.
 *
 * Two encodings. `file` is a whole image file (PNG, JPEG, WebP, …) whose format the daemon finds out itself. `rgba8` is
 * raw pixels: red, green, blue, straight (not premultiplied) alpha, 8 bits each, sRGB, rows from the top, no row
 * padding, so exactly 4 × width × height bytes. Editors hold pixels already and save the coding on both sides.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { digestSchema } from './schema.js';

const side = z.int().min(1).max(protocolLimits.imageSide);

export const imageInputSchema = z
  .discriminatedUnion(
    'encoding',
    [
      z.strictObject({ encoding: z.literal('file'), digest: digestSchema }),
      z.strictObject({ encoding: z.literal('rgba8'), digest: digestSchema, width: side, height: side }),
    ],
    { error: ({ code }) => (code === 'invalid_union' ? 'expected "file" or "rgba8"' : undefined) },
  )
  .describe('a blob and how to read it: `file` (PNG, JPEG, WebP, …) or `rgba8` (4 × width × height bytes)');
export type ImageInput = z.output<typeof imageInputSchema>;

/** A part of an image; that it lies inside is checked when the image is known. */
export const regionSchema = z
  .strictObject({
    x: z.int().min(0).max(protocolLimits.imageSide),
    y: z.int().min(0).max(protocolLimits.imageSide),
    width: side,
    height: side,
  })
  .describe('a rectangle in pixels from the top left of the image');
export type Region = z.output<typeof regionSchema>;

/** What the daemon should encode results as. PNG keeps alpha and is read everywhere. */
export const imageEncodingSchema = z.enum(['png', 'rgba8']).describe('encoding of the images in the answer');
export type ImageEncoding = z.output<typeof imageEncodingSchema>;

export const imageResultSchema = z
  .object({
    encoding: imageEncodingSchema,
    digest: digestSchema,
    sizeBytes: z.int().min(1),
    width: side,
    height: side,
  })
  .describe('an image in the blob store; fetch it with `blob.get`');
export type ImageResult = z.output<typeof imageResultSchema>;
