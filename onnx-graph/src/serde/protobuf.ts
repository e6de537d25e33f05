/**
 * The part of the protobuf wire format that ONNX uses: varints, 32-bit floats, length-delimited fields. Writer and reader
 * only; nothing here knows ONNX.
 */
import { ModelError } from './model-error.js';

export const wireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

const utf8 = new TextEncoder();

export class ProtobufWriter {
  private bytes = new Uint8Array(256);
  private length = 0;

  varintField(field: number, value: number | bigint): this {
    return this.tag(field, wireType.varint).varint(BigInt(value));
  }

  floatField(field: number, value: number): this {
    this.tag(field, wireType.fixed32).reserve(4);
    new DataView(this.bytes.buffer).setFloat32(this.length, value, true);
    this.length += 4;
    return this;
  }

  bytesField(field: number, value: Uint8Array): this {
    this.tag(field, wireType.lengthDelimited).varint(BigInt(value.length));
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
    return this;
  }

  stringField(field: number, value: string): this {
    return this.bytesField(field, utf8.encode(value));
  }

  messageField(field: number, message: ProtobufWriter): this {
    return this.bytesField(field, message.finish());
  }

  packedVarints(field: number, values: readonly number[]): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.varint(BigInt(value));
    return this.messageField(field, packed);
  }

  packedFloats(field: number, values: readonly number[]): this {
    return this.bytesField(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** A view on what was written; valid until the next write. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private tag(field: number, type: number): this {
    return this.varint(BigInt((field << 3) | type));
  }

  private varint(value: bigint): this {
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) this.bytes[this.length++] = Number(rest & 127n) | 128;
    this.bytes[this.length++] = Number(rest);
    return this;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** One field as it stands on the wire. */
export type ProtobufField =
  | { readonly field: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly field: number; readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly field: number; readonly kind: 'fixed32'; readonly value: number };

/** Reads the fields of one message in order. Throws on truncation, over-long varints and group fields. */
export function* readFields(bytes: Uint8Array): Generator<ProtobufField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) throw new ModelError('model/damaged', `protobuf: truncated varint at byte ${at}`);
      const byte = bytes[at++] ?? 0;
      result |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, result);
    }
    throw new ModelError('model/damaged', `protobuf: varint longer than 10 bytes at byte ${at}`);
  };
  const take = (count: number): number => {
    if (count > bytes.length - at)
      throw new ModelError('model/damaged', `protobuf: field of ${count} bytes at byte ${at} passes the end`);
    at += count;
    return at - count;
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >>> 3;
    if (field === 0) throw new ModelError('model/damaged', `protobuf: field number 0 at byte ${at}`);
    const type = tag & 7;
    if (type === wireType.varint) yield { field, kind: 'varint', value: varint() };
    else if (type === wireType.lengthDelimited) {
      const size = Number(varint());
      const start = take(size);
      yield { field, kind: 'bytes', value: bytes.subarray(start, start + size) };
    } else if (type === wireType.fixed32) yield { field, kind: 'fixed32', value: view.getFloat32(take(4), true) };
    else if (type === wireType.fixed64) take(8);
    else throw new ModelError('model/damaged', `protobuf: wire type ${type} at byte ${at} is not supported`);
  }
}

/** Varints of a packed (or single) field. */
export function readPackedVarints(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let current = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    current |= BigInt(byte & 127) << shift;
    if (byte < 128) {
      values.push(BigInt.asUintN(64, current));
      [current, shift] = [0n, 0n];
    } else if ((shift += 7n) >= 70n)
      throw new ModelError('model/damaged', 'protobuf: varint longer than 10 bytes in a packed field');
  }
  if (shift !== 0n) throw new ModelError('model/damaged', 'protobuf: packed field ends inside a varint');
  return values;
}
