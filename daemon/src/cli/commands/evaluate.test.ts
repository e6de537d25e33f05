import { expect, it } from 'vitest';
import { parseMethods } from './evaluate.js';

it('takes methods in any order, with spaces and twice, and adds the product', () => {
  expect(parseMethods('wplus')).toEqual(['deltaedit', 'wplus']);
  expect(parseMethods('styleclip-gd, straightforward,wplus,wplus')).toEqual([
    'deltaedit',
    'straightforward',
    'wplus',
    'styleclip-gd',
  ]);
});

it('refuses methods that there are not', () => {
  expect(() => parseMethods('wplus,magic')).toThrow('no method "magic"');
  expect(() => parseMethods('')).toThrow('no method ""');
});
