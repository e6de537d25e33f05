/**
 * Putting an edit back onto the layer it was made from.
 *
 * Where the edit keeps the structure of the picture, only the difference travels: output = layer + upsampled(edit −
 * reconstruction), so that detail the generator cannot reproduce survives, under changed colours too. Where the structure
 * changes (glasses over eyes, hair over a background) the layer's own fine detail would shine through, so there the
 * output fades to the upsampled edit itself. `structureChange` decides between the two.
 */
import { squareFrame } from './network-image.js';
import type { PixelImage } from './pixel-image.js';
import { axisTaps, resampleColumns, resampleRows, wholeAxis } from './resample.js';

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
  // Plain loops here and below: this runs for every output, and a call per value costs more than its arithmetic.
  const planes = new Float32Array(channels * side * side);
  for (let i = 0; i < expected; i++) {
    const wanted = Math.fround(Math.min(1, Math.max(-1, edit[i] as number)));
    planes[i] = wanted - Math.min(1, Math.max(-1, reconstruction[i] as number));
    planes[expected + i] = wanted;
  }
  planes.set(structureChange(planes.subarray(0, expected), side), 2 * expected);
  return inBands(layer, planes, side);
}

/** What is resampled to the layer's size: difference (3), edit (3), structure mask (1). */
const channels = 7;
/** Pixels composed at a time: planes of a whole large layer would take gigabytes. */
const bandPixels = 2 ** 18;

/** Resamples the planes to the layer's size, some rows at a time, and blends each band into a copy of the layer. */
function inBands(layer: PixelImage, planes: Float32Array, side: number): PixelImage {
  const data = layer.data.slice();
  const frame = squareFrame(layer);
  const narrowed = resampleColumns(planes, side, axisTaps(wholeAxis(side), frame.columns));
  const bandRows = Math.max(1, Math.floor(bandPixels / layer.width));
  for (let first = 0; first < layer.height; first += bandRows) {
    const count = Math.min(bandRows, layer.height - first);
    const rows = axisTaps(wholeAxis(side), { ...frame.rows, offset: frame.rows.offset + first, count });
    blend(data, first * layer.width, count * layer.width, resampleRows(narrowed, channels, side, rows));
  }
  return { ...layer, data };
}

/** (1 − m)·(layer + difference) + m·edit for `count` pixels of RGBA data from pixel `first` on. */
function blend(data: Uint8Array, first: number, count: number, planes: Float32Array): void {
  for (let i = 0; i < count; i++) {
    const pixel = 4 * (first + i);
    if (data[pixel + 3] === 0) continue;
    const m = Math.min(1, Math.max(0, planes[6 * count + i] as number));
    for (let channel = 0; channel < 3; channel++) {
      const shifted = (data[pixel + channel] as number) + 127.5 * (planes[channel * count + i] as number);
      const replaced = 127.5 * ((planes[(3 + channel) * count + i] as number) + 1);
      const value = (1 - m) * shifted + m * replaced;
      data[pixel + channel] = value <= 0 ? 0 : value >= 255 ? 255 : Math.floor(value + 0.5);
    }
  }
}

/** Gradient of the difference (in units of [-1, 1] per pixel) below which structure is kept, and from which it is replaced. */
const structureLimits = { kept: 0.25, replaced: 0.6 } as const;
/** Reach of a change of structure, as a share of the side: detail that close to it is replaced too. */
const structureReach = 1 / 32;

/**
 * How much the structure of the picture changes around each pixel, 0 … 1, as one plane [side, side]: the gradient of the
 * difference [3, side, side], spread to its neighbourhood. A change of colour alone has gradients only at its edges.
 */
export function structureChange(difference: Float32Array, side: number): Float32Array {
  const radius = Math.max(1, Math.round(side * structureReach));
  const change = blurred(spread(gradientLength(difference, side), side, radius), side);
  const { kept, replaced } = structureLimits;
  for (let i = 0; i < change.length; i++) {
    const t = Math.min(1, Math.max(0, ((change[i] as number) - kept) / (replaced - kept)));
    change[i] = t * t * (3 - 2 * t);
  }
  return change;
}

/** Length of the gradient of [3, side, side], over all channels, to the right and downwards; 0 in the last row and column. */
function gradientLength(difference: Float32Array, side: number): Float32Array {
  const pixels = side * side;
  const result = new Float32Array(pixels);
  for (let y = 0; y + 1 < side; y++)
    for (let i = y * side; i + 1 < (y + 1) * side; i++) {
      let squares = 0;
      for (let at = i; at < 3 * pixels; at += pixels) {
        const here = difference[at] as number;
        const right = (difference[at + 1] as number) - here;
        const below = (difference[at + side] as number) - here;
        squares += right * right + below * below;
      }
      result[i] = Math.sqrt(squares);
    }
  return result;
}

/** Largest value within `radius` pixels, along rows and then columns. Values are not negative: the border of 0 never wins. */
function spread(plane: Float32Array, side: number, radius: number): Float32Array {
  const padded = side + 2 * radius;
  const values = new Float32Array(padded * padded);
  for (let y = 0; y < side; y++) values.set(plane.subarray(y * side, (y + 1) * side), (y + radius) * padded + radius);
  spreadAlong(values, 1, radius);
  spreadAlong(values, padded, radius);
  const result = new Float32Array(plane.length);
  for (let y = 0; y < side; y++) result.set(values.subarray(y * padded, y * padded + side), y * side);
  return result;
}

/**
 * Each value becomes the largest of itself and the next 2·radius, `step` apart; ends that run out of values stay incomplete.
 * Windows double until they are over half as long as wanted; two that overlap make the rest.
 */
function spreadAlong(values: Float32Array, step: number, radius: number): void {
  const wanted = 2 * radius + 1;
  let reached = 1;
  for (; 2 * reached <= wanted; reached *= 2) takeLarger(values, reached * step);
  if (reached < wanted) takeLarger(values, (wanted - reached) * step);
}

/** Each value becomes the larger of itself and the one `distance` further on. */
function takeLarger(values: Float32Array, distance: number): void {
  for (let i = 0; i + distance < values.length; i++) {
    const other = values[i + distance] as number;
    if (other > (values[i] as number)) values[i] = other;
  }
}

/** Mean of the 3×3 pixels around each, cut off at the border: means of three along rows, then along columns. */
function blurred(plane: Float32Array, side: number): Float32Array {
  const alongRows = new Float32Array(plane.length);
  for (let y = 0; y < side; y++) meansOfThree(plane, alongRows, y * side, 1, side);
  const result = new Float32Array(plane.length);
  for (let x = 0; x < side; x++) meansOfThree(alongRows, result, x, side, side);
  return result;
}

/** Means of each value and its neighbours in a line of `count` values from `first` on, `step` apart; two at the ends. */
function meansOfThree(source: Float32Array, target: Float32Array, first: number, step: number, count: number): void {
  const last = first + (count - 1) * step;
  for (let i = first + step; i < last; i += step)
    target[i] = ((source[i - step] as number) + (source[i] as number) + (source[i + step] as number)) / 3;
  target[first] = ((source[first] as number) + (source[first + step] as number)) / 2;
  target[last] = ((source[last - step] as number) + (source[last] as number)) / 2;
}
