/**
 * From two texts to a direction in DeltaSpace: Δt = t_target − t_source (DeltaEdit §3.2, "Text-prompt Setting").
 *
 * A text's embedding is the average over prompt templates, as in CLIP's zero-shot recipe; the paper does not mention it,
 * the reference code does it. Both norms of Δt matter later: relevance uses Δt as it is, the mapper its unit vector.
 */
import { difference, expectLength, unit } from './vectors.js';

/** Smallest norm a direction is divided by (reference code). */
export const directionFloor = 1e-5;

/** The prompts of a text: every template with its `{}` replaced. */
export function promptsFor(text: string, templates: readonly string[]): string[] {
  return templates.map((template) => template.replaceAll('{}', () => text));
}

/**
 * Text embedding from the raw features of its prompts, [T, D] flat: each is scaled to unit length, they are averaged, and the
 * mean is scaled to unit length.
 */
export function meanUnitFeature(features: Float32Array, embedDim: number): Float32Array {
  const count = features.length / embedDim;
  expectLength(features, Math.max(1, Math.floor(count)) * embedDim, 'meanUnitFeature features');
  const sum = new Float64Array(embedDim);
  for (let row = 0; row < count; row++) {
    unit(features.subarray(row * embedDim, (row + 1) * embedDim)).forEach((value, i) => ((sum[i] as number) += value));
  }
  return unit(Float32Array.from(sum, (value) => value / count));
}

/** Δt [D], not normalised, from two unit text embeddings. */
export function textDirection(target: Float32Array, source: Float32Array): Float32Array {
  return difference(target, source);
}

/** Δ / max(‖Δ‖, 1e-5): the direction as the mapper takes it. */
export function unitDirection(delta: Float32Array): Float32Array {
  return unit(delta, directionFloor);
}
