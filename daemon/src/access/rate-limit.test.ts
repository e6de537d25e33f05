import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.js';
import { ManualClock } from './testing/manual-clock.js';

it('a budget is spent, comes back with time, and never exceeds its size', () => {
  const clock = new ManualClock();
  const limit = new RateLimit({ attempts: 2, perMinute: 6 }, clock);
  expect([limit.spend(), limit.spend(), limit.spend()]).toEqual([true, true, false]);
  expect(limit.retryAfterS).toBe(10);
  clock.advance(9_999);
  expect(limit.spend()).toBe(false);
  clock.advance(1);
  expect([limit.spend(), limit.spend()]).toEqual([true, false]);
  clock.advance(3_600_000);
  expect([limit.spend(), limit.spend(), limit.spend()]).toEqual([true, true, false]);
});
