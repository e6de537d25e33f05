/** Small copies of pictures, for lists: a preview of a photo is a megabyte, a thumbnail some kilobytes. */
import { blobOf } from './picture.js';

/** Longer side in pixels: 48 CSS pixels on a dense screen. */
const sidePx = 96;

export interface ThumbnailFile {
  readonly encoding: 'png';
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A PNG of at most 96 pixels a side; undefined when the browser cannot read the picture. */
export async function makeThumbnail(image: {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}): Promise<ThumbnailFile | undefined> {
  const share = Math.min(1, sidePx / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * share))) as [
    number,
    number,
  ];
  try {
    const blob = blobOf({ bytes: image.bytes, mediaType: 'image/png' });
    const bitmap = await createImageBitmap(blob, { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' });
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
    const file = await canvas.convertToBlob({ type: 'image/png' });
    return { encoding: 'png', bytes: new Uint8Array(await file.arrayBuffer()), width, height };
  } catch {
    return undefined; // the entry stands without a picture
  }
}
