/**
 * StyleCLIP's global directions (Patashnik et al. 2021), the classical baseline: no mapper, only the relevance matrix.
 *
 * Here Δt is normalised before relevance is taken, unlike in DeltaEdit.
 */
import { channelRelevance, thresholdMask, topChannelsMask } from './relevance.js';
import { unitDirection } from './text-direction.js';
import { expectLength } from './vectors.js';

/** A direction in S, [S], and how many channels it moves. */
export interface GlobalDirection {
  readonly direction: Float32Array;
  readonly channels: number;
}

/**
 * Relevance with unit Δt, zero where |·| < β, divided by the largest, times σ of the channel.
 * When no channel reaches β the direction is zero (the reference divides 0 by 0 there). With `topChannels` the most relevant
 * channels are kept instead, however many reach β.
 */
export function globalDirection(
  relevanceMatrix: Float32Array,
  delta: Float32Array,
  styleStd: Float32Array,
  beta: number,
  topChannels?: number,
): GlobalDirection {
  const relevance = channelRelevance(relevanceMatrix, unitDirection(delta));
  expectLength(styleStd, relevance.length, 'styleStd');
  const mask = topChannels === undefined ? thresholdMask(relevance, beta) : topChannelsMask(relevance, topChannels);
  const kept = relevance.map((value, i) => (mask[i] === 1 ? value : 0));
  const largest = kept.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const direction = kept.map((value, i) => (largest === 0 ? 0 : (value / largest) * (styleStd[i] as number)));
  return { direction, channels: kept.reduce((total, value) => total + (value === 0 ? 0 : 1), 0) };
}
