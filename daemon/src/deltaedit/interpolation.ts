/**
 * Between two codes: straight lines (Fig. 10, Fig. 13a), arcs (Fig. 13b, for the noise of a diffusion decoder), and mixing of
 * W+ rows (Fig. 15). Direction: weight 0 is the first code, weight 1 the second.
 */
import { EditError } from './edit-error.js';
import { dot, expectLength, length } from './vectors.js';

/** Sine of the angle below which an arc is taken as straight: the vectors are parallel or opposite. */
const straightSine = 1e-6;

/** (1 − weight)·a + weight·b, for codes of one length. The paper's s^λ and s^ω. */
export function lerp(a: Float32Array, b: Float32Array, weight: number): Float32Array {
  expectLength(b, a.length, 'second code');
  return a.map((value, i) => (1 - weight) * value + weight * (b[i] as number));
}

/** Spherical interpolation of the flattened vectors; a straight line when they are nearly parallel or opposite. */
export function slerp(a: Float32Array, b: Float32Array, weight: number): Float32Array {
  expectLength(b, a.length, 'second code');
  const cosine = Math.min(1, Math.max(-1, dot(a, b) / (length(a) * length(b))));
  const angle = Math.acos(cosine);
  const sine = Math.sin(angle);
  if (!(sine > straightSine)) return lerp(a, b, weight);
  const [first, second] = [Math.sin((1 - weight) * angle) / sine, Math.sin(weight * angle) / sine];
  return a.map((value, i) => first * value + second * (b[i] as number));
}

/** `steps` weights from 0 to 1, both included. Throws EditError unless there are two or more. */
export function interpolationWeights(steps: number): number[] {
  if (!Number.isInteger(steps) || steps < 2)
    throw new EditError('edit_failed', `an interpolation has 2 or more steps, got ${steps}`);
  return Array.from({ length: steps }, (_, i) => i / (steps - 1));
}

/** W+ [rows · width] with rows below `fromRow` of the content and the others of the style. */
export function mixRows(content: Float32Array, style: Float32Array, rows: number, fromRow: number): Float32Array {
  expectLength(style, content.length, 'style code');
  if (!Number.isInteger(fromRow) || fromRow < 0 || fromRow > rows)
    throw new Error(`style mixing starts at row 0 to ${rows}, got ${fromRow}`);
  const mixed = content.slice();
  const start = (content.length / rows) * fromRow;
  mixed.set(style.subarray(start), start);
  return mixed;
}
