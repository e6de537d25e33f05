/**
 * Element types of tensors in files: how many bytes one element takes and how raw little-endian bytes become typed arrays.
 *
 * Shared by the .npy and safetensors readers, so that both apply the same limits. Half precision is carried as raw bits
 * in a Uint16Array and bool as 0/1 in a Uint8Array. Big-endian machines are refused rather than handled.
 */
import type { DType, Tensor, TypedArray } from '@deltaspace/onnx-graph';
import { FormatError } from './format-error.js';

/** Limits that bound what a reader may allocate on behalf of a file. */
export interface ReadLimits {
  /** Largest number of elements of one tensor. */
  maxElements?: number;
  /** Largest number of axes. */
  maxRank?: number;
  /** Largest header, in bytes. */
  maxHeaderBytes?: number;
  /** Largest number of tensors in one file. */
  maxTensors?: number;
}

/** Defaults: far above any network of this project, far below what would exhaust a machine through a header alone. */
export const defaultReadLimits: Required<ReadLimits> = {
  maxElements: 2 ** 31 - 1,
  maxRank: 8,
  maxHeaderBytes: 16 * 2 ** 20,
  maxTensors: 100_000,
};

const elementBytes: Record<DType, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int8: 1,
  uint8: 1,
  bool: 1,
};

if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) throw new Error('deltaspace needs a little-endian machine');

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return elementBytes[dtype];
}

/**
 * Number of elements of a shape read from a file.
 * Throws FormatError when an axis is not a non-negative safe integer, or rank or product exceed the limits.
 */
export function checkedElementCount(shape: readonly unknown[], limits: Required<ReadLimits>): number {
  if (shape.length > limits.maxRank)
    throw new FormatError('format/too-large', `rank ${shape.length} exceeds ${limits.maxRank}`);
  let count = 1;
  for (const axis of shape) {
    if (typeof axis !== 'number' || !Number.isSafeInteger(axis) || axis < 0) {
      throw new FormatError('format/bad-header', `axis length ${String(axis)} is not a non-negative integer`);
    }
    if (axis > limits.maxElements) throw new FormatError('format/too-large', `axis length ${axis} exceeds the limit`);
    count *= axis;
    if (count > limits.maxElements)
      throw new FormatError('format/too-large', `more than ${limits.maxElements} elements`);
  }
  return count;
}

/** A typed array holding a copy of `bytes` (length must be a multiple of the element size). */
export function elementsFromBytes(bytes: Uint8Array, dtype: DType): TypedArray {
  const copy = new Uint8Array(bytes).buffer; // not slice(): a Buffer's slice shares memory
  switch (dtype) {
    case 'float32':
      return new Float32Array(copy);
    case 'float64':
      return new Float64Array(copy);
    case 'float16':
    case 'bfloat16':
      return new Uint16Array(copy);
    case 'int64':
      return new BigInt64Array(copy);
    case 'int32':
      return new Int32Array(copy);
    case 'int8':
      return new Int8Array(copy);
    case 'uint8':
    case 'bool':
      return new Uint8Array(copy);
  }
}

/** The bytes of a tensor as a view on its own memory; throws a plain Error when data and shape disagree (a bug of the caller). */
export function bytesOfTensor(tensor: Tensor, name: string): Uint8Array {
  const expected = tensor.shape.reduce((product, axis) => product * axis, 1) * bytesPerElement(tensor.dtype);
  const { buffer, byteOffset, byteLength } = tensor.data;
  if (byteLength !== expected) {
    throw new Error(
      `tensor ${name}: shape [${tensor.shape.join(', ')}] ${tensor.dtype} needs ${expected} bytes, has ${byteLength}`,
    );
  }
  return new Uint8Array(buffer, byteOffset, byteLength);
}
