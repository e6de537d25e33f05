/** The bounds of a layer as the DOM tells them: trimmed to what is not fully transparent. */
import type { LayerState, Raster } from './document-state.js';
import { nothing, trim, unite, type Bounds } from './samples.js';

const cache = new WeakMap<Raster, Bounds>();

export function visibleBounds({ raster, isBackground, children }: LayerState): Bounds {
  if (children !== undefined) {
    const parts = children
      .filter(({ isVisible }) => isVisible)
      .map(visibleBounds)
      .filter(({ left, right }) => right > left);
    return parts.length === 0 ? nothing : parts.reduce(unite);
  }
  if (raster === undefined) return nothing;
  if (isBackground) return raster.bounds;
  const known = cache.get(raster);
  if (known !== undefined) return known;
  const bounds = trim(raster, raster.bounds);
  cache.set(raster, bounds);
  return bounds;
}
