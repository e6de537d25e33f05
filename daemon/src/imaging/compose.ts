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
  const clamp = (value: number): number => Math.min(1, Math.max(-1, value));
  const wanted = edit.map(clamp);
  const difference = wanted.map((value, i) => value - clamp(reconstruction[i] as number));
  const planes = new Float32Array(channels * side * side);
  planes.set(difference);
  planes.set(wanted, expected);
  planes.set(structureChange(difference, side), 2 * expected);
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
      data[pixel + channel] = Math.min(255, Math.max(0, Math.round((1 - m) * shifted + m * replaced)));
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
        squares += ((difference[at + 1] as number) - here) ** 2 + ((difference[at + side] as number) - here) ** 2;
      }
      gradient[i] = Math.sqrt(squares);
    }
  const radius = Math.max(1, Math.round(side * structureReach));
  const smooth = blurred(spread(gradient, side, radius), side);
  const { kept, replaced } = structureLimits;
  return smooth.map((value) => {
    const t = Math.min(1, Math.max(0, (value - kept) / (replaced - kept)));
    return t * t * (3 - 2 * t);
  });
}

/** Largest value within `radius` pixels, along rows and then columns. */
function spread(plane: Float32Array, side: number, radius: number): Float32Array {
  const along = (source: Float32Array, step: number): Float32Array =>
    source.map((own, i) => {
      const position = Math.floor(i / step) % side;
      let largest = own;
      for (let k = Math.max(-radius, -position); k <= Math.min(radius, side - 1 - position); k++)
        largest = Math.max(largest, source[i + k * step] as number);
      return largest;
    });
  return along(along(plane, 1), side);
}

/** Mean of the 3×3 pixels around each, cut off at the border. */
function blurred(plane: Float32Array, side: number): Float32Array {
  const along = (source: Float32Array, step: number): Float32Array =>
    source.map((own, i) => {
      const position = Math.floor(i / step) % side;
      const [hasBefore, hasAfter] = [position > 0, position < side - 1];
      const before = hasBefore ? (source[i - step] as number) : 0;
      const after = hasAfter ? (source[i + step] as number) : 0;
      return (before + own + after) / (1 + Number(hasBefore) + Number(hasAfter));
    });
  return along(along(plane, 1), side);
}
