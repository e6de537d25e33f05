/**
 * Fewer progress reports: each wakes the API process and the client, which on a small machine take the time from the very
 * job that is being reported.
 */
import type { JobMetrics } from '@deltaspace/shared-protocol';

/** Where a job is, and what it measures as it goes. */
export type Report = (stage: string, fraction: number, metrics?: JobMetrics) => void;

/** Lets a report through when the stage is new or the last one is long enough ago. */
export function throttleProgress(send: Report, intervalMs: number, nowMs: () => number): Report {
  let lastStage: string | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  return (stage, fraction, metrics) => {
    const now = nowMs();
    if (stage === lastStage && now - lastMs < intervalMs) return;
    lastStage = stage;
    lastMs = now;
    send(stage, fraction, metrics);
  };
}

/**
 * Holds a report until the event loop turns; a later one takes its place. Stages whose result was known already are over within
 * a turn and never told. Before a network runs the loop does turn, so the last report names the stage that a crash is in.
 */
export function lastOfTurn(send: Report): {
  report(this: void, ...report: Parameters<Report>): void;
  /** Forgets what waits: the job has ended. */
  drop(this: void): void;
} {
  let waiting: Parameters<Report> | undefined;
  let turn: NodeJS.Immediate | undefined;
  return {
    report(...report) {
      waiting = report;
      turn ??= setImmediate(() => {
        turn = undefined;
        if (waiting !== undefined) send(...waiting);
        waiting = undefined;
      });
    },
    drop: () => (waiting = undefined),
  };
}
