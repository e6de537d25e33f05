import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

describe('UTF-8', () => {
  it.each([
    ['', []],
    ['A', [0x41]],
    ['\u0000\u007f', [0x00, 0x7f]],
    ['\u0080ä\u07ff', [0xc2, 0x80, 0xc3, 0xa4, 0xdf, 0xbf]],
    ['\u0800€\uffff', [0xe0, 0xa0, 0x80, 0xe2, 0x82, 0xac, 0xef, 0xbf, 0xbf]],
    ['\u{10000}😀\u{10ffff}', [0xf0, 0x90, 0x80, 0x80, 0xf0, 0x9f, 0x98, 0x80, 0xf4, 0x8f, 0xbf, 0xbf]],
  ])('writes %j as its bytes and reads it back', (text, bytes) => {
    expect([...encodeUtf8(text)]).toEqual(bytes);
    expect(decodeUtf8(Uint8Array.from(bytes))).toBe(text);
  });

  it.each([
    ['a lone continuation', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong three-byte form', [0xe0, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a point above the last', [0xf4, 0x90, 0x80, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['a sequence cut by a letter', [0xe2, 0x41, 0x42]],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  it('refuses to write a lone surrogate', () => {
    expect(() => encodeUtf8('a\ud800b')).toThrow(RangeError);
  });
});
