/**
 * Crops that are too large to send: their reduction, tile by tile, and where a reduced pixel lies.
 *
 * A crop is reduced by a whole factor k: pixel (i, j) of the sent picture is the mean of the k × k document pixels from
 * (k·i, k·j) on, fewer at the right and bottom edge. So its centre is at k·(i + ½) of the crop, which is what `magnify` of the
 * difference relies on. The host's own scaling (`targetSize`) is not used: it goes through pyramid levels whose alignment is not
 * documented, and half a pixel of it would be seen as a ghost.
 *
 * Colour is averaged weighted by alpha, so that transparent pixels do not darken the edge. The means are taken of encoded
 * sRGB; that is not the mean of light, but the difference is added to the same encoding, so nothing shifts.
 */
import { protocolLimits } from '@deltaspace/shared-protocol';
import type { Bounds, CoverageBlock, PixelBlock } from '../host/photoshop-port.js';
import { heightOf, intersect, widthOf } from './bounds.js';

export const captureLimits = {
  /**
   * Pixels of one sent picture. Far below `protocolLimits.imagePixels`: sent and edited picture are both held by the plugin,
   * 4 bytes a pixel each, and Photoshop warns at about 600 MB. The networks look at 1024 × 1024 at most.
   */
  sentPixels: Math.min(16 * 1024 * 1024, protocolLimits.imagePixels),
  /** Longest side of a sent picture, in pixels. */
  sentSidePx: protocolLimits.imageSide,
  /** Side of the tiles in which pixels are read and written, in pixels: 16 MB at 32 bit. */
  tileSidePx: 1024,
} as const;

/** How large the picture is that stands for a crop. */
export interface SentSize {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Document pixels per sent pixel, along each side. */
  readonly factor: number;
}

/** The smallest factor by which a crop fits the limits. */
export function sentSizeOf(crop: Bounds, limits: { sentPixels: number; sentSidePx: number } = captureLimits): SentSize {
  for (let factor = 1; ; factor++) {
    const widthPx = Math.ceil(widthOf(crop) / factor);
    const heightPx = Math.ceil(heightOf(crop) / factor);
    const fits = widthPx * heightPx <= limits.sentPixels && Math.max(widthPx, heightPx) <= limits.sentSidePx;
    if (fits) return { widthPx, heightPx, factor };
  }
}

/** The side of tiles whose edges fall between sent pixels. */
export const tileSideFor = (factor: number): number =>
  Math.max(1, Math.floor(captureLimits.tileSidePx / factor)) * factor;

/**
 * Lays a tile of document pixels, reduced, into the sent picture. Tiles start at multiples of the factor.
 * @param rgba the sent picture, `[heightPx, widthPx, 4]`, 0..255, alpha not premultiplied; zero where nothing was laid.
 * @param block RGB or RGBA, 8 bit; may be smaller than the tile it was read for.
 */
export function layTile(rgba: Uint8Array, size: SentSize, crop: Bounds, tile: Bounds, block: PixelBlock): void {
  const { factor, widthPx } = size;
  forEachCell(tile, crop, factor, (cell, i, j) => {
    const part = intersect(cell, block.bounds);
    const mean = meanOf(block, part, widthOf(cell) * heightOf(cell));
    if (mean !== undefined) rgba.set(mean, (j * widthPx + i) * 4);
  });
}

/** Like `layTile`, of a selection: one byte a pixel, 0..255. */
export function layCoverage(out: Uint8Array, size: SentSize, crop: Bounds, tile: Bounds, block: CoverageBlock): void {
  const blockWidth = widthOf(block.bounds);
  forEachCell(tile, crop, size.factor, (cell, i, j) => {
    const part = intersect(cell, block.bounds);
    let sum = 0;
    for (let y = part.top; y < part.bottom; y++) {
      for (let x = part.left; x < part.right; x++) {
        sum += block.samples[(y - block.bounds.top) * blockWidth + x - block.bounds.left]!;
      }
    }
    out[j * size.widthPx + i] = Math.round(sum / (widthOf(cell) * heightOf(cell)));
  });
}

function forEachCell(
  tile: Bounds,
  crop: Bounds,
  factor: number,
  visit: (cell: Bounds, i: number, j: number) => void,
): void {
  for (let top = tile.top; top < tile.bottom; top += factor) {
    for (let left = tile.left; left < tile.right; left += factor) {
      const cell = {
        left,
        top,
        right: Math.min(left + factor, tile.right),
        bottom: Math.min(top + factor, tile.bottom),
      };
      visit(cell, (left - crop.left) / factor, (top - crop.top) / factor);
    }
  }
}

function meanOf(block: PixelBlock, part: Bounds, cellPixels: number): [number, number, number, number] | undefined {
  const { bounds, components, samples } = block;
  const rowLength = widthOf(bounds) * components;
  let [red, green, blue, alpha] = [0, 0, 0, 0];
  for (let y = part.top; y < part.bottom; y++) {
    let at = (y - bounds.top) * rowLength + (part.left - bounds.left) * components;
    for (let x = part.left; x < part.right; x++, at += components) {
      const weight = components === 4 ? samples[at + 3]! : 255;
      red += samples[at]! * weight;
      green += samples[at + 1]! * weight;
      blue += samples[at + 2]! * weight;
      alpha += weight;
    }
  }
  if (alpha === 0) return undefined;
  return [Math.round(red / alpha), Math.round(green / alpha), Math.round(blue / alpha), Math.round(alpha / cellPixels)];
}
