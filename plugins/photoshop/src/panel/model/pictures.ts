/**
 * Small pictures made of large ones, for the panel only: what is shown before the first preview, and thumbnails.
 *
 * Means of whole boxes of pixels, weighted by alpha. Nothing that is written into a document goes through here.
 */
import type { ReceivedImage } from '@deltaspace/plugin-core';
import type { Picture } from '../../host/uxp-globals.js';

/** The picture reduced to at most so many pixels along its longer side; the same one when it is no larger. */
export function reducePicture(picture: Picture, longestSidePx: number): Picture {
  const scale = Math.max(picture.widthPx, picture.heightPx) / longestSidePx;
  if (scale <= 1) return picture;
  const widthPx = Math.max(1, Math.round(picture.widthPx / scale));
  const heightPx = Math.max(1, Math.round(picture.heightPx / scale));
  const rgba = new Uint8Array(widthPx * heightPx * 4);
  for (let y = 0; y < heightPx; y++) {
    const rows = boxOf(y, heightPx, picture.heightPx);
    for (let x = 0; x < widthPx; x++) {
      const columns = boxOf(x, widthPx, picture.widthPx);
      rgba.set(meanOf(picture, columns, rows), (y * widthPx + x) * 4);
    }
  }
  return { rgba, widthPx, heightPx };
}

type Range = readonly [start: number, end: number];

function boxOf(index: number, count: number, of: number): Range {
  const start = Math.floor((index * of) / count);
  return [start, Math.max(start + 1, Math.floor(((index + 1) * of) / count))];
}

function meanOf({ rgba, widthPx }: Picture, [left, right]: Range, [top, bottom]: Range): readonly number[] {
  const sums = [0, 0, 0];
  let alpha = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * widthPx + x) * 4;
      const weight = rgba[at + 3]!;
      for (let channel = 0; channel < 3; channel++) sums[channel]! += rgba[at + channel]! * weight;
      alpha += weight;
    }
  }
  if (alpha === 0) return [0, 0, 0, 0];
  return [...sums.map((sum) => sum / alpha), alpha / ((right - left) * (bottom - top))].map(Math.round);
}

/** A result of the daemon that was asked for as `rgba8`. */
export const pictureOf = ({ bytes, width, height }: ReceivedImage): Picture => ({
  rgba: bytes,
  widthPx: width,
  heightPx: height,
});

/** A part of a picture, which must lie inside of it. */
export function cutPicture(
  { rgba, widthPx }: Picture,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): Picture {
  const part = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * widthPx + x) * 4;
    part.set(rgba.subarray(start, start + width * 4), row * width * 4);
  }
  return { rgba: part, widthPx: width, heightPx: height };
}
