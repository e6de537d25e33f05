/**
 * Fewer progress reports: each wakes the API process and the client, which on a small machine take the time from the very
 * job that is being reported.
 */

/** Lets a report through when the stage is new or the last one is long enough ago. */
export function throttleProgress(
  send: (stage: string, fraction: number) => void,
  intervalMs: number,
  nowMs: () => number,
): (stage: string, fraction: number) => void {
  let lastStage: string | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  return (stage, fraction) => {
    const now = nowMs();
    if (stage === lastStage && now - lastMs < intervalMs) return;
    lastStage = stage;
    lastMs = now;
    send(stage, fraction);
  };
}

/**
 * Holds a report until the event loop turns; a later one takes its place. Stages whose result was known already are over within
 * a turn and never told. Before a network runs the loop does turn, so the last report names the stage that a crash is in.
 */
export function lastOfTurn(send: (stage: string, fraction: number) => void): {
  report(this: void, stage: string, fraction: number): void;
  /** Forgets what waits: the job has ended. */
  drop(this: void): void;
} {
  let waiting: { stage: string; fraction: number } | undefined;
  let turn: NodeJS.Immediate | undefined;
  return {
    report(stage, fraction) {
      waiting = { stage, fraction };
      turn ??= setImmediate(() => {
        turn = undefined;
        if (waiting !== undefined) send(waiting.stage, waiting.fraction);
        waiting = undefined;
      });
    },
    drop: () => (waiting = undefined),
  };
}
