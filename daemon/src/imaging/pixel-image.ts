/**
 * The one pixel buffer of the daemon. Everything that decodes produces it, everything that encodes takes it.
 */
import { ImageError } from './image-error.js';

/** RGBA, 8 bit, sRGB, straight (not premultiplied) alpha, row-major, top row first. Immutable by convention. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  /** `4·width·height` bytes. */
  readonly data: Uint8Array;
}

/** Limits on images that are accepted for editing. */
export interface ImageLimits {
  /** Largest encoded file, in bytes. */
  readonly maxBytes: number;
  /** Largest width × height. */
  readonly maxPixels: number;
  /** Largest width or height, in pixels. */
  readonly maxSide: number;
  /** Longest time that decoding may take, in milliseconds. */
  readonly maxMs: number;
}

/** Defaults: a 64-megapixel layer is more than hosts send; decoded it takes 256 MiB, and a slow machine some seconds. */
export const defaultImageLimits: ImageLimits = {
  maxBytes: 128 * 2 ** 20,
  maxPixels: 64e6,
  maxSide: 16_384,
  maxMs: 30_000,
};

/** Wraps raw pixels (shared, not copied). Throws ImageError when size and data disagree or the size is out of bounds. */
export function pixelImage(width: number, height: number, data: Uint8Array, limits = defaultImageLimits): PixelImage {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new ImageError('image_invalid', `image of ${width}×${height} pixels`);
  }
  checkImageSize(width, height, limits);
  if (data.length !== 4 * width * height) {
    throw new ImageError(
      'image_invalid',
      `${width}×${height} RGBA pixels need ${4 * width * height} bytes, got ${data.length}`,
    );
  }
  return { width, height, data };
}

/** Throws ImageError `image_too_large` beyond the limits. */
export function checkImageSize(width: number, height: number, limits: ImageLimits): void {
  if (width > limits.maxSide || height > limits.maxSide || width * height > limits.maxPixels) {
    throw new ImageError(
      'image_too_large',
      `image of ${width}×${height} pixels exceeds ${limits.maxSide} per side or ${limits.maxPixels / 1e6} megapixels`,
    );
  }
}
