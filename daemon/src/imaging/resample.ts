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

/** Resamples planes [C, H, W] to [C, H', W'] with taps for the rows and for the columns. */
export function resamplePlanes(
  planes: Float32Array,
  channels: number,
  width: number,
  rows: AxisTaps,
  columns: AxisTaps,
): Float32Array {
  const height = planes.length / (channels * width);
  const outWidth = columns.index.length / columns.stride;
  const outHeight = rows.index.length / rows.stride;
  const narrowed = new Float32Array(channels * height * outWidth);
  for (let row = 0; row < channels * height; row++) {
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let tap = x * columns.stride; tap < (x + 1) * columns.stride; tap++) {
        sum += (columns.weight[tap] as number) * (planes[row * width + (columns.index[tap] as number)] as number);
      }
      narrowed[row * outWidth + x] = sum;
    }
  }
  const result = new Float32Array(channels * outHeight * outWidth);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < outHeight; y++) {
      const target = result.subarray((channel * outHeight + y) * outWidth, (channel * outHeight + y + 1) * outWidth);
      for (let tap = y * rows.stride; tap < (y + 1) * rows.stride; tap++) {
        const factor = rows.weight[tap] as number;
        if (factor === 0) continue;
        const source = (channel * height + (rows.index[tap] as number)) * outWidth;
        for (let x = 0; x < outWidth; x++) (target[x] as number) += factor * (narrowed[source + x] as number);
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
