/**
 * Pictures between two layers (Fig. 13): the decoded code between them, plus what decoding loses of either, each in the share
 * that the frame has of it. The first frame is then the first layer exactly, and the last one what the network sees of the
 * second, at the first one's size and alpha.
 */
import { toByte, toLayerPlanes, type PixelImage } from '../imaging/index.js';

/** The two ends; network planes are [3, side, side]. */
export interface LayerEnds {
  readonly first: PixelImage;
  readonly firstReconstruction: Float32Array;
  /** The second layer as the network sees it. */
  readonly second: Float32Array;
  readonly secondReconstruction: Float32Array;
}

/** The frame at `weight` (0 is the first layer) whose code decoded to `planes` [3, side, side]. */
export function betweenLayers(ends: LayerEnds, planes: Float32Array, weight: number, side: number): PixelImage {
  const { first, firstReconstruction, second, secondReconstruction } = ends;
  const rest = planes.map(
    (value, i) =>
      value -
      (1 - weight) * (firstReconstruction[i] as number) +
      weight * ((second[i] as number) - (secondReconstruction[i] as number)),
  );
  const shifted = toLayerPlanes(rest, side, first);
  const count = first.width * first.height;
  const data = first.data.slice();
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < count; i++) {
      const own = (first.data[4 * i + channel] as number) / 127.5 - 1;
      data[4 * i + channel] = toByte((1 - weight) * own + (shifted[channel * count + i] as number));
    }
  return { ...first, data };
}
