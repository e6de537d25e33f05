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
