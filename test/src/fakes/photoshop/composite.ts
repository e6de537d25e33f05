/**
 * What a document of the fake Photoshop looks like: layers from the bottom to the top with opacity, masks and clipping groups.
 *
 * Blend modes other than normal are shown as normal. Nothing is rounded where the upper layer is fully transparent or fully
 * opaque, so "looks the same there" can be tested bit by bit.
 */
import { colourCount } from './colour.js';
import type { DocumentHeader, DocumentState, LayerState, Raster } from './document-state.js';
import { pixelSpaceOf } from './pixel-space.js';
import { areaOf, emptyLike, widthOf } from './samples.js';

const scaleOf = { 8: 255, 16: 32_768, 32: 1 } as const;

/** The visible picture with alpha, of the canvas' size. */
export function composite(header: DocumentHeader, { layers }: DocumentState): Raster {
  const bounds = { left: 0, top: 0, right: header.width, bottom: header.height };
  const model = header.depth === 8 ? new Uint8Array() : header.depth === 16 ? new Uint16Array() : new Float32Array();
  const components = colourCount(pixelSpaceOf(header)) + 1;
  const canvas = { bounds, components, samples: emptyLike(model, areaOf(bounds) * components) };
  drawAll(canvas, layers, scaleOf[header.depth]);
  return canvas;
}

function drawAll(canvas: Raster, layers: readonly LayerState[], scale: number): void {
  let base: LayerState | undefined;
  for (const layer of layers.toReversed()) {
    if (!layer.isClipped) base = layer;
    if (!layer.isVisible || (layer.isClipped && base?.isVisible === false)) continue;
    if (layer.children !== undefined) drawAll(canvas, layer.children, scale);
    else drawLayer(canvas, layer, layer.isClipped ? base : undefined, scale);
  }
}

/** How much of a layer shows at a pixel, 0..1: its alpha, opacity and mask. */
function shownAt(layer: LayerState, x: number, y: number, scale: number): number {
  const at = pixelAt(layer.raster, x, y);
  if (at === undefined) return 0;
  const { components, samples } = layer.raster!;
  const alpha = components % 2 === 0 ? samples[at + components - 1]! / scale : 1;
  return (alpha * layer.opacity * maskAt(layer, x, y)) / 255;
}

function maskAt({ mask }: LayerState, x: number, y: number): number {
  if (mask === undefined) return 1;
  const { left, top, right, bottom } = mask.bounds;
  const isInside = x >= left && x < right && y >= top && y < bottom;
  return (isInside ? mask.samples[(y - top) * (right - left) + x - left]! : mask.outside) / 255;
}

function pixelAt(raster: Raster | undefined, x: number, y: number): number | undefined {
  if (raster === undefined) return undefined;
  const { left, top, right, bottom } = raster.bounds;
  if (x < left || y < top || x >= right || y >= bottom) return undefined;
  return ((y - top) * widthOf(raster.bounds) + x - left) * raster.components;
}

function drawLayer(canvas: Raster, layer: LayerState, base: LayerState | undefined, scale: number): void {
  const { components, samples, bounds } = canvas;
  const round = (value: number): number => (scale === 1 ? value : Math.round(value));
  for (let y = 0; y < bounds.bottom; y++) {
    for (let x = 0; x < bounds.right; x++) {
      const own = shownAt(layer, x, y, scale);
      // A clipped layer changes the colour of its base and leaves its alpha.
      const shown = base === undefined ? own : own * shownAt(base, x, y, scale);
      if (shown === 0) continue;
      const at = (y * bounds.right + x) * components;
      const from = pixelAt(layer.raster, x, y)!;
      const below = samples[at + components - 1]! / scale;
      const alpha = base === undefined ? shown + below * (1 - shown) : below;
      if (alpha === 0) continue;
      const weight = base === undefined ? shown / alpha : Math.min(1, shown / alpha);
      for (let channel = 0; channel < components - 1; channel++) {
        const [upper, lower] = [layer.raster!.samples[from + channel]!, samples[at + channel]!];
        samples[at + channel] =
          weight === 1 ? upper : upper === lower ? lower : round(upper * weight + lower * (1 - weight));
      }
      samples[at + components - 1] = round(alpha * scale);
    }
  }
}
