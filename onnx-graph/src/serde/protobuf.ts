/**
 * The part of the protobuf wire format that ONNX uses: varints, 32-bit floats, length-delimited fields. Writer and reader
 * only; nothing here knows ONNX.
 */
import { ModelError } from './model-error.js';

export const wireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

const utf8 = new TextEncoder();

/** Values from this many bytes on are referred to until `finish`, not copied into every message around them. */
const referredBytes = 1024;

export class ProtobufWriter {
  /** What was written, in order, but for the last bytes of it, which are in `tail`. */
  private readonly parts: Uint8Array[] = [];
  private partsLength = 0;
  private tail = new Uint8Array(64);
  private tailLength = 0;

  varintField(field: number, value: number | bigint): this {
    return this.tag(field, wireType.varint).varint(BigInt(value));
  }

  floatField(field: number, value: number): this {
    this.tag(field, wireType.fixed32).reserve(4);
    new DataView(this.tail.buffer).setFloat32(this.tailLength, value, true);
    this.tailLength += 4;
    return this;
  }

  /** The value must not change before `finish`. */
  bytesField(field: number, value: Uint8Array): this {
    return this.tag(field, wireType.lengthDelimited).varint(BigInt(value.length)).append(value);
  }

  stringField(field: number, value: string): this {
    return this.bytesField(field, utf8.encode(value));
  }

  messageField(field: number, message: ProtobufWriter): this {
    this.tag(field, wireType.lengthDelimited).varint(BigInt(message.partsLength + message.tailLength));
    for (const part of message.parts) this.append(part);
    return this.append(message.tail.subarray(0, message.tailLength));
  }

  packedVarints(field: number, values: readonly number[]): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.varint(BigInt(value));
    return this.messageField(field, packed);
  }

  packedFloats(field: number, values: readonly number[]): this {
    return this.bytesField(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** A copy of everything that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.partsLength + this.tailLength);
    let at = 0;
    for (const part of [...this.parts, this.tail.subarray(0, this.tailLength)]) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  private tag(field: number, type: number): this {
    return this.varint(BigInt((field << 3) | type));
  }

  private varint(value: bigint): this {
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) this.tail[this.tailLength++] = Number(rest & 127n) | 128;
    this.tail[this.tailLength++] = Number(rest);
    return this;
  }

  private append(value: Uint8Array): this {
    if (value.length < referredBytes) {
      this.reserve(value.length);
      this.tail.set(value, this.tailLength);
      this.tailLength += value.length;
      return this;
    }
    this.parts.push(this.tail.subarray(0, this.tailLength), value);
    this.partsLength += this.tailLength + value.length;
    this.tail = new Uint8Array(64);
    this.tailLength = 0;
    return this;
  }

  private reserve(count: number): void {
    if (this.tailLength + count <= this.tail.length) return;
    const grown = new Uint8Array(Math.max(2 * this.tail.length, this.tailLength + count));
    grown.set(this.tail.subarray(0, this.tailLength));
    this.tail = grown;
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
