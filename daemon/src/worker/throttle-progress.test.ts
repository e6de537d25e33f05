import { describe, expect, it } from 'vitest';
import { lastOfTurn, throttleProgress } from './throttle-progress.js';

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

describe('reports of one turn of the event loop', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('give way to the last of them, which is sent before what comes later in the loop', async () => {
    const sent: string[] = [];
    const { report } = lastOfTurn((stage) => sent.push(stage));
    report('decode', 0);
    report('invert', 0.1);
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual(['invert']);
    report('edit', 0.5);
    await turn();
    expect(sent).toEqual(['invert', 'edit']);
  });

  it('are forgotten when the job has ended', async () => {
    const sent: string[] = [];
    const { report, drop } = lastOfTurn((stage) => sent.push(stage));
    report('encode', 0.9);
    drop();
    await turn();
    expect(sent).toEqual([]);
  });
});
