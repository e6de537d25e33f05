/**
 * Pixel metrics between images as networks give them: planes `[3, H, W]` in [-1, 1]. Values outside are clamped first, as a
 * viewer would. The metrics themselves are in `metrics/`; PSNR and SSIM are taken on [0, 1], SSIM in DiffAE's variant.
 */
import { meanSquaredError, peakSignalToNoise, ssimZeroPadded } from './metrics/index.js';

/** [-1, 1] → [0, 1], clamped. */
function unitRange(planes: Float32Array): Float64Array {
  const values = new Float64Array(planes.length);
  // A plain loop: `from` with a function took a third of the search of α and β.
  for (let i = 0; i < values.length; i++) values[i] = Math.max(0, Math.min(1, ((planes[i] as number) + 1) / 2));
  return values;
}

/** Mean squared error on [0, 1]. */
export function meanSquaredPixelError(a: Float32Array, b: Float32Array): number {
  return meanSquaredError(unitRange(a), unitRange(b));
}

/** Peak signal-to-noise ratio in dB; identical images give 100. */
export function psnr(a: Float32Array, b: Float32Array): number {
  return peakSignalToNoise(meanSquaredPixelError(a, b));
}

/** Structural similarity of two square images, mean over pixels and channels. */
export function ssim(a: Float32Array, b: Float32Array, side: number): number {
  const planes = (data: Float32Array) => ({ channels: 3, width: side, height: side, data: unitRange(data) });
  return ssimZeroPadded(planes(a), planes(b));
}
