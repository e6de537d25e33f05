/**
 * The edited style code: ŝ = s + ρ·(m ⊙ Δŝ). The paper has ρ = 1 (Eq. 4 and below); users need the slider.
 */
import { expectLength } from './vectors.js';

/** Range every style channel is kept in, [S] each. */
export interface StyleBounds {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/**
 * ŝ [S] from s [S], Δŝ [S], a mask [S] of 0 and 1, and the strength ρ.
 * With bounds, a channel that the edit would push out of its range stops at the border (or at s, when s itself is outside).
 */
export function applyDelta(
  s: Float32Array,
  deltaStyle: Float32Array,
  mask: Uint8Array,
  strength: number,
  bounds?: StyleBounds,
): Float32Array {
  expectLength(deltaStyle, s.length, 'deltaStyle');
  expectLength(mask, s.length, 'mask');
  return s.map((value, channel) => {
    const edited = mask[channel] === 0 ? value : value + strength * (deltaStyle[channel] as number);
    if (bounds === undefined) return edited;
    const low = Math.min(value, bounds.low[channel] as number);
    const high = Math.max(value, bounds.high[channel] as number);
    return Math.min(high, Math.max(low, edited));
  });
}

/** How far a style code moved: root mean square of (ŝ − s)/σ over all channels. 0 means no edit at all. */
export function styleReach(s: Float32Array, edited: Float32Array, styleStd: Float32Array): number {
  expectLength(edited, s.length, 'edited');
  let sum = 0;
  for (let i = 0; i < s.length; i++) {
    sum += (((edited[i] as number) - (s[i] as number)) / Math.max(styleStd[i] as number, 1e-6)) ** 2;
  }
  return Math.sqrt(sum / s.length);
}
