import { expect, it } from 'vitest';
import { canonicalJson, configurationDifferences, configurationDigest } from './configuration.js';

it('does not depend on the order of keys, and depends on everything else', () => {
  const digest = configurationDigest({ a: 1, b: { c: [1, 2], d: null } });
  expect(configurationDigest({ b: { d: null, c: [1, 2] }, a: 1 })).toBe(digest);
  const others = [{ a: 1 }, { a: 1, b: { c: [2, 1], d: null } }, { a: '1', b: { c: [1, 2], d: null } }];
  for (const other of others) expect(configurationDigest(other)).not.toBe(digest);
  expect(canonicalJson({ b: [true, 'x'], a: {} })).toBe('{"a":{},"b":[true,"x"]}');
});

it('lists changed, added and removed settings by path, and nothing for equal ones', () => {
  const before = { rate: 0.1, net: { widths: [8, 16], bias: true }, old: 'x' };
  const now = { rate: 0.1, net: { widths: [8, 32], bias: true }, fresh: {} };
  expect(configurationDifferences(before, now)).toEqual([
    'fresh: (absent) → {}',
    'net.widths.1: 16 → 32',
    'old: "x" → (absent)',
  ]);
  expect(configurationDifferences(before, { ...before, net: { bias: true, widths: [8, 16] } })).toEqual([]);
});
