/** Learning-rate schedules as graph fragments of the 1-based step (a float32 scalar). Each returns a factor in [0, 1]. */
import type { Value } from '../ir/graph.js';
import { add, clamp, cos, mul, sub } from '../ops/elementwise.js';

/** Rises linearly from 1/steps to 1 over the first `steps` steps. */
export function linearWarmup(step: Value, steps: number): Value {
  return clamp(mul(step, 1 / steps), 0, 1);
}

/** 1 until `start`, then half a cosine down to 0 at `end`. */
export function cosineDecay(step: Value, start: number, end: number): Value {
  const progress = clamp(mul(sub(step, start), 1 / (end - start)), 0, 1);
  return mul(add(cos(mul(progress, Math.PI)), 1), 0.5);
}
