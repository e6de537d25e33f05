import { describe, expect, it } from 'vitest';
import { throttleProgress } from './throttle-progress.js';

describe('progress', () => {
  it('passes at most once per interval within a stage, and always at a new one', () => {
    let now = 0;
    const sent: [string, number][] = [];
    const progress = throttleProgress(
      (stage, fraction) => sent.push([stage, fraction]),
      100,
      () => now,
    );
    for (; now < 250; now += 10) progress('a', now / 1000);
    progress('b', 0.9);
    expect(sent).toEqual([
      ['a', 0],
      ['a', 0.1],
      ['a', 0.2],
      ['b', 0.9],
    ]);
  });
});
