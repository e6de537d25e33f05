/** Where a job is: progress fractions of its parts, cancellation between them, and the time each takes. */
import type { EngineHooks } from '../jobs/engine-port.js';

/** Share of the whole job that each part takes in progress fractions: decode, engine, encode. */
export const engineStart = 0.05;
export const engineShare = 0.9;

/** The engine counts from 0 to 1; that is the middle part of the job. */
export function engineHooks(hooks: EngineHooks): EngineHooks {
  return {
    signal: hooks.signal,
    progress: (stage, fraction) =>
      hooks.progress(stage, engineStart + engineShare * Math.min(Math.max(fraction, 0), 1)),
  };
}

/** Begins a part of the job. Throws the signal's reason when the job was cancelled before it. */
export function enter(stage: string, fraction: number, hooks: EngineHooks): void {
  hooks.signal.throwIfAborted();
  hooks.progress(stage, fraction);
}

/** Milliseconds since the last lap, by name. */
export function stopwatch(): { laps: Record<string, number>; lap(name: string): void; skip(): void } {
  const laps: Record<string, number> = {};
  let last = performance.now();
  const skip = (): void => {
    last = performance.now();
  };
  return {
    laps,
    skip,
    lap(name) {
      laps[name] = Math.round((performance.now() - last) * 100) / 100;
      skip();
    },
  };
}
