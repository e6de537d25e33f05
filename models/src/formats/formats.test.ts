import { describe, expect, it } from 'vitest';
import type { DType, Tensor } from '@deltaspace/onnx-graph';
import { decodeHalf, encodeHalf, FormatError, readNpy, readSafetensors, writeNpy, writeSafetensors } from './index.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'accepted';
}

const samples: Record<Exclude<DType, 'bfloat16'>, Tensor['data']> = {
  float32: Float32Array.of(1.5, -0, 3e38, 1e-40, -7, 2),
  float64: Float64Array.of(1, 2, 3, 4, 5, Math.PI),
  float16: Uint16Array.of(0x3c00, 0xc000, 1, 0x7bff, 0, 0x8000),
  int64: BigInt64Array.of(1n, -1n, 2n ** 62n, 0n, 5n, 6n),
  int32: Int32Array.of(1, -1, 2 ** 31 - 1, 0, 5, 6),
  int8: Int8Array.of(-128, 127, 0, 1, 2, 3),
  uint8: Uint8Array.of(255, 0, 1, 2, 3, 4),
  bool: Uint8Array.of(1, 0, 1, 1, 0, 0),
};
const tensors = new Map(
  Object.entries(samples).map(([dtype, data]) => [
    `t.${dtype}`,
    { dtype: dtype as DType, shape: [2, 3], data } satisfies Tensor,
  ]),
);

describe('half precision', () => {
  it('returns every finite half unchanged through float32', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = decodeHalf(bits);
      if (!Number.isNaN(value)) expect(encodeHalf(value)).toBe(bits);
    }
  });

  it('rounds to nearest, ties to even', () => {
    expect(encodeHalf(1 + 2 ** -11)).toBe(0x3c00); // half way between 1 and the next half: even wins
    expect(encodeHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(encodeHalf(2049)).toBe(0x6800);
    expect(encodeHalf(65519)).toBe(0x7bff);
    expect(encodeHalf(65520)).toBe(0x7c00);
    expect(encodeHalf(2 ** -25)).toBe(0);
    expect(encodeHalf(2 ** -25 * 1.001)).toBe(1);
    expect(encodeHalf(-1e9)).toBe(0xfc00);
    expect(decodeHalf(encodeHalf(NaN))).toBeNaN();
  });
});

