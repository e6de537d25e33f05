/**
 * onnx-graph: build ONNX graphs in TypeScript, differentiate them into graphs, add optimisers, write and read them.
 * Knows no images, sockets, models or files.
 */
export * from './ir/dtype.js';
export * from './ir/shape.js';
export * from './ir/tensor.js';
export * from './ir/graph.js';
export * from './ops/elementwise.js';
export * from './ops/layout.js';
export * from './ops/reduce.js';
export * from './ops/matmul.js';
export * from './ops/convolution.js';
export * from './ops/resample.js';
export * from './ops/attention.js';
export { knownOperators } from './ops/inference.js';
export { gradients, vjpRules } from './autodiff/gradients.js';
export * from './parameters.js';
export * from './optim/adam.js';
export * from './optim/schedules.js';
export * from './optim/training-step.js';
export { rewriteGraph } from './passes/rewrite.js';
export { lowerGraph, type WeightGradientForm } from './passes/lower.js';
export { countFlops } from './passes/flops.js';
export { printGraph } from './passes/print.js';
export * from './serde/write.js';
export * from './serde/read.js';
export { ModelError, type ModelErrorCode } from './serde/model-error.js';
export { defaultModelLimits, type ModelLimits } from './serde/model-limits.js';
