/**
 * One of the queue's two tracks: a worker, who waits for it, and what it runs.
 *
 * Edits and what else a person waits for are `foreground`; what takes minutes to hours is `background`, in a process of its
 * own. Which track a job takes follows from its kind, never from its options: an edit never waits for a training, whatever
 * priority it was sent with. Decides nothing else; the queue does.
 */
import type { JobKind } from './job.js';
import type { LiveJob } from './live-job.js';
import type { JobExecutor, QueueParts } from './queue-parts.js';
import { QueueProgress } from './queue-progress.js';
import { WaitingLine } from './waiting-line.js';

export const trackNames = ['foreground', 'background'] as const;
export type TrackName = (typeof trackNames)[number];

const trackOfKind: Readonly<Record<JobKind, TrackName>> = {
  edit: 'foreground',
  interpolate: 'foreground',
  mix: 'foreground',
  invert: 'foreground',
  subjects: 'foreground',
  run: 'foreground',
  evaluate: 'background',
  analyze: 'background',
  verify: 'background',
  train: 'background',
  resume: 'background',
};

/** Where jobs of a kind run. */
export function trackFor(kind: JobKind): TrackName {
  return trackOfKind[kind];
}

export class Track {
  readonly executor: JobExecutor;
  readonly line = new WaitingLine<LiveJob>();
  readonly progress: QueueProgress;
  running: LiveJob | undefined;

  constructor(executor: JobExecutor, parts: Pick<QueueParts, 'nowMs' | 'progressIntervalMs'>) {
    this.executor = executor;
    this.progress = new QueueProgress(this.line, () => this.running, parts);
  }
}
