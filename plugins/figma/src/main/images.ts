/** Results become images of the file. Checked before Figma sees them, so that the user reads our words, not its. */
import { bridgeLimits } from '../bridge/index.js';
import { MainFailure } from './failure.js';
import { readImageHeader } from './image-header.js';

/** An image in Figma's store. */
export interface StoredImage {
  readonly hash: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Puts a result into Figma's image store; nothing shows it yet.
 * @throws MainFailure `image_invalid`, `image_too_large`.
 */
export function storeImage(bytes: Uint8Array): StoredImage {
  const header = readImageHeader(bytes);
  if (header?.widthPx === undefined || header.heightPx === undefined || header.mediaType === 'image/gif')
    throw new MainFailure('image_invalid');
  const { widthPx, heightPx } = header;
  if (Math.max(widthPx, heightPx) > bridgeLimits.imageSidePx) throw new MainFailure('image_too_large');
  try {
    return { hash: figma.createImage(bytes).hash, widthPx, heightPx };
  } catch {
    throw new MainFailure('image_invalid'); // Figma's own words are for developers
  }
}
