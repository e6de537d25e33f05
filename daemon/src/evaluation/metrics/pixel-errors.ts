/** Pixel by pixel: mean squared and absolute error, and the signal-to-noise ratio that follows from the former. */

/** Mean of (a − b)² over all numbers. Throws when their counts differ. */
export function meanSquaredError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return meanOver(a, b, (difference) => difference * difference);
}

/** Mean of |a − b| over all numbers. Throws when their counts differ. */
export function meanAbsoluteError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return meanOver(a, b, Math.abs);
}

/** Peak signal-to-noise ratio in dB, from a mean squared error on [0, 1]. Errors below 1e-10 count as 1e-10: 100 dB. */
export function peakSignalToNoise(squaredError: number): number {
  return -10 * Math.log10(Math.max(squaredError, 1e-10));
}

function meanOver(a: ArrayLike<number>, b: ArrayLike<number>, loss: (difference: number) => number): number {
  if (a.length !== b.length) throw new Error(`images differ in size: ${a.length} and ${b.length} values`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += loss((a[i] as number) - (b[i] as number));
  return sum / a.length;
}
