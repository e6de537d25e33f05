/** Pictures for the tests: small, of one colour or with a visible pattern, encoded by sharp. */
import type { ImagePaint, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import sharp from 'sharp';

export interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

export const red: Colour = { r: 220, g: 40, b: 40 };
export const blue: Colour = { r: 40, g: 60, b: 220 };
export const green: Colour = { r: 30, g: 160, b: 70 };

/** An image file of one colour. */
export async function picture(
  width: number,
  height: number,
  colour: Colour,
  format: 'png' | 'jpeg' | 'gif' | 'webp' = 'png',
): Promise<Uint8Array> {
  const image = sharp({ create: { width, height, channels: 3, background: colour } });
  return new Uint8Array(await image.toFormat(format).toBuffer());
}

/** A paint with everything that an edit must keep. */
export function croppedPaint(imageHash: string, imageTransform?: Transform): ImagePaint {
  return {
    type: 'IMAGE',
    scaleMode: 'CROP',
    imageHash,
    imageTransform: imageTransform ?? [
      [0.5, 0, 0.25],
      [0, 0.5, 0.1],
    ],
    filters: { exposure: 0.2, contrast: -0.1 },
    opacity: 0.9,
    blendMode: 'MULTIPLY',
    visible: true,
  };
}

/** The colour of a pixel of an image file. */
export async function pixel(bytes: Uint8Array, x: number, y: number): Promise<Colour> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return { r: data[at] as number, g: data[at + 1] as number, b: data[at + 2] as number };
}
