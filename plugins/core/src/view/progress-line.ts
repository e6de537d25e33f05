/**
 * One line about what runs: "Editing… 2nd in the queue, about 3 s".
 */
import type { Activity, ActivityKind } from '../editing/edit-session.js';
import type { ActivityProgress } from '../editing/progress.js';

export interface ProgressView {
  readonly text: string;
  /** 0 to 1; undefined while nothing is known, for a bar without an end. */
  readonly fraction: number | undefined;
}

const verbs: Readonly<Record<ActivityKind | 'batch', string>> = {
  preview: 'Previewing',
  render: 'Editing',
  variations: 'Making variations',
  strip: 'Making frames',
  mix: 'Mixing styles',
  batch: 'Editing layers',
};

/** Stages with words of their own; the others are of no interest to a designer. */
const stages: Readonly<Record<string, string>> = {
  connecting: 'waiting for deltaspace',
  capture: 'reading the layer',
  upload: 'sending the layer',
  loading: 'loading the pack',
  restarting: 'starting again after a crash',
  download: 'fetching the result',
};

/** Stages of which no share of the whole is known. */
const unknown: ReadonlySet<string> = new Set(['connecting', 'capture', 'upload', 'queued', 'loading']);

export function progressOf(activity: Activity | { kind: 'batch'; progress: ActivityProgress }): ProgressView {
  const { stage, fraction, queuePosition, etaMs, done, total } = activity.progress;
  const parts: string[] = [];
  if (done !== undefined && total !== undefined) parts.push(`${done} of ${total}`);
  if (queuePosition !== undefined) parts.push(`${ordinal(queuePosition)} in the queue`);
  else if (stage === 'queued') parts.push('in the queue');
  else if (stages[stage] !== undefined) parts.push(stages[stage]);
  if (etaMs !== undefined) parts.push(duration(etaMs));
  const isUnknown = total === undefined && fraction === 0 && unknown.has(stage);
  const text = `${verbs[activity.kind]}…${parts.length === 0 ? '' : ` ${parts.join(', ')}`}`;
  return { text, fraction: isUnknown ? undefined : fraction };
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st. */
export function ordinal(count: number): string {
  const tens = count % 100;
  const suffix = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${suffix}`;
}

/** A time as people say it: "less than a second", "about 3 s", "about 2 min". */
export function duration(forMs: number): string {
  if (forMs < 1000) return 'less than a second';
  if (forMs < 90_000) return `about ${Math.round(forMs / 1000)} s`;
  return `about ${Math.round(forMs / 60_000)} min`;
}
