/** Pyramid levels of `getPixels` with `targetSize`: halved as often as the target allows, then scaled by the nearest pixel. */
import type { Raster } from './document-state.js';
import { areaOf, emptyLike, heightOf, widthOf } from './samples.js';

export function pyramidLevel(
  picture: Raster,
  target: { width?: number; height?: number } | undefined,
): { level: number; picture: Raster } {
  const [width, height] = [widthOf(picture.bounds), heightOf(picture.bounds)];
  if (target === undefined || areaOf(picture.bounds) === 0) return { level: 0, picture };
  const factor = Math.min(1, (target.width ?? Infinity) / width, (target.height ?? Infinity) / height);
  const [outWidth, outHeight] = [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
  const { components } = picture;
  const samples = emptyLike(picture.samples, outWidth * outHeight * components);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const from = (Math.floor((y * height) / outHeight) * width + Math.floor((x * width) / outWidth)) * components;
      samples.set(picture.samples.subarray(from, from + components), (y * outWidth + x) * components);
    }
  }
  const level = Math.max(0, Math.floor(Math.log2(1 / factor)));
  return { level, picture: { bounds: { left: 0, top: 0, right: outWidth, bottom: outHeight }, components, samples } };
}
