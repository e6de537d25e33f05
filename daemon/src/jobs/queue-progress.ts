/**
 * What can be said of jobs that have not ended: their place in the line, and when they will be done. Decides nothing.
 */
import type { JobProgress } from '@deltaspace/shared-protocol';
import { DurationEstimates } from './duration-estimates.js';
import type { LiveJob } from './live-job.js';
import type { WaitingLine } from './waiting-line.js';

export class QueueProgress {
  readonly estimates = new DurationEstimates();
  readonly #line: WaitingLine<LiveJob>;
  readonly #running: () => LiveJob | undefined;
  readonly #nowMs: () => number;
  readonly #intervalMs: number;

  /** @param intervalMs shortest time between two reports of a changed place to the same job. */
  constructor(
    line: WaitingLine<LiveJob>,
    running: () => LiveJob | undefined,
    { nowMs, progressIntervalMs }: { readonly nowMs: () => number; readonly progressIntervalMs: number },
  ) {
    this.#line = line;
    this.#running = running;
    this.#nowMs = nowMs;
    this.#intervalMs = progressIntervalMs;
  }

  /** How far a live job is. */
  of(job: LiveJob): JobProgress {
    const { stage, fraction, metrics } = job;
    const place = this.#line.jobs.indexOf(job);
    const etaMs = this.#etaMs(place);
    return {
      stage: place < 0 || stage === 'restarting' ? stage : 'queued',
      fraction,
      ...(place < 0 ? {} : { queuePosition: place + 1 }),
      ...(etaMs === undefined ? {} : { etaMs: Math.round(etaMs) }),
      ...(Object.keys(metrics).length === 0 ? {} : { metrics }),
    };
  }

  /** Tells who waits for a job where it stands in the line, when that changed and not too often. */
  tellPlace(job: LiveJob): void {
    const position = this.#line.jobs.indexOf(job) + 1;
    const now = this.#nowMs();
    if (position === 0 || !job.isAwaited || job.told?.position === position) return;
    if (job.told !== undefined && now - job.told.atMs < this.#intervalMs) return;
    job.told = { position, atMs: now };
    job.tell(this.of(job));
  }

  /** Tells all who wait in the line. */
  tellPlaces(): void {
    for (const job of this.#line.jobs) this.tellPlace(job);
  }

  /** Milliseconds to the end of the job at a place in the line, or of the running one. Undefined when not known. */
  #etaMs(place: number): number | undefined {
    const running = this.#running();
    let total = running === undefined ? 0 : this.#restMs(running);
    for (const { record } of this.#line.jobs.slice(0, place + 1)) {
      const whole = this.estimates.ofWhole(record.request.kind);
      total = total === undefined || whole === undefined ? undefined : total + whole;
    }
    return total;
  }

  #restMs({ record, fraction }: LiveJob): number | undefined {
    const now = this.#nowMs();
    return this.estimates.ofRest(record.request.kind, now - (record.startedAtMs ?? now), fraction);
  }
}
