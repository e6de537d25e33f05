/**
 * Encoded file → pixels. Accepts PNG, JPEG, WebP, GIF (first frame), TIFF and AVIF; vector formats and everything else are
 * refused by their first bytes, before a decoder sees them.
 *
 * EXIF orientation is applied and embedded colour profiles are converted to sRGB; both are then gone, so that what is edited
 * is what the user saw.
 */
import sharp from 'sharp';
import { ImageError } from './image-error.js';
import { checkImageSize, defaultImageLimits, pixelImage, type ImageLimits, type PixelImage } from './pixel-image.js';

/** Decodes one image. Throws ImageError for anything that is not a complete image within the limits. */
export async function decodeImage(file: Uint8Array, limits: ImageLimits = defaultImageLimits): Promise<PixelImage> {
  if (file.byteLength === 0) throw new ImageError('image_empty', 'the image is empty');
  if (file.byteLength > limits.maxBytes) {
    throw new ImageError(
      'image_too_large',
      `the image file has ${file.byteLength} bytes, at most ${limits.maxBytes} are accepted`,
    );
  }
  const format = sniffFormat(file);
  if (format === null)
    throw new ImageError('image_format_unknown', 'the file is not a PNG, JPEG, WebP, GIF, TIFF or AVIF image');
  try {
    // Limits are checked on the header, so the decoder's own limit (which has no stable message) is off.
    const decoder = sharp(file, { failOn: 'truncated', limitInputPixels: false, animated: false });
    const { width, height } = await decoder.metadata();
    checkImageSize(width, height, limits);
    const { data, info } = await decoder
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return pixelImage(info.width, info.height, info.channels === 2 ? greyToColour(pixels) : pixels, limits);
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    throw new ImageError('image_damaged', `the ${format} image is damaged or cut off: ${(cause as Error).message}`, {
      cause,
    });
  }
}

type Format = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'TIFF' | 'AVIF';

/** The format announced by the first bytes, or null. */
function sniffFormat(file: Uint8Array): Format | null {
  const start = String.fromCharCode(...file.subarray(0, 12));
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (/^RIFF....WEBP/s.test(start)) return 'WebP';
  if (/^GIF8[79]a/.test(start)) return 'GIF';
  if (/^(II\*\0|MM\0\*)/.test(start)) return 'TIFF';
  return /^....ftypavi[fs]/s.test(start) ? 'AVIF' : null;
}

/** Grey + alpha → RGBA. */
function greyToColour(pixels: Uint8Array): Uint8Array {
  const colour = new Uint8Array(pixels.length * 2);
  for (let i = 0; i < pixels.length / 2; i++) {
    colour.fill(pixels[2 * i] as number, 4 * i, 4 * i + 3);
    colour[4 * i + 3] = pixels[2 * i + 1] as number;
  }
  return colour;
}
