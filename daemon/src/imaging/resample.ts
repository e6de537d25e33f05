/**
 * Resampling weights along one axis: exact area averaging when shrinking, Catmull-Rom cubic when growing.
 *
 * Own code instead of an image library because differences of images are signed and must not be quantised, and because a
 * layer may be read through a window that reaches beyond its border (nearest pixels are repeated there).
 */

/** For every output position the source positions it is made of; `stride` taps each, unused ones have weight 0. */
export interface AxisTaps {
  readonly stride: number;
  readonly index: Int32Array;
  readonly weight: Float32Array;
}

/** A window on an axis: the positions [offset, offset + count) of an axis of `size` positions. */
export interface AxisWindow {
  readonly size: number;
  readonly offset: number;
  readonly count: number;
}

/** The whole axis. */
export function wholeAxis(size: number): AxisWindow {
  return { size, offset: 0, count: size };
}

/**
 * Taps that compute `to`'s window from `from`'s window, where both whole axes cover the same extent.
 * Indices are relative to `from`'s window; positions outside it repeat its first or last one.
 */
export function axisTaps(from: AxisWindow, to: AxisWindow): AxisTaps {
  const ratio = from.size / to.size;
  if (ratio === 1) return copyTaps(from, to);
  const support = ratio > 1 ? ratio / 2 : 2;
  const stride = Math.ceil(2 * support) + 1;
  const index = new Int32Array(stride * to.count);
  const weight = new Float32Array(stride * to.count);
  for (let i = 0; i < to.count; i++) {
    const centre = (to.offset + i + 0.5) * ratio;
    const first = Math.floor(centre - support);
    let total = 0;
    for (let tap = 0; tap < stride; tap++) {
      const position = first + tap;
      const value =
        ratio > 1 ? overlap(position, centre - support, centre + support) : catmullRom(position + 0.5 - centre);
      index[i * stride + tap] = Math.min(Math.max(position - from.offset, 0), from.count - 1);
      weight[i * stride + tap] = value;
      total += value;
    }
    for (let tap = 0; tap < stride; tap++) (weight[i * stride + tap] as number) /= total;
  }
  return { stride, index, weight };
}

/** One tap each, where nothing is to be resampled: the kernels below are 1 at distance 0 and 0 at all other whole ones. */
function copyTaps(from: AxisWindow, to: AxisWindow): AxisTaps {
  const index = Int32Array.from({ length: to.count }, (_, i) =>
    Math.min(Math.max(to.offset + i - from.offset, 0), from.count - 1),
  );
  return { stride: 1, index, weight: new Float32Array(to.count).fill(1) };
}

/** Resamples planes [C, H, W] to [C, H', W'] with taps for the rows and for the columns. */
export function resamplePlanes(
  planes: Float32Array,
  channels: number,
  width: number,
  rows: AxisTaps,
  columns: AxisTaps,
): Float32Array {
  const height = planes.length / (channels * width);
  return resampleRows(resampleColumns(planes, width, columns), channels, height, rows);
}

/** The first half of `resamplePlanes`: rows of `width` values, however many, to rows of W'; `planes` itself where both agree. */
export function resampleColumns(planes: Float32Array, width: number, columns: AxisTaps): Float32Array {
  if (isIdentity(columns, width)) return planes;
  const { stride, index, weight } = columns;
  const outWidth = index.length / stride;
  const count = planes.length / width;
  const result = new Float32Array(count * outWidth);
  for (let row = 0; row < count; row++) {
    const source = row * width;
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let tap = x * stride; tap < (x + 1) * stride; tap++)
        sum += (weight[tap] as number) * (planes[source + (index[tap] as number)] as number);
      result[row * outWidth + x] = sum;
    }
  }
  return result;
}

/** Whether taps copy an axis of `size` positions as it is: a layer that has the size of the network already. */
function isIdentity({ stride, index, weight }: AxisTaps, size: number): boolean {
  return stride === 1 && index.length === size && index.every((position, i) => position === i && weight[i] === 1);
}

/** The second half: planes [C, height, W'] to new ones [C, H', W'], where H' is the number of rows that the taps describe. */
export function resampleRows(planes: Float32Array, channels: number, height: number, rows: AxisTaps): Float32Array {
  if (isIdentity(rows, height)) return planes.slice();
  const width = planes.length / (channels * height);
  const outHeight = rows.index.length / rows.stride;
  const result = new Float32Array(channels * outHeight * width);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < outHeight; y++) {
      const target = (channel * outHeight + y) * width;
      for (let tap = y * rows.stride; tap < (y + 1) * rows.stride; tap++) {
        const factor = rows.weight[tap] as number;
        if (factor === 0) continue;
        const source = (channel * height + (rows.index[tap] as number)) * width;
        for (let x = 0; x < width; x++) (result[target + x] as number) += factor * (planes[source + x] as number);
      }
    }
  }
  return result;
}

/** Length of the part of pixel [position, position + 1) inside [low, high). */
function overlap(position: number, low: number, high: number): number {
  return Math.max(0, Math.min(position + 1, high) - Math.max(position, low));
}

/** Catmull-Rom kernel at a distance in pixels. */
function catmullRom(distance: number): number {
  const d = Math.abs(distance);
  if (d < 1) return 1.5 * d * d * d - 2.5 * d * d + 1;
  return d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0;
}
