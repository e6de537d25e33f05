import { describe, expect, it } from 'vitest';
import { Watchdog } from './watchdog.js';

const ticks = (watchdog: Watchdog, count: number): boolean[] => Array.from({ length: count }, () => watchdog.tick());

describe('the watchdog', () => {
  it('barks when the worker was silent for longer than allowed', () => {
    expect(ticks(new Watchdog(3000, 1000), 4)).toEqual([false, false, false, true]);
  });

  it('begins anew with every word of the worker', () => {
    const watchdog = new Watchdog(3000, 1000);
    for (let word = 0; word < 10; word++) {
      expect(ticks(watchdog, 3)).toEqual([false, false, false]);
      watchdog.heard();
    }
    expect(ticks(watchdog, 4).at(-1)).toBe(true);
  });

  it('allows at least one tick, however short the silence', () => {
    expect(ticks(new Watchdog(1, 1000), 2)).toEqual([false, true]);
  });
});
