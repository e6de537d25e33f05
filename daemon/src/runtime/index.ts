/**
 * Front door of the runtime: the only part of the daemon that knows onnxruntime.
 *
 * `createRunner` loads a network for inference, `createLanes` has networks run beside the caller, and
 * `placeNetworks` on the provider that `ProviderChoice` finds; `createTrainingSession` runs a training step with its state kept
 * between runs. Every failure is a `RuntimeError` with a stable code.
 */

export { createLanes, type Lanes } from './lanes.js';
export { placeNetworks } from './placed-lanes.js';
export { ProviderChoice, type ProviderStatus } from './provider-choice.js';
export { createRunner, type Runner, type RunnerOptions } from './runner.js';
export {
  createTrainingSession,
  type StepScalars,
  type TrainingSession,
  type TrainingSessionOptions,
} from './training-session.js';
export type { RuntimePath } from './bound-model.js';
export { RuntimeError, type RuntimeErrorCode } from './errors.js';
export { physicalCoreCount } from './physical-cores.js';
export type { TensorSpec } from './tensors.js';
