/**
 * Adds a difference to one sample, at the depth of the document, in sRGB.
 *
 * At 8 and 16 bit, samples are encoded sRGB. At 32 bit Photoshop's samples are linear light, so the sample is encoded, changed and
 * decoded; values above 1 (and below 0) are kept as they are by continuing the curve, and a difference of zero returns the
 * very same sample at every depth.
 */
import type { BitDepth } from '../host/photoshop-port.js';

/** The sample that stands for white, and for full alpha. */
export const fullScale: Readonly<Record<BitDepth, number>> = { 8: 255, 16: 32_768, 32: 1 };

/** Adds `difference` (of 255 levels, fractions allowed) to an sRGB sample of that depth. */
export function addDifference(sample: number, difference: number, bitDepth: BitDepth): number {
  if (difference === 0) return sample;
  if (bitDepth === 32) return toLight(Math.max(Math.min(0, toEncoded(sample)), toEncoded(sample) + difference / 255));
  const scale = fullScale[bitDepth];
  return Math.min(scale, Math.max(0, Math.round(sample + (difference * scale) / 255)));
}

/** Linear light to encoded sRGB (IEC 61966-2-1), odd and without an upper end. */
export function toEncoded(light: number): number {
  const size = Math.abs(light);
  const encoded = size <= 0.003_130_8 ? size * 12.92 : 1.055 * size ** (1 / 2.4) - 0.055;
  return Math.sign(light) * encoded;
}

/** The reverse of `toEncoded`. */
export function toLight(encoded: number): number {
  const size = Math.abs(encoded);
  const light = size <= 0.040_45 ? size / 12.92 : ((size + 0.055) / 1.055) ** 2.4;
  return Math.sign(encoded) * light;
}
