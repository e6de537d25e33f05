/**
 * A smaller copy of a layer, for previews: every pixel is the mean of the block it stands for, weighted by alpha.
 *
 * Blocks have whole pixels, so a factor that is not whole gives blocks that differ by one pixel: invisible in a preview, and
 * quick enough to be made while somebody drags a slider. Results of full size are never made from it.
 */
import type { PixelImage } from './pixel-image.js';

/** The layer with its longer side at most `side` pixels; the same object when it is that small already. */
export function shrinkToSide(image: PixelImage, side: number): PixelImage {
  const factor = side / Math.max(image.width, image.height);
  if (factor >= 1) return image;
  const width = Math.max(1, Math.round(image.width * factor));
  const height = Math.max(1, Math.round(image.height * factor));
  const columns = blockEdges(image.width, width);
  const rows = blockEdges(image.height, height);
  const data = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      meanOfBlock(
        image,
        columns[x] as number,
        columns[x + 1] as number,
        rows[y] as number,
        rows[y + 1] as number,
      ).forEach((value, channel) => (data[4 * (y * width + x) + channel] = value));
    }
  }
  return { width, height, data };
}

/** Where `count` blocks of `size` pixels begin and end: `count + 1` whole numbers, growing. */
function blockEdges(size: number, count: number): Int32Array {
  return Int32Array.from({ length: count + 1 }, (_, i) => Math.floor((i * size) / count));
}

/** Mean of the pixels in [left, right) × [top, bottom): straight alpha, colours weighted by alpha. */
function meanOfBlock(
  { width, data }: PixelImage,
  left: number,
  right: number,
  top: number,
  bottom: number,
): [number, number, number, number] {
  let [red, green, blue, alpha] = [0, 0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let at = 4 * (y * width + left); at < 4 * (y * width + right); at += 4) {
      const weight = data[at + 3] as number;
      red += weight * (data[at] as number);
      green += weight * (data[at + 1] as number);
      blue += weight * (data[at + 2] as number);
      alpha += weight;
    }
  }
  const count = (right - left) * (bottom - top);
  const mean = (sum: number): number => (alpha === 0 ? 0 : Math.round(sum / alpha));
  return [mean(red), mean(green), mean(blue), Math.round(alpha / count)];
}
