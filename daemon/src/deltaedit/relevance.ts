/**
 * Disentanglement (DeltaEdit §3.2): channels of S that have little to do with the text stay as they are.
 *
 * r = R_s · Δt with Δt *not* normalised: the threshold therefore depends on how far the two texts are apart, as in the
 * reference code. StyleCLIP's β acts on the unit Δt; equal numbers are not equal thresholds.
 */
import { expectLength } from './vectors.js';

/** Relevance of every style channel, [S], from R_s [S, D] (flat) and Δt [D]. */
export function channelRelevance(relevanceMatrix: Float32Array, delta: Float32Array): Float32Array {
  const embedDim = delta.length;
  const channels = relevanceMatrix.length / embedDim;
  expectLength(relevanceMatrix, Math.floor(channels) * embedDim, 'relevance matrix');
  // Plain loops: this runs for every edit, and a view per channel costs more than its products.
  const relevance = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const row = channel * embedDim;
    // Two sums, so that one addition need not wait for the other.
    let [even, odd] = [0, 0];
    let d = 0;
    for (; d + 1 < embedDim; d += 2) {
      even += (relevanceMatrix[row + d] as number) * (delta[d] as number);
      odd += (relevanceMatrix[row + d + 1] as number) * (delta[d + 1] as number);
    }
    if (d < embedDim) even += (relevanceMatrix[row + d] as number) * (delta[d] as number);
    relevance[channel] = even + odd;
  }
  return relevance;
}

/** Mask [S]: 1 where |relevance| ≥ τ, 0 elsewhere. */
export function thresholdMask(relevance: Float32Array, threshold: number): Uint8Array {
  const mask = new Uint8Array(relevance.length);
  for (let channel = 0; channel < mask.length; channel++)
    if (Math.abs(relevance[channel] as number) >= threshold) mask[channel] = 1;
  return mask;
}

/** Mask [S] of the `count` most relevant channels, all when there are fewer; ties go to the lower channel. */
export function topChannelsMask(relevance: Float32Array, count: number): Uint8Array {
  if (!Number.isInteger(count) || count < 0) throw new Error(`topChannelsMask: expected a count from 0, got ${count}`);
  const strongest = [...relevance.keys()].sort(
    (a, b) => Math.abs(relevance[b] as number) - Math.abs(relevance[a] as number) || a - b,
  );
  const mask = new Uint8Array(relevance.length);
  for (const channel of strongest.slice(0, count)) mask[channel] = 1;
  return mask;
}

/** Number of channels a mask keeps. */
export function channelsKept(mask: Uint8Array): number {
  return mask.reduce((total, value) => total + value, 0);
}
