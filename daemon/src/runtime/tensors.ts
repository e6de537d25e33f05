/**
 * Tensors at the border to onnxruntime: what a model says of its inputs and outputs, and memory that may be lent to it.
 */

import {
  dtypeSizeBytes,
  sizeOf,
  viewTypedArray,
  type DType,
  type Shape,
  type TypedArray,
} from '@deltaspace/onnx-graph';

/** One input or output of a model. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * A zeroed array for `spec`, in memory of its own outside the V8 heap: it never moves, so its address may be given away.
 * (A small typed array made with a length starts inside the heap, where the collector moves it.)
 */
export function allocate(spec: TensorSpec): TypedArray {
  const count = sizeOf(spec.shape);
  return viewTypedArray(spec.dtype, new ArrayBuffer(count * dtypeSizeBytes(spec.dtype)), 0, count);
}
