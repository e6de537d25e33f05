/**
 * Encoded file → pixels. Accepts PNG, JPEG, WebP, TIFF and AVIF, the first frame of each; vector formats, animations of other
 * kinds and everything else are refused by their first bytes, before a decoder sees them.
 *
 * EXIF orientation is applied and embedded colour profiles are converted to sRGB; both are then gone, so that what is edited
 * is what the user saw. Foreign files are decoded in a process of their own (decoder/), which calls this.
 */
import type { Metadata } from 'sharp';
import { ImageError } from './image-error.js';
import { loadSharp } from './load-sharp.js';
import { checkImageSize, defaultImageLimits, pixelImage, type ImageLimits, type PixelImage } from './pixel-image.js';

/** Colours, alpha and black of a printer's picture: no format that we read needs more. */
const mostChannels = 5;

/** Decodes one image. Throws ImageError for anything that is not a complete image within the limits. */
export async function decodeImage(file: Uint8Array, limits: ImageLimits = defaultImageLimits): Promise<PixelImage> {
  if (file.byteLength === 0) throw new ImageError('image_empty', 'the image is empty');
  checkFileSize(file.byteLength, limits);
  const format = sniffFormat(file);
  if (format === null)
    throw new ImageError('image_format_unknown', 'the file is not a PNG, JPEG, WebP, TIFF or AVIF image');
  const sharp = await loadSharp();
  try {
    checkHeader(format, await sharp(file, { limitInputPixels: false }).metadata(), limits);
    // A warning alone (a damaged colour profile, say) must not cost the user a picture that every other program opens.
    const { data, info } = await sharp(file, {
      failOn: 'error',
      limitInputPixels: limits.maxPixels,
      limitInputChannels: mostChannels,
      unlimited: false,
      pages: 1,
    })
      .timeout({ seconds: Math.ceil(limits.maxMs / 1000) })
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return pixelImage(info.width, info.height, info.channels === 2 ? greyToColour(pixels) : pixels, limits);
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const reason = (cause as Error).message;
    if (reason.startsWith('timeout:'))
      throw new ImageError('image_timeout', `decoding the ${format} image took longer than ${limits.maxMs} ms`);
    throw new ImageError('image_damaged', `the ${format} image is damaged or cut off: ${reason}`, { cause });
  }
}

/** Throws ImageError `image_too_large` for a file of more bytes than are accepted. */
export function checkFileSize(sizeBytes: number, { maxBytes }: ImageLimits): void {
  if (sizeBytes > maxBytes) {
    throw new ImageError('image_too_large', `the image file has ${sizeBytes} bytes, at most ${maxBytes} are accepted`);
  }
}

/**
 * Takes every reader of files away from this process but those of the formats above, for good, and caches nothing. For processes
 * that only decode: libvips chooses a reader by the content, and this leaves nothing else to choose.
 */
export async function restrictToDecoding(): Promise<void> {
  const sharp = await loadSharp();
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['Png', 'Jpeg', 'Webp', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`) });
}

type Format = 'PNG' | 'JPEG' | 'WebP' | 'TIFF' | 'AVIF';

/** What the decoder calls each format. */
const decoderNames: Record<Format, string> = { PNG: 'png', JPEG: 'jpeg', WebP: 'webp', TIFF: 'tiff', AVIF: 'heif' };

/** The format announced by the first bytes, or null. */
function sniffFormat(file: Uint8Array): Format | null {
  const start = String.fromCharCode(...file.subarray(0, 12));
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (/^RIFF....WEBP/s.test(start)) return 'WebP';
  if (/^(II\*\0|MM\0\*)/.test(start)) return 'TIFF';
  return /^....ftypavi[fs]/s.test(start) ? 'AVIF' : null;
}

/** The decoder must see in the header what the first bytes announce, in a size that is accepted. */
function checkHeader(format: Format, header: Metadata, limits: ImageLimits): void {
  const { format: found, compression, width, height } = header;
  if (found !== decoderNames[format] || (format === 'AVIF' && compression !== 'av1')) {
    const what = format === 'AVIF' ? `${found} compressed as ${compression ?? 'unknown'}` : found;
    throw new ImageError('image_format_unknown', `the file begins like ${format} and continues as ${what}`);
  }
  checkImageSize(width, height, limits);
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
