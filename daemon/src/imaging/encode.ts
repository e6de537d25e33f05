/** Pixels → PNG file. */
import { loadSharp } from './load-sharp.js';
import type { PixelImage } from './pixel-image.js';

/** A PNG (8 bit, RGBA, untagged sRGB) of the image. */
export async function encodePng({ width, height, data }: PixelImage): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const file = await sharp(data, { raw: { width, height, channels: 4 } })
    .png({ compressionLevel: 6, adaptiveFiltering: true })
    .toBuffer();
  return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
}
