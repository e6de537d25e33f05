/**
 * How far a run is and how fast it goes: means over a window of steps, and the line printed for it.
 */

/** When a run ends; at least one of the two. Both count over all resumptions of the run. */
export interface StopConditions {
  readonly steps?: number;
  readonly minutes?: number;
}

/** Reported at every logged step. Means are over the steps since the previous report. */
export interface TrainingProgress {
  readonly step: number;
  /** Null when only the time is limited. */
  readonly steps: number | null;
  readonly elapsedSeconds: number;
  /** Null until the speed is known. */
  readonly etaSeconds: number | null;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly gflopsPerSecond: number;
  /** Means by metric name; always has `loss`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Sums over the steps since the last report; stored in checkpoints so that a resumed run reports the same means. */
export interface MetricsWindow {
  count: number;
  sums: Record<string, number>;
}

export function addToWindow(window: MetricsWindow, metrics: Readonly<Record<string, number>>): void {
  window.count += 1;
  for (const [name, value] of Object.entries(metrics)) window.sums[name] = (window.sums[name] ?? 0) + value;
}

export function windowMeans(window: MetricsWindow): Record<string, number> {
  return Object.fromEntries(Object.entries(window.sums).map(([name, sum]) => [name, sum / window.count]));
}

/** The fraction of the run that is done, in [0, 1]: by steps or by time, whichever is further. */
export function fractionDone(stop: StopConditions, step: number, elapsedSeconds: number): number {
  const bySteps = stop.steps === undefined ? 0 : step / stop.steps;
  const byTime = stop.minutes === undefined ? 0 : elapsedSeconds / (60 * stop.minutes);
  return Math.min(1, Math.max(bySteps, byTime));
}

/** Seconds until the first stop condition is met. */
export function remainingSeconds(
  stop: StopConditions,
  step: number,
  elapsedSeconds: number,
  stepsPerSecond: number,
): number | null {
  const bySteps = stop.steps === undefined ? Infinity : (stop.steps - step) / stepsPerSecond;
  const byTime = stop.minutes === undefined ? Infinity : 60 * stop.minutes - elapsedSeconds;
  const remaining = Math.max(0, Math.min(bySteps, byTime));
  return Number.isFinite(remaining) ? remaining : null;
}

/** E.g. "step 1200/5000  134.2 images/s  91 GFLOP/s  loss 0.1234  eta 4m05s". */
export function formatProgress(progress: TrainingProgress): string {
  const { step, steps, imagesPerSecond, gflopsPerSecond, metrics, etaSeconds } = progress;
  const count = steps === null ? `step ${step}` : `step ${step}/${steps}`;
  const values = Object.entries(metrics).map(([name, value]) => `${name} ${formatNumber(value)}`);
  const eta = etaSeconds === null ? [] : [`eta ${formatDuration(etaSeconds)}`];
  const speed = [`${imagesPerSecond.toFixed(1)} images/s`, `${gflopsPerSecond.toFixed(1)} GFLOP/s`];
  return [count, ...speed, ...values, ...eta].join('  ');
}

function formatNumber(value: number): string {
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
    ? value.toExponential(3)
    : value.toPrecision(4);
}

function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (minutes >= 60) return `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`;
  return minutes > 0 ? `${minutes}m${pad(whole % 60)}s` : `${whole}s`;
}
