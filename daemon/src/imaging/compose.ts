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
  const pixels = side * side;
  const gradient = new Float32Array(pixels);
  for (let y = 0; y + 1 < side; y++)
    for (let x = 0; x + 1 < side; x++) {
      const i = y * side + x;
      let squares = 0;
      for (let channel = 0; channel < 3; channel++) {
        const at = channel * pixels + i;
        const here = difference[at] as number;
        const right = (difference[at + 1] as number) - here;
        const below = (difference[at + side] as number) - here;
        squares += right * right + below * below;
      }
      gradient[i] = Math.sqrt(squares);
    }
  const radius = Math.max(1, Math.round(side * structureReach));
  const change = blurred(spread(gradient, side, radius), side);
  const { kept, replaced } = structureLimits;
  for (let i = 0; i < pixels; i++) {
    const t = Math.min(1, Math.max(0, ((change[i] as number) - kept) / (replaced - kept)));
    change[i] = t * t * (3 - 2 * t);
  }
  return change;
}

/** Largest value within `radius` pixels, along rows and then columns. */
function spread(plane: Float32Array, side: number, radius: number): Float32Array {
  const alongRows = new Float32Array(plane.length);
  for (let row = 0; row < plane.length; row += side)
    for (let x = 0; x < side; x++) {
      let largest = plane[row + x] as number;
      const end = Math.min(side - 1, x + radius);
      for (let k = Math.max(0, x - radius); k <= end; k++) {
        const value = plane[row + k] as number;
        if (value > largest) largest = value;
      }
      alongRows[row + x] = largest;
    }
  const result = alongRows.slice();
  for (let y = 0; y < side; y++)
    for (let other = Math.max(0, y - radius); other <= Math.min(side - 1, y + radius); other++)
      for (let x = 0; x < side; x++) {
        const value = alongRows[other * side + x] as number;
        if (value > (result[y * side + x] as number)) result[y * side + x] = value;
      }
  return result;
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
  for (let k = 0; k < count; k++) {
    const i = first + k * step;
    const before = k > 0 ? (source[i - step] as number) : 0;
    const after = k + 1 < count ? (source[i + step] as number) : 0;
    target[i] = (before + (source[i] as number) + after) / (1 + Number(k > 0) + Number(k + 1 < count));
  }
}
