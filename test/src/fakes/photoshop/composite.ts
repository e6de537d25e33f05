/**
 * What a document of the fake Photoshop looks like: layers from the bottom to the top with opacity, masks and clipping groups.
 *
 * In a whole document, blend modes other than normal are shown as normal; a group that is read by itself must not hold any.
 * Nothing is rounded where the upper layer is fully transparent or fully
 * opaque, so "looks the same there" can be tested bit by bit.
 */
import { colourCount } from './colour.js';
import type { DocumentHeader, DocumentState, LayerState, Raster } from './document-state.js';
import { pixelSpaceOf } from './pixel-space.js';
import { areaOf, emptyLike, widthOf, type Bounds } from './samples.js';
import { visibleBounds } from './visible-bounds.js';

const scaleOf = { 8: 255, 16: 32_768, 32: 1 } as const;

/** The visible picture with alpha, of the canvas' size. */
export function composite(header: DocumentHeader, { layers }: DocumentState): Raster {
  const canvas = blank(header, { left: 0, top: 0, right: header.width, bottom: header.height });
  drawAll(canvas, layers, header);
  return canvas;
}

/**
 * A group as one picture: its visible children as they look over nothing. Its own opacity and mask are not in it, as
 * those of a pixel layer are not in that one's pixels.
 */
export function renderGroup(header: DocumentHeader, group: LayerState): Raster {
  refuseBlending(group.children!);
  return drawnGroup(header, group);
}

function drawnGroup(header: DocumentHeader, group: LayerState): Raster {
  const canvas = blank(header, visibleBounds(group));
  drawAll(canvas, group.children!, header);
  return canvas;
}

function refuseBlending(layers: readonly LayerState[]): void {
  for (const { name, blendMode, children, kind } of layers) {
    const isPlain = blendMode === 'normal' || (children !== undefined && blendMode === 'passThrough');
    if (!isPlain || kind === 'curves') throw new Error(`the fake Photoshop cannot blend "${name}" within a group`);
    if (children !== undefined) refuseBlending(children);
  }
}

function blank(header: DocumentHeader, bounds: Bounds): Raster {
  const model = header.depth === 8 ? new Uint8Array() : header.depth === 16 ? new Uint16Array() : new Float32Array();
  const components = colourCount(pixelSpaceOf(header)) + 1;
  return { bounds, components, samples: emptyLike(model, areaOf(bounds) * components) };
}

function drawAll(canvas: Raster, layers: readonly LayerState[], header: DocumentHeader): void {
  const drawn = layers.map((layer) => (layer.children === undefined ? layer : { ...layer, raster: drawnGroup(header, layer) })); // prettier-ignore
  let base: LayerState | undefined;
  for (const layer of drawn.toReversed()) {
    if (!layer.isClipped) base = layer;
    if (!layer.isVisible || (layer.isClipped && base?.isVisible === false)) continue;
    drawLayer(canvas, layer, layer.isClipped ? base : undefined, scaleOf[header.depth]);
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
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      const own = shownAt(layer, x, y, scale);
      // A clipped layer changes the colour of its base and leaves its alpha.
      const shown = base === undefined ? own : own * shownAt(base, x, y, scale);
      if (shown === 0) continue;
      const at = ((y - bounds.top) * widthOf(bounds) + x - bounds.left) * components;
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
