import { describe, expect, it } from 'vitest';
import { Stages } from './stages.js';

describe('stages', () => {
  it('report a fraction before and after each, and add up the time of those with one name', async () => {
    const seen: [string, number][] = [];
    const progress = (stage: string, fraction: number): void => void seen.push([stage, fraction]);
    const stages = new Stages({ progress, signal: new AbortController().signal }, 2);
    expect(await stages.run('invert', () => Promise.resolve(7))).toBe(7);
    const first = stages.timingsMs['invert'] ?? NaN;
    await stages.run('invert', () => new Promise((resolve) => setTimeout(resolve, 5)));
    expect(seen).toEqual([
      ['invert', 0],
      ['invert', 0.5],
      ['invert', 0.5],
      ['invert', 1],
    ]);
    expect(Object.keys(stages.timingsMs)).toEqual(['invert']);
    expect(stages.timingsMs['invert']).toBeGreaterThan(first + 3); // timers may fire a millisecond early
  });

  it('do not begin once the job is cancelled', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const stages = new Stages({ progress: (stage) => seen.push(stage), signal: controller.signal }, 2);
    await stages.run('invert', () => Promise.resolve(controller.abort(new Error('enough'))));
    let ran = false;
    await expect(stages.run('edit', () => Promise.resolve((ran = true)))).rejects.toThrow('enough');
    expect([ran, seen.includes('edit')]).toEqual([false, false]);
  });

  it('pass the error of a stage on, without counting it as done', async () => {
    const seen: number[] = [];
    const progress = (_: string, fraction: number): void => void seen.push(fraction);
    const stages = new Stages({ progress, signal: new AbortController().signal }, 2);
    await expect(stages.run('edit', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(seen).toEqual([0]);
  });
});
