/**
 * What a training step's graph asks of whoever runs it: which inputs are state, which are data, which outputs are metrics.
 *
 * The graph's names are the contract (see `TrainingStep`): state inputs are `SLOT/NAME`, their successors are outputs
 * `next/SLOT/NAME`, metrics are outputs `metric/NAME`; `learningRate` and `step` are scalars; the rest is data. With host
 * placement only `parameter/NAME` enters the graph and `gradient/NAME` leaves it; the other slots are the host's own.
 */

import { serializeModel, type TrainedParameter, type TrainingStep, type Value } from '@deltaspace/onnx-graph';
import type { TensorSpec } from './tensors.js';

/** One tensor kept between steps; float32. */
export interface StateSpec extends TensorSpec {
  /** The graph reads it. */
  readonly read: boolean;
  /** The graph makes its successor. False for frozen tensors, and for all with host placement. */
  readonly replaced: boolean;
}

export interface TrainingLayout {
  readonly model: Uint8Array;
  readonly state: readonly StateSpec[];
  readonly data: readonly TensorSpec[];
  /** `learningRate` and `step`, where the graph has them; float32 []. */
  readonly scalars: readonly TensorSpec[];
  /** One-element outputs, named `metric/NAME`. */
  readonly metrics: readonly TensorSpec[];
  /** `gradient/NAME`, with host placement. */
  readonly gradients: readonly TensorSpec[];
  /** Parameters that the host updates: empty unless placement is 'host'. */
  readonly hostUpdated: readonly TrainedParameter[];
}

const SCALARS = ['learningRate', 'step'];

/** Throws an Error when the graph does not keep to the naming contract. */
export function layoutOf(step: TrainingStep): TrainingLayout {
  const { graph } = step;
  const prefixes = step.slots.map((slot) => `${slot}/`);
  const isState = ({ name }: Value): boolean => prefixes.some((prefix) => name.startsWith(prefix));
  const isScalar = ({ name }: Value): boolean => SCALARS.includes(name);
  const outputs = (prefix: string): TensorSpec[] =>
    graph.outputs.filter(({ name }) => name.startsWith(prefix)).map(specOf);

  const successors = new Set(outputs('next/').map(({ name }) => name));
  const inGraph = graph.inputs
    .filter(isState)
    .map((input) => ({ ...specOf(input), read: true, replaced: successors.has(`next/${input.name}`) }));
  const hostUpdated = step.placement === 'host' ? step.parameters.filter(({ frozen }) => !frozen) : [];
  const hostSlots = step.slots.filter((slot) => slot !== 'parameter');
  const onHost = hostUpdated.flatMap(({ name, shape }) =>
    hostSlots.map((slot) => ({
      name: `${slot}/${name}`,
      dtype: 'float32' as const,
      shape,
      read: false,
      replaced: false,
    })),
  );
  const layout: TrainingLayout = {
    model: serializeModel(graph),
    state: [...inGraph, ...onHost],
    data: graph.inputs.filter((input) => !isState(input) && !isScalar(input)).map(specOf),
    scalars: graph.inputs.filter(isScalar).map(specOf),
    metrics: outputs('metric/'),
    gradients: outputs('gradient/'),
    hostUpdated,
  };
  checkLayout(layout);
  return layout;
}

function specOf({ name, dtype, shape }: Value): TensorSpec {
  return { name, dtype, shape };
}

function checkLayout({ state, metrics }: TrainingLayout): void {
  for (const { name, dtype } of state) {
    if (dtype !== 'float32') throw new Error(`layoutOf: state ${name} is ${dtype}, expected float32`);
  }
  for (const { name, dtype, shape } of metrics) {
    if (dtype !== 'float32' || shape.some((extent) => extent !== 1)) {
      throw new Error(`layoutOf: ${name} is ${dtype}[${shape.join(', ')}], expected one float32`);
    }
  }
}
