/**
 * Element types: their names, ONNX codes and JavaScript storage.
 *
 * Only what our networks, optimisers and checkpoints use is listed; strings, complex numbers and sub-byte types are not
 * supported and are refused when a model is read.
 */

/** Element type of a tensor. `float16` and `bfloat16` are stored as raw bits in a `Uint16Array`. */
export type DType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int8' | 'uint8' | 'bool';

/** Storage of tensor elements; little-endian like ONNX raw data. */
export type TypedArray =
  Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

interface DTypeInfo {
  /** `TensorProto.DataType` number. */
  readonly onnxCode: number;
  readonly sizeBytes: number;
  readonly create: (length: number) => TypedArray;
  readonly view: (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedArray;
}

const info: Record<DType, DTypeInfo> = {
  float32: entry(1, Float32Array),
  uint8: entry(2, Uint8Array),
  int8: entry(3, Int8Array),
  int32: entry(6, Int32Array),
  int64: entry(7, BigInt64Array),
  bool: entry(9, Uint8Array),
  float16: entry(10, Uint16Array),
  float64: entry(11, Float64Array),
  bfloat16: entry(16, Uint16Array),
};

interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

function entry(onnxCode: number, constructor: TypedArrayConstructor): DTypeInfo {
  return {
    onnxCode,
    sizeBytes: constructor.BYTES_PER_ELEMENT,
    create: (length) => new constructor(length),
    view: (buffer, byteOffset, length) => new constructor(buffer, byteOffset, length),
  };
}

/** Bytes of one element. */
export function dtypeSizeBytes(dtype: DType): number {
  return info[dtype].sizeBytes;
}

/** `TensorProto.DataType` number of a dtype. */
export function dtypeToOnnx(dtype: DType): number {
  return info[dtype].onnxCode;
}

/** The dtype of a `TensorProto.DataType` number. Throws for types we do not support. */
export function dtypeFromOnnx(code: number): DType {
  for (const [dtype, row] of Object.entries(info)) if (row.onnxCode === code) return dtype as DType;
  throw new Error(`ONNX element type ${code} is not supported; expected one of ${Object.keys(info).join(', ')}`);
}

/** A zero-filled array for `length` elements. */
export function createTypedArray(dtype: DType, length: number): TypedArray {
  return info[dtype].create(length);
}

/** A view on existing bytes; `byteOffset` must be a multiple of the element size. */
export function viewTypedArray(dtype: DType, buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray {
  return info[dtype].view(buffer, byteOffset, length);
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}
