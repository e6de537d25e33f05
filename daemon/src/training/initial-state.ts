/**
 * The state a run starts from: drawn weights, zero moments, averages equal to the weights.
 */

import { sizeOf, type ParameterSpec, type Tensor } from '@deltaspace/onnx-graph';
import type { TrainingSession } from '../runtime/index.js';
import { TrainingError } from './errors.js';
import { Random } from './random.js';

/**
 * Sets every tensor of the session. A parameter found in `initial` takes that value; any other is drawn from a generator
 * of its own, seeded by `seed` and the parameter's name, so that adding a parameter leaves the others as they were.
 * Throws 'training/invalid-options' when `initial` has a name the step lacks or another shape.
 */
export function setInitialState(
  session: TrainingSession,
  parameters: readonly ParameterSpec[],
  seed: number,
  initial: ReadonlyMap<string, Tensor> = new Map(),
): void {
  for (const name of initial.keys()) {
    if (!parameters.some((spec) => spec.name === name)) {
      throw new TrainingError('training/invalid-options', `initial has ${name}, which is no parameter of this step`);
    }
  }
  const known = new Set(session.stateNames);
  for (const spec of parameters) {
    const values = initialValues(spec, seed, initial.get(spec.name));
    for (const slot of ['parameter', 'average']) {
      if (known.has(`${slot}/${spec.name}`)) session.setState(`${slot}/${spec.name}`, values);
    }
    for (const slot of ['firstMoment', 'secondMoment']) {
      if (known.has(`${slot}/${spec.name}`)) session.setState(`${slot}/${spec.name}`, new Float32Array(values.length));
    }
  }
}

function initialValues(spec: ParameterSpec, seed: number, given: Tensor | undefined): Float32Array {
  if (given !== undefined) {
    const sameShape =
      given.shape.length === spec.shape.length && given.shape.every((n, axis) => n === spec.shape[axis]);
    if (!sameShape || !(given.data instanceof Float32Array)) {
      const got = `${given.dtype}[${given.shape.join(', ')}]`;
      throw new TrainingError(
        'training/invalid-options',
        `initial ${spec.name} is ${got}, expected float32[${spec.shape.join(', ')}]`,
      );
    }
    return given.data;
  }
  const values = new Float32Array(sizeOf(spec.shape));
  if (spec.init.kind === 'constant') return values.fill(spec.init.value);
  new Random(`${seed}/${spec.name}`).fillNormal(values, spec.init.std);
  return values;
}
