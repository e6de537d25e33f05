/**
 * Reader and writer of safetensors files: an 8-byte header length, a JSON header, then raw little-endian data.
 *
 * The reader accepts exactly what the format description allows: tensors must tile the data section without gaps or
 * overlaps, names are unique, and the metadata block maps strings to strings. Nothing in a file is ever executed.
 * Format: https://github.com/huggingface/safetensors
 */
import type { DType, Tensor } from '@deltaspace/onnx-graph';
import {
  bytesOfTensor,
  bytesPerElement,
  checkedElementCount,
  defaultReadLimits,
  elementsFromBytes,
  type ReadLimits,
} from './elements.js';
import { FormatError } from './format-error.js';

/** Content of a safetensors file: tensors by name (in file order) and free text metadata. */
export interface SafetensorsFile {
  tensors: Map<string, Tensor>;
  metadata: Map<string, string>;
}

const codes: Record<DType, string> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};
const dtypesByCode = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]));

interface Entry {
  name: string;
  dtype: DType;
  shape: number[];
  begin: number;
  end: number;
}

/** Parses a whole file. Tensor data are fresh copies. Throws FormatError on anything malformed or beyond the limits. */
export function readSafetensors(file: Uint8Array, limits: ReadLimits = {}): SafetensorsFile {
  const bounds = { ...defaultReadLimits, ...limits };
  const { header, dataStart } = headerOf(file, bounds);
  const metadata = parseMetadata(header.get('__metadata__'));
  header.delete('__metadata__');
  if (header.size > bounds.maxTensors) throw new FormatError('format/too-large', `${header.size} tensors in one file`);
  const entries = [...header].map(([name, value]) => parseEntry(name, value, bounds));
  checkTiling(entries, file.byteLength - dataStart);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, {
      dtype,
      shape,
      data: elementsFromBytes(file.subarray(dataStart + begin, dataStart + end), dtype),
    });
  }
  return { tensors, metadata };
}

/**
 * One safetensors file with the given tensors in map order, each aligned to its element size by ordering wider types first.
 * Throws a plain Error when a tensor's data does not fit its shape, or a name is `__metadata__`.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
  const header: [string, unknown][] = metadata.size > 0 ? [['__metadata__', Object.fromEntries(metadata)]] : [];
  const bodies: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of ordered) {
    if (name === '__metadata__') throw new Error('__metadata__ is not a tensor name');
    const body = bytesOfTensor(tensor, name);
    header.push([
      name,
      { dtype: codes[tensor.dtype], shape: tensor.shape, data_offsets: [offset, offset + body.length] },
    ]);
    bodies.push(body);
    offset += body.length;
  }
  const json = new TextEncoder().encode(
    `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
  );
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let position = 8 + headerLength;
  for (const body of bodies) {
    file.set(body, position);
    position += body.length;
  }
  return file;
}

function headerOf(file: Uint8Array, bounds: Required<ReadLimits>): { header: Map<string, unknown>; dataStart: number } {
  if (file.byteLength < 10)
    throw new FormatError('format/truncated', 'safetensors file shorter than its smallest header');
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(bounds.maxHeaderBytes))
    throw new FormatError('format/too-large', `safetensors header of ${length} bytes`);
  const dataStart = 8 + Number(length);
  if (dataStart > file.byteLength) throw new FormatError('format/truncated', 'safetensors file ends inside its header');
  if (file[8] !== 0x7b) throw new FormatError('format/bad-header', 'safetensors header does not start with {');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, dataStart));
    const parsed: unknown = JSON.parse(text);
    const header = new Map(Object.entries(parsed as object));
    rejectRepeatedNames(text, header.size);
    return { header, dataStart };
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError('format/bad-header', 'safetensors header is not valid JSON', { cause });
  }
}

/** JSON.parse keeps the last of two equal keys silently; counting the top-level keys exposes that. */
function rejectRepeatedNames(text: string, distinctNames: number): void {
  let depth = 0;
  let names = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) names++;
  }
  if (names !== distinctNames) throw new FormatError('format/inconsistent', 'a tensor name occurs twice');
}

function parseMetadata(value: unknown): Map<string, string> {
  if (value === undefined) return new Map();
  if (typeof value !== 'object' || value === null)
    throw new FormatError('format/bad-header', '__metadata__ is not an object');
  return new Map(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== 'string')
        throw new FormatError('format/bad-header', `metadata ${JSON.stringify(key)} is not text`);
      return [key, text];
    }),
  );
}

function parseEntry(name: string, value: unknown, bounds: Required<ReadLimits>): Entry {
  const shown = JSON.stringify(name);
  if (typeof value !== 'object' || value === null)
    throw new FormatError('format/bad-header', `tensor ${shown} is not an object`);
  const { dtype: code, shape, data_offsets: offsets } = value as Record<string, unknown>;
  const dtype = typeof code === 'string' ? dtypesByCode.get(code) : undefined;
  if (dtype === undefined)
    throw new FormatError('format/unsupported-dtype', `tensor ${shown} has dtype ${String(code)}`);
  if (!Array.isArray(shape) || !Array.isArray(offsets) || offsets.length !== 2) {
    throw new FormatError('format/bad-header', `tensor ${shown} lacks shape or data_offsets`);
  }
  const count = checkedElementCount(shape, bounds);
  const [begin, end] = offsets as unknown[];
  if (!isOffset(begin) || !isOffset(end))
    throw new FormatError('format/bad-header', `tensor ${shown} has bad data_offsets`);
  if (end - begin !== count * bytesPerElement(dtype)) {
    throw new FormatError('format/inconsistent', `tensor ${shown}: shape does not match ${end - begin} bytes`);
  }
  return { name, dtype, shape: shape as number[], begin, end };
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Tensors must cover the data section exactly once. */
function checkTiling(entries: readonly Entry[], dataBytes: number): void {
  let position = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position)
      throw new FormatError('format/inconsistent', `tensor ${JSON.stringify(name)} overlaps or leaves a gap`);
    position = end;
  }
  if (position > dataBytes)
    throw new FormatError('format/truncated', `safetensors data ends ${position - dataBytes} bytes early`);
  if (position < dataBytes)
    throw new FormatError('format/trailing-data', `safetensors has ${dataBytes - position} bytes behind its data`);
}
