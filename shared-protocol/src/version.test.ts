import { describe, expect, it } from 'vitest';
import { negotiateProtocol } from './version.js';

describe('protocol negotiation', () => {
  it('picks the newest number in common', () => {
    expect(negotiateProtocol({ minimum: 1, maximum: 3 }, { minimum: 2, maximum: 5 })).toBe(3);
    expect(negotiateProtocol({ minimum: 1, maximum: 9 }, { minimum: 2, maximum: 5 })).toBe(5);
  });

  it('finds none when the ranges do not meet', () => {
    expect(negotiateProtocol({ minimum: 1, maximum: 1 }, { minimum: 2, maximum: 5 })).toBeUndefined();
    expect(negotiateProtocol({ minimum: 6, maximum: 7 }, { minimum: 2, maximum: 5 })).toBeUndefined();
  });
});
