/**
 * A rectangle of a layer as a picture of its own, and back: how one of several subjects is edited while the rest stays.
 *
 * An edit may reach the border of its rectangle. Towards borders inside the layer its change fades out, so that no seam
 * shows; borders that are the layer's own are no seam.
 */
import { pixelImage, type PixelImage } from './pixel-image.js';

/** Pixels from the top left; inside the layer. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Width of the fading, as a share of the rectangle's shorter side. */
const fadingShare = 1 / 16;

/** Whether a rectangle of at least one pixel lies inside a layer. */
export function isInside({ x, y, width, height }: Region, layer: Pick<PixelImage, 'width' | 'height'>): boolean {
  return x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= layer.width && y + height <= layer.height;
}

/** The pixels of a rectangle, as a picture the caller owns. */
export function cropRegion(layer: PixelImage, region: Region): PixelImage {
  assertInside(region, layer);
  const { x, y, width, height } = region;
  const data = new Uint8Array(4 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 4 * ((y + row) * layer.width + x);
    data.set(layer.data.subarray(from, from + 4 * width), 4 * row * width);
  }
  return pixelImage(width, height, data);
}

/** A copy of the layer with the edited rectangle in it. Alpha stays the layer's; pixels outside are untouched. */
export function pasteRegion(layer: PixelImage, edited: PixelImage, region: Region): PixelImage {
  assertInside(region, layer);
  const { x, y, width, height } = region;
  if (edited.width !== width || edited.height !== height) {
    throw new Error(`pasteRegion: expected ${width} × ${height} pixels, got ${edited.width} × ${edited.height}`);
  }
  const columns = fading(width, x > 0, x + width < layer.width, region);
  const rows = fading(height, y > 0, y + height < layer.height, region);
  const data = layer.data.slice();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const to = 4 * ((y + row) * layer.width + x + column);
      const from = 4 * (row * width + column);
      const share = Math.min(columns[column] as number, rows[row] as number);
      for (let channel = 0; channel < 3; channel++) {
        const own = data[to + channel] as number;
        data[to + channel] = Math.round(own + share * ((edited.data[from + channel] as number) - own));
      }
    }
  }
  return { ...layer, data };
}

/** Share of the edit along one axis: 1 inside, towards 0 at those ends where the layer goes on. */
function fading(length: number, before: boolean, after: boolean, { width, height }: Region): Float32Array {
  const reach = Math.max(1, Math.min(width, height) * fadingShare);
  return Float32Array.from({ length }, (_, i) => {
    const near = before ? (i + 0.5) / reach : 1;
    const far = after ? (length - i - 0.5) / reach : 1;
    return Math.min(1, near, far);
  });
}

function assertInside(region: Region, layer: PixelImage): void {
  if (isInside(region, layer)) return;
  throw new Error(`expected a region inside ${layer.width} × ${layer.height}, got ${JSON.stringify(region)}`);
}