describe('npy', () => {
  it.each([...tensors])('round-trips %s', (_, tensor) => {
    expect(readNpy(writeNpy(tensor))).toEqual(tensor);
  });

  it('round-trips scalars, vectors and empty arrays', () => {
    for (const shape of [[], [1], [0], [3, 0]]) {
      const size = shape.reduce((a, b) => a * b, 1);
      const tensor: Tensor = { dtype: 'float32', shape, data: new Float32Array(size).fill(2) };
      expect(readNpy(writeNpy(tensor))).toEqual(tensor);
    }
  });

  it('copies the data out of a Buffer', () => {
    const file = Buffer.from(writeNpy(tensors.get('t.float32')!));
    const { data } = readNpy(file);
    file.fill(0);
    expect(data).toEqual(samples.float32);
    expect(data.buffer.byteLength).toBe(24);
  });

  it('aligns data to 64 bytes', () => {
    expect((writeNpy(tensors.get('t.float32')!).length - 24) % 64).toBe(0);
  });

  const file = (header: string, data = new Uint8Array(16), version = 1): Uint8Array =>
    join(
      Uint8Array.of(0x93),
      text('NUMPY'),
      Uint8Array.of(version, 0, header.length & 255, header.length >> 8),
      text(header),
      data,
    );
  const header = (descriptor: string, shape: string, order = 'False'): string =>
    `{'descr': '${descriptor}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;

  it('reads Fortran order into C order', () => {
    const data = new Uint8Array(Float32Array.of(1, 3, 2, 4).buffer);
    expect(readNpy(file(header('<f4', '2, 2', 'True'), data)).data).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it.each([
    ['not numpy at all', text('hello, world, this is text'), 'format/not-this-format'],
    ['an unknown version', file(header('<f4', '4,'), undefined, 9), 'format/unsupported-version'],
    ['an object array', file(header('|O', '4,')), 'format/unsupported-dtype'],
    ['big-endian data', file(header('>f4', '4,')), 'format/unsupported-dtype'],
    ['a Python expression', file(`{'descr': __import__('os').system('true')}\n`), 'format/bad-header'],
    ['a negative axis', file(header('<f4', '-4,')), 'format/bad-header'],
    ['a shape whose product overflows', file(header('<f4', '4294967296, 4294967296')), 'format/too-large'],
    ['too few values', file(header('<f4', '5,')), 'format/truncated'],
    ['bytes behind the data', file(header('<f4', '3,')), 'format/trailing-data'],
    ['a header longer than the file', file(header('<f4', '4,')).subarray(0, 40), 'format/truncated'],
    [
      'a repeated field',
      file(`{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (4,)}`),
      'format/bad-header',
    ],
  ])('rejects %s', (_, bytes, code) => {
    expect(codeOf(() => readNpy(bytes))).toBe(code);
  });
});

describe('safetensors', () => {
  it('round-trips every dtype with metadata', () => {
    const metadata = new Map([['licence', 'MIT']]);
    const read = readSafetensors(writeSafetensors(tensors, metadata));
    expect(Object.fromEntries(read.tensors)).toEqual(Object.fromEntries(tensors));
    expect(read.metadata).toEqual(metadata);
  });

  const file = (json: string, data = new Uint8Array(16)): Uint8Array =>
    join(new Uint8Array(BigUint64Array.of(BigInt(text(json).length)).buffer), text(json), data);
  const entry = (begin: number, end: number, shape = '[2,2]', dtype = 'F32'): string =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

  it('reads a literal file', () => {
    const data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    expect(readSafetensors(file(`{"w":${entry(0, 16)}}`, data)).tensors.get('w')).toEqual({
      dtype: 'float32',
      shape: [2, 2],
      data: Float32Array.of(1, 2, 3, 4),
    });
  });

  it('treats __proto__ as an ordinary name', () => {
    expect(readSafetensors(file(`{"__proto__":${entry(0, 16)}}`)).tensors.has('__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });

  it.each([
    ['a huge header', join(new Uint8Array(BigUint64Array.of(2n ** 62n).buffer), text('{}      ')), 'format/too-large'],
    ['a header cut off', file(`{"w":${entry(0, 16)}}`).subarray(0, 30), 'format/truncated'],
    ['text that is not JSON', file('{"w": 1,}'), 'format/bad-header'],
    ['a header that is no object', file('[1, 2]    '), 'format/bad-header'],
    ['overlapping tensors', file(`{"a":${entry(0, 16)},"b":${entry(0, 16)}}`), 'format/inconsistent'],
    ['a gap', file(`{"a":${entry(4, 16, '[3]')}}`), 'format/inconsistent'],
    ['data beyond the file', file(`{"a":${entry(0, 32, '[8]')}}`), 'format/truncated'],
    ['data behind the tensors', file(`{"a":${entry(0, 8, '[2]')}}`), 'format/trailing-data'],
    ['an end before the begin', file(`{"a":${entry(16, 0)}}`), 'format/inconsistent'],
    ['a shape that does not match', file(`{"a":${entry(0, 16, '[5]')}}`), 'format/inconsistent'],
    ['a fractional axis', file(`{"a":${entry(0, 16, '[4.5]')}}`), 'format/bad-header'],
    ['a negative offset', file(`{"a":${entry(-16, 0)}}`), 'format/bad-header'],
    ['an unknown dtype', file(`{"a":${entry(0, 16, '[4]', 'Q7')}}`), 'format/unsupported-dtype'],
    ['a repeated name', file(`{"a":${entry(0, 16)},"a":${entry(0, 16)}}`), 'format/inconsistent'],
  ])('rejects %s', (_, bytes, code) => {
    expect(codeOf(() => readSafetensors(bytes))).toBe(code);
  });
});
