/** The fields of one protobuf message by number, with the strictness we want: single fields must not repeat. */
import { ModelError } from './model-error.js';
import { type ProtobufField, readFields, readPackedVarints } from './protobuf.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface Fields {
  /** Repeated length-delimited field. Throws when the number was written with another wire type. */
  readonly bytes: (number: number) => Uint8Array[];
  /** Length-delimited field that may occur once. */
  readonly message: (number: number) => Uint8Array | undefined;
  readonly texts: (number: number) => string[];
  readonly text: (number: number) => string | undefined;
  /** Repeated 32-bit floats, packed or not. */
  readonly floats: (number: number) => number[];
  readonly float: (number: number) => number | undefined;
  /** Repeated integers, packed or not. */
  readonly integers: (number: number) => number[];
  /** Integer field that may occur once; 0 when absent. */
  readonly integer: (number: number) => number;
}

/** Reads all fields of a message. Throws when the bytes are no protobuf message. */
export function collect(bytes: Uint8Array): Fields {
  const byNumber = new Map<number, ProtobufField[]>();
  for (const field of readFields(bytes)) {
    const list = byNumber.get(field.field);
    if (list) list.push(field);
    else byNumber.set(field.field, [field]);
  }
  const all = (number: number) => byNumber.get(number) ?? [];
  const once = <T>(number: number, items: readonly T[]): T | undefined => {
    if (items.length > 1)
      throw new ModelError('model/damaged', `field ${number} occurs ${items.length} times, expected once`);
    return items[0];
  };
  const wrongType = (field: ProtobufField) =>
    new ModelError('model/damaged', `field ${field.field} has an unexpected wire type`);
  const bytesOf = (number: number) =>
    all(number).map((field) => {
      if (field.kind !== 'bytes') throw wrongType(field);
      return field.value;
    });
  const texts = (number: number) => bytesOf(number).map(decodeText);
  const floats = (number: number) =>
    all(number).flatMap((field) => {
      if (field.kind === 'fixed32') return [field.value];
      if (field.kind !== 'bytes' || field.value.length % 4 !== 0) throw wrongType(field);
      return Array.from(new Float32Array(field.value.slice().buffer));
    });
  const integers = (number: number) =>
    all(number).flatMap((field) => {
      if (field.kind === 'varint') return [safe(field.value)];
      if (field.kind !== 'bytes') throw wrongType(field);
      return readPackedVarints(field.value).map(safe);
    });
  return {
    bytes: bytesOf,
    message: (number) => once(number, bytesOf(number)),
    texts,
    text: (number) => once(number, texts(number)),
    floats,
    float: (number) => once(number, floats(number)),
    integers,
    integer: (number) => once(number, integers(number)) ?? 0,
  };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ModelError('model/damaged', 'a text is not UTF-8', { cause });
  }
}

/** A two's-complement 64-bit integer as a number. Throws when it is not exact. */
function safe(raw: bigint): number {
  const value = Number(BigInt.asIntN(64, raw));
  if (!Number.isSafeInteger(value)) throw new ModelError('model/damaged', `integer ${raw} is out of range`);
  return value;
}
