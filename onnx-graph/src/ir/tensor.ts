/**
 * A tensor with its elements: initialisers, checkpoint entries, feeds and results. Dense, row-major, on the host.
 */
import { createTypedArray, type DType, type TypedArray } from './dtype.js';
import { formatShape, sizeOf, type Shape } from './shape.js';

export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** Wraps data after checking its length. The tensor shares the array; the caller keeps ownership. */
export function tensor(dtype: DType, shape: Shape, data: TypedArray): Tensor {
  if (data.length !== sizeOf(shape))
    throw new Error(`tensor of shape ${formatShape(shape)} needs ${sizeOf(shape)} elements, got ${data.length}`);
  return { dtype, shape, data };
}

/** A tensor from plain numbers (integers for the integer types). Float16 is not accepted: convert first. */
export function tensorFromNumbers(dtype: DType, shape: Shape, numbers: ArrayLike<number>): Tensor {
  if (dtype === 'float16' || dtype === 'bfloat16')
    throw new Error(`build ${dtype} tensors from bits, not from numbers`);
  const data = createTypedArray(dtype, numbers.length);
  if (data instanceof BigInt64Array) for (let i = 0; i < data.length; i++) data[i] = BigInt(numbers[i] ?? 0);
  else data.set(numbers);
  return tensor(dtype, shape, data);
}

/** Elements as JavaScript numbers; int64 values must be safe integers. */
export function toNumbers(value: Tensor): number[] {
  return Array.from(value.data as ArrayLike<number | bigint>, Number);
}
