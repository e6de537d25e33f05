/**
 * Putting an edit back onto the layer it was made from: output = input + upsampled(edit − reconstruction).
 *
 * Only the difference travels, so detail that the generator cannot reproduce survives wherever the edit changes nothing.
 * The price: what the reconstruction missed stays visible under the edit.
 */
import { toLayerPlanes } from './network-image.js';
import type { PixelImage } from './pixel-image.js';

/**
 * The edited layer, at the layer's own size. Alpha stays as it is, and pixels with alpha 0 keep their hidden colour.
 * `edit` and `reconstruction` are network planes [3, side, side] in [-1, 1] (values beyond are clamped first).
 */
export function composeEdit(
  layer: PixelImage,
  edit: Float32Array,
  reconstruction: Float32Array,
  side: number,
): PixelImage {
  const expected = 3 * side * side;
  if (edit.length !== expected || reconstruction.length !== expected) {
    throw new Error(
      `composeEdit: expected planes of ${expected} values, got ${edit.length} and ${reconstruction.length}`,
    );
  }
  const clamp = (value: number): number => Math.min(1, Math.max(-1, value));
  const difference = edit.map((value, i) => clamp(value) - clamp(reconstruction[i] as number));
  return addDifference(layer, toLayerPlanes(difference, side, layer));
}

/** Adds planes [3, height, width] (difference in units of [-1, 1] images) to the colours of a layer. */
export function addDifference(layer: PixelImage, difference: Float32Array): PixelImage {
  const count = layer.width * layer.height;
  const data = layer.data.slice();
  for (let i = 0; i < count; i++) {
    if (data[4 * i + 3] === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      const value = (data[4 * i + channel] as number) + 127.5 * (difference[channel * count + i] as number);
      data[4 * i + channel] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return { ...layer, data };
}
