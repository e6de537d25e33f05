/**
 * The mapper's condition: [i ; Δ] (DeltaEdit, Eqs. 3 and 4), the image embedding first.
 *
 * Training puts Δi of an image pair into the second half, editing puts Δt of two texts there; that they are interchangeable
 * is the point of DeltaSpace.
 */
import { difference, unit } from './vectors.js';
import { unitDirection } from './text-direction.js';

/** Condition [2D] from a raw image feature and a direction; the former is scaled to unit length, the latter as for the mapper. */
export function editCondition(imageFeature: Float32Array, delta: Float32Array): Float32Array {
  return joined(unit(imageFeature), unitDirection(delta));
}

/** Condition of a training pair: source feature i₁ and Δi = i₂ − i₁ of the unit features. Takes raw features. */
export function pairCondition(first: Float32Array, second: Float32Array): Float32Array {
  const source = unit(first);
  return joined(source, unitDirection(difference(unit(second), source)));
}

/** Condition [i ; t] of the straightforward solution (DeltaEdit, Eqs. 1 and 2): absolute embeddings, no difference. */
export function straightforwardCondition(imageFeature: Float32Array, embedding: Float32Array): Float32Array {
  return joined(unit(imageFeature), unit(embedding));
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const condition = new Float32Array(first.length + second.length);
  condition.set(first);
  condition.set(second, first.length);
  return condition;
}
