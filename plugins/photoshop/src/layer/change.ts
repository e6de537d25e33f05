/**
 * What an edit changed: the difference between the edited and the sent picture, and the soft mask that shows it.
 *
 * The difference is never stored. It is computed from the two pictures where it is needed, and magnified to document pixels
 * bilinearly between the centres of sent pixels (`reduction.ts` says where those are). What was not selected changes nothing.
 *
 * The mask is 255 on every changed pixel and falls off outside of it, over pixels that are equal in both pictures: so it
 * softens what a person paints there later, and never weakens the edit itself. Outside its bounds nothing is changed.
 */
import type { Bounds } from '../host/photoshop-port.js';
import type { Capture } from './capture.js';

/** Differences up to this many of 255 levels are rounding of the networks, not an edit. */
export const noiseLevels = 1;

/** Width of the mask's soft edge: a share of the changed area's shorter side within bounds, in sent pixels. */
const feather = { share: 0.02, minimumPx: 2, maximumPx: 24 } as const;

/** Where an edit changed the sent picture, and how much of it shows. */
export interface Change {
  /** In sent pixels. */
  readonly bounds: Bounds;
  /** One byte for each pixel of `bounds`, 0..255. */
  readonly mask: Uint8Array;
}

/** The signed difference of one channel of one sent pixel, -255..255, weighted by the selection. */
export function differenceAt(capture: Capture, edited: Uint8Array, pixel: number, channel: number): number {
  const at = pixel * 4 + channel;
  const difference = edited[at]! - capture.rgba[at]!;
  return capture.selected === undefined ? difference : (difference * capture.selected[pixel]!) / 255;
}

/** Finds what changed; undefined when nothing did. @param edited like `capture.rgba`. */
export function findChange(capture: Capture, edited: Uint8Array): Change | undefined {
  const { widthPx, heightPx } = capture.size;
  const isChanged = (pixel: number): boolean => {
    if (capture.rgba[pixel * 4 + 3] === 0) return false;
    for (let channel = 0; channel < 3; channel++) {
      if (Math.abs(differenceAt(capture, edited, pixel, channel)) > noiseLevels) return true;
    }
    return false;
  };
  const core = { left: widthPx, top: heightPx, right: 0, bottom: 0 };
  for (let y = 0, pixel = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++, pixel++) {
      if (!isChanged(pixel)) continue;
      core.left = Math.min(core.left, x);
      core.right = Math.max(core.right, x + 1);
      core.top = Math.min(core.top, y);
      core.bottom = y + 1;
    }
  }
  if (core.right <= core.left) return undefined;
  const radius = featherRadius(core);
  const bounds = {
    left: Math.max(0, core.left - 2 * radius),
    top: Math.max(0, core.top - 2 * radius),
    right: Math.min(widthPx, core.right + 2 * radius),
    bottom: Math.min(heightPx, core.bottom + 2 * radius),
  };
  const width = bounds.right - bounds.left;
  const height = bounds.bottom - bounds.top;
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = (y + bounds.top) * widthPx + bounds.left;
    for (let x = 0; x < width; x++) mask[y * width + x] = isChanged(row + x) ? 255 : 0;
  }
  soften(mask, width, height, radius);
  return { bounds, mask };
}

function featherRadius({ left, top, right, bottom }: Bounds): number {
  const share = Math.round(Math.min(right - left, bottom - top) * feather.share);
  return Math.min(feather.maximumPx, Math.max(feather.minimumPx, share));
}

/** Grows what is set by `radius`, then averages over squares of the same radius: what was 255 stays 255. */
export function soften(mask: Uint8Array, width: number, height: number, radius: number): void {
  const grow = (sum: number): number => (sum > 0 ? 255 : 0);
  const average = (sum: number, count: number): number => Math.round(sum / count);
  for (const combine of [grow, average]) {
    for (let y = 0; y < height; y++) slide(mask, y * width, 1, width, radius, combine);
    for (let x = 0; x < width; x++) slide(mask, x, width, height, radius, combine);
  }
}

/** Replaces each value of a line by what its window of `2 · radius + 1` values combines to; outside, the edge value goes on. */
function slide(
  mask: Uint8Array,
  start: number,
  stride: number,
  length: number,
  radius: number,
  combine: (sum: number, count: number) => number,
): void {
  const line = new Uint8Array(length);
  for (let index = 0; index < length; index++) line[index] = mask[start + index * stride]!;
  const valueAt = (index: number): number => line[Math.min(length - 1, Math.max(0, index))]!;
  let sum = 0;
  for (let index = -radius; index <= radius; index++) sum += valueAt(index);
  for (let index = 0; index < length; index++) {
    mask[start + index * stride] = combine(sum, 2 * radius + 1);
    sum += valueAt(index + radius + 1) - valueAt(index - radius);
  }
}

/** Weights of the four sent pixels around a document pixel. */
export interface Corners {
  readonly pixels: readonly [number, number, number, number];
  readonly weights: readonly [number, number, number, number];
}

/** Where a document pixel lies between sent ones. @param x, y from the crop's corner, in document pixels. */
export function cornersAt(x: number, y: number, { widthPx, heightPx, factor }: Capture['size']): Corners {
  const sentX = Math.min(widthPx - 1, Math.max(0, (x + 0.5) / factor - 0.5));
  const sentY = Math.min(heightPx - 1, Math.max(0, (y + 0.5) / factor - 0.5));
  const [left, top] = [Math.floor(sentX), Math.floor(sentY)];
  const [right, bottom] = [Math.min(widthPx - 1, left + 1), Math.min(heightPx - 1, top + 1)];
  const [fractionX, fractionY] = [sentX - left, sentY - top];
  return {
    pixels: [top * widthPx + left, top * widthPx + right, bottom * widthPx + left, bottom * widthPx + right],
    weights: [
      (1 - fractionX) * (1 - fractionY),
      fractionX * (1 - fractionY),
      (1 - fractionX) * fractionY,
      fractionX * fractionY,
    ],
  };
}
