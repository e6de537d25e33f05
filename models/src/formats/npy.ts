/**
 * Reader and writer of NumPy's .npy files, format versions 1 to 3.
 *
 * Supports the numeric types tensors can have; object, structured, complex and big-endian arrays are rejected. The header
 * is matched by a strict pattern and never evaluated. Fortran-ordered arrays are turned into C order on reading.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import type { DType, Tensor, TypedArray } from '@deltaspace/onnx-graph';
import {
  bytesOfTensor,
  bytesPerElement,
  checkedElementCount,
  defaultReadLimits,
  elementsFromBytes,
  type ReadLimits,
} from './elements.js';
import { FormatError } from './format-error.js';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY
const maxNpyHeaderBytes = 65_536;

const descriptors: Record<Exclude<DType, 'bfloat16'>, string> = {
  float32: '<f4',
  float64: '<f8',
  float16: '<f2',
  int64: '<i8',
  int32: '<i4',
  int8: '|i1',
  uint8: '|u1',
  bool: '|b1',
};
const dtypesByDescriptor = new Map(Object.entries(descriptors).map(([dtype, text]) => [text, dtype as DType]));

/**
 * Parses one .npy file. The tensor's data is a fresh copy in C order.
 * Throws FormatError on anything malformed, unsupported or beyond the limits.
 */
export function readNpy(file: Uint8Array, limits: ReadLimits = {}): Tensor {
  const bounds = { ...defaultReadLimits, ...limits };
  const { text, dataStart } = headerOf(file);
  const { descriptor, fortranOrder, shape } = parseHeader(text);
  const dtype = dtypesByDescriptor.get(descriptor);
  if (dtype === undefined)
    throw new FormatError('format/unsupported-dtype', `unsupported .npy dtype ${JSON.stringify(descriptor)}`);
  const expectedBytes = checkedElementCount(shape, bounds) * bytesPerElement(dtype);
  const available = file.byteLength - dataStart;
  if (available < expectedBytes)
    throw new FormatError('format/truncated', `.npy holds ${available} of ${expectedBytes} data bytes`);
  if (available > expectedBytes)
    throw new FormatError('format/trailing-data', `.npy has ${available - expectedBytes} bytes behind its data`);
  const data = elementsFromBytes(file.subarray(dataStart), dtype);
  return { dtype, shape, data: fortranOrder && shape.length > 1 ? toRowMajor(data, shape) : data };
}

/** One .npy file (version 1, C order, data aligned to 64 bytes) with the tensor's values. */
export function writeNpy(tensor: Tensor): Uint8Array {
  if (tensor.dtype === 'bfloat16') throw new Error('.npy has no bfloat16; convert first');
  const body = bytesOfTensor(tensor, 'to write');
  const axes = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(', ');
  const dictionary = `{'descr': '${descriptors[tensor.dtype]}', 'fortran_order': False, 'shape': (${axes}), }`;
  const headerLength = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const header = `${dictionary.padEnd(headerLength - 1)}\n`;
  const file = new Uint8Array(10 + headerLength + body.length);
  file.set(magic);
  file.set([1, 0, headerLength & 0xff, headerLength >>> 8], 6);
  file.set(new TextEncoder().encode(header), 10);
  file.set(body, 10 + headerLength);
  return file;
}

function headerOf(file: Uint8Array): { text: string; dataStart: number } {
  if (file.byteLength < 12 || magic.some((byte, i) => file[i] !== byte)) {
    throw new FormatError('format/not-this-format', 'not a .npy file: magic bytes missing');
  }
  const version = file[6] as number;
  if (version < 1 || version > 3) throw new FormatError('format/unsupported-version', `.npy format version ${version}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = version === 1 ? 10 : 12;
  if (length > maxNpyHeaderBytes) throw new FormatError('format/too-large', `.npy header of ${length} bytes`);
  if (start + length > file.byteLength) throw new FormatError('format/truncated', '.npy file ends inside its header');
  return { text: new TextDecoder('latin1').decode(file.subarray(start, start + length)), dataStart: start + length };
}

function parseHeader(text: string): { descriptor: string; fortranOrder: boolean; shape: number[] } {
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1];
  const fields = new Map<string, string>();
  const field = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^'\\]{0,16}'|True|False|\(\s*[\d\s,]*\))\s*(?:,|$)\s*/y;
  let position = 0;
  while (body !== undefined && position < body.length) {
    field.lastIndex = position;
    const match = field.exec(body);
    if (match === null || fields.has(match[1] as string))
      throw new FormatError('format/bad-header', 'unexpected text in the .npy header');
    fields.set(match[1] as string, match[2] as string);
    position = field.lastIndex;
  }
  const descriptor = /^'(.*)'$/.exec(fields.get('descr') ?? '')?.[1];
  const order = fields.get('fortran_order');
  const axes = /^\((.*)\)$/s.exec(fields.get('shape') ?? '')?.[1];
  if (descriptor === undefined || (order !== 'True' && order !== 'False') || axes === undefined) {
    throw new FormatError('format/bad-header', '.npy header lacks descr, fortran_order or shape');
  }
  return { descriptor, fortranOrder: order === 'True', shape: parseAxes(axes) };
}

function parseAxes(text: string): number[] {
  if (text.trim() === '') return [];
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts.map((part) => {
    if (!/^\d{1,20}$/.test(part)) throw new FormatError('format/bad-header', 'malformed shape in the .npy header');
    return Number(part);
  });
}

/** The same array in C order, given its data in Fortran order (first axis fastest). */
function toRowMajor(source: TypedArray, shape: readonly number[]): TypedArray {
  const target = source.slice();
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0; to < target.length; to++) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--)
      from = from * (shape[axis] as number) + (index[axis] as number);
    target[to] = source[from] as number & bigint;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return target;
}
