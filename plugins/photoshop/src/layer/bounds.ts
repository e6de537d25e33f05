/** Arithmetic of rectangles in document pixels. Right and bottom are exclusive; empty ones have no width or no height. */
import type { Bounds } from '../host/photoshop-port.js';

export const widthOf = ({ left, right }: Bounds): number => Math.max(0, right - left);
export const heightOf = ({ top, bottom }: Bounds): number => Math.max(0, bottom - top);
export const isEmpty = (bounds: Bounds): boolean => widthOf(bounds) === 0 || heightOf(bounds) === 0;

export function intersect(a: Bounds, b: Bounds): Bounds {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
}

/** The rectangle moved by a number of pixels to the right and downwards. */
export const moved = ({ left, top, right, bottom }: Bounds, rightPx: number, downPx: number): Bounds => ({
  left: left + rightPx,
  top: top + downPx,
  right: right + rightPx,
  bottom: bottom + downPx,
});

/** A part of a rectangle as shares of its sides, 0..1. */
export const shareOf = (part: Bounds, whole: Bounds): Bounds => ({
  left: (part.left - whole.left) / widthOf(whole),
  top: (part.top - whole.top) / heightOf(whole),
  right: (part.right - whole.left) / widthOf(whole),
  bottom: (part.bottom - whole.top) / heightOf(whole),
});

/** The part of a rectangle that shares of its sides stand for, in whole pixels and at least one wide and high. */
export function partOfShare(share: Bounds, whole: Bounds): Bounds {
  const left = whole.left + Math.min(widthOf(whole) - 1, Math.round(share.left * widthOf(whole)));
  const top = whole.top + Math.min(heightOf(whole) - 1, Math.round(share.top * heightOf(whole)));
  return {
    left,
    top,
    right: Math.max(left + 1, whole.left + Math.round(share.right * widthOf(whole))),
    bottom: Math.max(top + 1, whole.top + Math.round(share.bottom * heightOf(whole))),
  };
}

export const sameBounds = (a: Bounds, b: Bounds): boolean =>
  a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;

/** Cuts a rectangle into tiles, row by row; those at the right and the bottom may be smaller. @param sidePx of a tile. */
export function* tilesOf(bounds: Bounds, sidePx: number): Generator<Bounds> {
  for (let top = bounds.top; top < bounds.bottom; top += sidePx) {
    for (let left = bounds.left; left < bounds.right; left += sidePx) {
      yield {
        left,
        top,
        right: Math.min(left + sidePx, bounds.right),
        bottom: Math.min(top + sidePx, bounds.bottom),
      };
    }
  }
}
