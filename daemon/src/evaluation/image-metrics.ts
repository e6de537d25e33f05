/**
 * Pixel metrics between images as planes `[3, H, W]` in [-1, 1]; values outside are clamped first, as a viewer would.
 * PSNR and SSIM are taken on [0, 1], SSIM as in DiffAE's evaluation: 11×11 Gaussian of σ 1.5, zero padding, per channel.
 */

const clampUnit = (value: number): number => Math.max(0, Math.min(1, (value + 1) / 2));

/** Mean squared error on [0, 1]. */
export function meanSquaredPixelError(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`images differ in size: ${a.length} and ${b.length} values`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (clampUnit(a[i] ?? 0) - clampUnit(b[i] ?? 0)) ** 2;
  return sum / a.length;
}

/** Peak signal-to-noise ratio in dB; identical images give 100. */
export function psnr(a: Float32Array, b: Float32Array): number {
  return -10 * Math.log10(Math.max(meanSquaredPixelError(a, b), 1e-10));
}

const windowSize = 11;
const gaussian = (() => {
  const taps = Array.from({ length: windowSize }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
  const total = taps.reduce((x, y) => x + y, 0);
  return taps.map((tap) => tap / total);
})();

/** Separable Gaussian blur of one plane with zero padding. */
function blur(plane: Float64Array, side: number): Float64Array {
  const pass = (source: Float64Array, stepX: number, stepY: number): Float64Array => {
    const result = new Float64Array(source.length);
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let k = 0; k < windowSize; k++) {
          const [px, py] = [x + (k - 5) * stepX, y + (k - 5) * stepY];
          if (px >= 0 && px < side && py >= 0 && py < side) sum += (gaussian[k] ?? 0) * (source[py * side + px] ?? 0);
        }
        result[y * side + x] = sum;
      }
    return result;
  };
  return pass(pass(plane, 1, 0), 0, 1);
}

/** Structural similarity of two square images, mean over pixels and channels. */
export function ssim(a: Float32Array, b: Float32Array, side: number): number {
  const pixels = side * side;
  if (a.length !== 3 * pixels || b.length !== 3 * pixels) throw new Error(`expected 3×${side}×${side} values`);
  let total = 0;
  for (let channel = 0; channel < 3; channel++) {
    const plane = (image: Float32Array) =>
      Float64Array.from({ length: pixels }, (_, i) => clampUnit(image[channel * pixels + i] ?? 0));
    const [x, y] = [plane(a), plane(b)];
    const product = (p: Float64Array, q: Float64Array) =>
      blur(
        p.map((value, i) => value * (q[i] ?? 0)),
        side,
      );
    const [mx, my, xx, yy, xy] = [blur(x, side), blur(y, side), product(x, x), product(y, y), product(x, y)];
    for (let i = 0; i < pixels; i++) {
      const [ux, uy] = [mx[i] ?? 0, my[i] ?? 0];
      const [vx, vy, cxy] = [(xx[i] ?? 0) - ux * ux, (yy[i] ?? 0) - uy * uy, (xy[i] ?? 0) - ux * uy];
      total += ((2 * ux * uy + 1e-4) * (2 * cxy + 9e-4)) / ((ux * ux + uy * uy + 1e-4) * (vx + vy + 9e-4));
    }
  }
  return total / (3 * pixels);
}
