/**
 * A layer as networks see it, and a network's picture as a layer.
 *
 * Networks take square images of a fixed side. A layer is centred in a square as large as its longer side (its border pixels
 * are repeated outwards), flattened onto white where it is transparent, and resampled.
 */
import { axisTaps, resamplePlanes, wholeAxis, type AxisWindow } from './resample.js';
import type { PixelImage } from './pixel-image.js';

/** Where a layer lies inside the square that the network sees; windows are in layer pixels. */
export interface SquareFrame {
  readonly columns: AxisWindow;
  readonly rows: AxisWindow;
}

/** The frame of a layer of this size. */
export function squareFrame({ width, height }: Pick<PixelImage, 'width' | 'height'>): SquareFrame {
  const size = Math.max(width, height);
  const window = (count: number): AxisWindow => ({ size, offset: Math.floor((size - count) / 2), count });
  return { columns: window(width), rows: window(height) };
}

/** Layer → network image [3, side, side], RGB, [-1, 1], as flat planes the caller owns. */
export function toNetworkImage(image: PixelImage, side: number): Float32Array {
  const frame = squareFrame(image);
  const columns = axisTaps(frame.columns, wholeAxis(side));
  const rows = axisTaps(frame.rows, wholeAxis(side));
  const planes = resamplePlanes(flattened(image), 3, image.width, rows, columns);
  // Cubic weights overshoot at edges.
  for (let i = 0; i < planes.length; i++) planes[i] = Math.min(1, Math.max(-1, planes[i] as number));
  return planes;
}

/** Network planes [3, side, side] → planes [3, height, width] at the layer's size. Values are not clamped. */
export function toLayerPlanes(
  planes: Float32Array,
  side: number,
  image: Pick<PixelImage, 'width' | 'height'>,
): Float32Array {
  const frame = squareFrame(image);
  return resamplePlanes(
    planes,
    3,
    side,
    axisTaps(wholeAxis(side), frame.rows),
    axisTaps(wholeAxis(side), frame.columns),
  );
}

/** Network planes [3, side, side] in [-1, 1] (clamped, rounded) → opaque square picture. */
export function pictureOf(planes: Float32Array, side: number): PixelImage {
  const data = new Uint8Array(4 * side * side).fill(255);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < side * side; i++) data[4 * i + channel] = toByte(planes[channel * side * side + i] as number);
  }
  return { width: side, height: side, data };
}

/** Network planes [3, side, side] in [-1, 1] as a picture of the layer's size, with the layer's alpha. */
export function layerPicture(planes: Float32Array, side: number, layer: PixelImage): PixelImage {
  const resampled = toLayerPlanes(planes, side, layer);
  const count = layer.width * layer.height;
  const data = layer.data.slice();
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < count; i++) data[4 * i + channel] = toByte(resampled[channel * count + i] as number);
  }
  return { ...layer, data };
}

/** [-1, 1] → 0…255, clamped and rounded to nearest. */
export function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
}

/** RGBA bytes → planes [3, height, width] in [-1, 1], flattened onto white. */
function flattened({ width, height, data }: PixelImage): Float32Array {
  const count = width * height;
  const planes = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const alpha = (data[4 * i + 3] as number) / 255;
    for (let channel = 0; channel < 3; channel++) {
      planes[channel * count + i] = alpha * ((data[4 * i + channel] as number) / 127.5 - 1) + (1 - alpha);
    }
  }
  return planes;
}
