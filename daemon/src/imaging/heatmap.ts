/**
 * Difference heat map: where, and how strongly, an edit changed a layer. Black is no change, then red, yellow, white.
 *
 * The scale is fixed, so that two heat maps can be compared.
 */
import type { PixelImage } from './pixel-image.js';

/** Mean absolute difference per channel (of 255) that is shown as white. */
export const fullScaleDifference = 128;

/** Opaque heat map of two layers of equal size. Differences count by the less transparent of the two pixels. */
export function differenceHeatmap(before: PixelImage, after: PixelImage): PixelImage {
  if (before.width !== after.width || before.height !== after.height)
    throw new Error('differenceHeatmap: the layers differ in size');
  const data = new Uint8Array(before.data.length);
  for (let i = 0; i < data.length; i += 4) {
    let sum = 0;
    for (let channel = i; channel < i + 3; channel++)
      sum += Math.abs((before.data[channel] as number) - (after.data[channel] as number));
    const visible = Math.max(before.data[i + 3] as number, after.data[i + 3] as number) / 255;
    const heat = Math.min(1, (visible * sum) / 3 / fullScaleDifference);
    data[i] = Math.round(255 * Math.min(1, 3 * heat));
    data[i + 1] = Math.round(255 * Math.min(1, Math.max(0, 3 * heat - 1)));
    data[i + 2] = Math.round(255 * Math.max(0, 3 * heat - 2));
    data[i + 3] = 255;
  }
  return { ...before, data };
}
