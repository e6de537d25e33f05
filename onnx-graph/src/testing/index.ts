/** Second front door of onnx-graph, for tests: the reference evaluator and the gradient checker. */
export type { Dense } from './dense.js';
export { evaluate, evaluateGraph, type Feeds, referenceKernels } from './evaluate.js';
export {
  centralDifferences,
  type CheckedInput,
  type GradientCheck,
  type GradientError,
} from './central-differences.js';
export { seededUniform } from './samples.js';
