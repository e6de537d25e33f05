/** `TensorProto` bytes → tensor: raw, typed or external contents, each checked against the declared shape. */
import { type DType, dtypeFromOnnx, dtypeSizeBytes, viewTypedArray } from '../ir/dtype.js';
import { sizeOf } from '../ir/shape.js';
import { tensor, tensorFromNumbers, type Tensor } from '../ir/tensor.js';
import { collect, type Fields } from './fields.js';
import { ModelError } from './model-error.js';
import { checkDimensions, type ModelLimits } from './model-limits.js';

/** Returns `length` bytes at `offset` of a file beside the model. `location` is a plain file name. */
export type ExternalReader = (location: string, offset: number, length: number) => Uint8Array;

/** Reads one initialiser. Throws ModelError when its contents do not have the size that its shape needs. */
export function readTensor(
  entry: Uint8Array,
  limits: ModelLimits,
  readExternal?: ExternalReader,
): { name: string; contents: Tensor } {
  const fields = collect(entry);
  const name = fields.text(8) ?? '';
  const shape = fields.integers(1);
  const dtype = dtypeFromOnnx(fields.integer(2));
  checkDimensions(`initialiser ${name}`, shape, limits);
  const count = sizeOf(shape);
  const sizeBytes = count * dtypeSizeBytes(dtype);
  const isExternal = isStoredOutside(name, fields);
  const raw = isExternal ? readOutside(name, fields.bytes(13), sizeBytes, readExternal) : fields.message(9);
  if (!raw) return { name, contents: tensorFromNumbers(dtype, shape, typedNumbers(name, fields, dtype)) };
  if (raw.length !== sizeBytes)
    throw new ModelError(
      'model/inconsistent',
      `initialiser ${name} holds ${raw.length} bytes, its shape needs ${sizeBytes}`,
    );
  // A copy starts at offset 0, which suits every element size.
  const aligned = raw.slice();
  return { name, contents: tensor(dtype, shape, viewTypedArray(dtype, aligned.buffer, 0, count)) };
}

/** Whether the contents lie in another file. Throws when the entries for that and the place contradict each other. */
function isStoredOutside(name: string, fields: Fields): boolean {
  const place = fields.integer(14);
  const hasEntries = fields.bytes(13).length > 0;
  if (place > 1 || place < 0 || hasEntries !== (place === 1) || (hasEntries && fields.message(9)))
    throw new ModelError(
      'model/external-data',
      `initialiser ${name} is stored inside and outside the model, or neither`,
    );
  return hasEntries;
}

/** Largest and smallest number of the integer types that share `int32_data`. */
const integerRanges: Partial<Record<DType, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
  bool: [0, 1],
};

/** Elements in the typed fields (`float_data`, `int32_data`, `int64_data`) that other writers use for small tensors. */
function typedNumbers(name: string, fields: Fields, dtype: DType): number[] {
  if (dtype === 'float32') return fields.floats(4);
  if (dtype === 'int64') return fields.integers(7);
  const range = integerRanges[dtype];
  if (!range) throw new ModelError('model/unsupported', `initialiser ${name}: ${dtype} is supported as raw data only`);
  const numbers = fields.integers(5);
  if (numbers.some((number) => number < range[0] || number > range[1]))
    throw new ModelError('model/inconsistent', `initialiser ${name} holds a number that is no ${dtype}`);
  return numbers;
}

function readOutside(
  name: string,
  entries: readonly Uint8Array[],
  sizeBytes: number,
  read?: ExternalReader,
): Uint8Array {
  if (!read)
    throw new ModelError(
      'model/external-data',
      `initialiser ${name} is stored outside the model, which is not allowed here`,
    );
  const pairs = new Map(entries.map((entry) => [collect(entry).text(1), collect(entry).text(2) ?? ''] as const));
  const location = pairs.get('location') ?? '';
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(location))
    throw new ModelError(
      'model/external-data',
      `initialiser ${name} names the file ${JSON.stringify(location)}; expected a plain file name`,
    );
  const count = (key: string, fallback: number) => {
    const text = pairs.get(key) ?? String(fallback);
    if (!/^\d{1,15}$/.test(text))
      throw new ModelError(
        'model/external-data',
        `initialiser ${name}: ${key} ${JSON.stringify(text)} is no byte count`,
      );
    return Number(text);
  };
  const length = count('length', sizeBytes);
  if (length !== sizeBytes)
    throw new ModelError(
      'model/external-data',
      `initialiser ${name} has ${length} bytes outside the model, its shape needs ${sizeBytes}`,
    );
  return read(location, count('offset', 0), length);
}
