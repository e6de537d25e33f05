import { describe, expect, it } from 'vitest';
import { drawCode, drawToken, normalizeCode } from './secrets.js';

/** "Random" bytes that count up from a value. */
const countingFrom = (first: number) => (count: number) => Uint8Array.from({ length: count }, (_, i) => first + i);

describe('a token', () => {
  it('is 32 random bytes', () => {
    expect(drawToken(countingFrom(0))).toBe('AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8');
  });
});

describe('a pairing code', () => {
  it('is eight characters of 32 that cannot be misread', () => {
    expect(drawCode(countingFrom(0))).toBe('0123-4567');
    expect(drawCode(countingFrom(24))).toBe('RSTV-WXYZ');
    expect(drawCode(countingFrom(32))).toBe('0123-4567');
  });

  it.each(['1023-abcd', '1023abcd', ' io23-ABCD ', 'lO 23 AB-cd'])('is understood as typed: %s', (typed) => {
    expect(normalizeCode(typed)).toBe('1023ABCD');
  });
});
