/**
 * What a slider asks for while it is dragged: at most one request runs and one waits, and the newest always comes last.
 *
 * A request that is running goes on to its end, so that pictures keep coming during a long drag. Only one that itself still
 * waits in the daemon's queue gives way to a newer one: nothing is lost by that.
 */
import { CancelSource, type CancelSignal, type JobProgress } from '@deltaspace/shared-protocol';

export const laneLimits = {
  /** While dragging: time from the first change to the request. Later changes do not put it off. */
  dragMs: 40,
  /** While typing: time after the last change. */
  typeMs: 350,
} as const;

/** How a change came about: by dragging, by typing, or by something that is complete as it is. */
export type ChangeKind = 'drag' | 'type' | 'done';

export interface LaneParts<Request, Value> {
  after(delayMs: number, callback: () => void): () => void;
  run(request: Request, signal: CancelSignal, onProgress: (progress: JobProgress) => void): Promise<Value>;
  /** Called before each run. */
  onStart?(request: Request): void;
  onProgress?(progress: JobProgress): void;
  onValue(value: Value, request: Request): void;
  /** Not called for runs that were cancelled from here. */
  onFailure(error: unknown, request: Request): void;
  /** Nothing runs and nothing waits. */
  onIdle?(): void;
}

export class PreviewLane<Request, Value> {
  readonly #parts: LaneParts<Request, Value>;
  #waiting: { readonly request: Request } | undefined;
  #running: { readonly source: CancelSource; isQueued: boolean } | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(parts: LaneParts<Request, Value>) {
    this.#parts = parts;
  }

  /** Whether anything runs or waits. */
  get isBusy(): boolean {
    return this.#running !== undefined || this.#waiting !== undefined;
  }

  /** Asks for a request in place of whatever waits. */
  ask(request: Request, kind: ChangeKind = 'done'): void {
    this.#waiting = { request };
    if (kind !== 'drag') this.#clearTimer();
    if (kind === 'done') return this.#next();
    const delayMs = kind === 'drag' ? laneLimits.dragMs : laneLimits.typeMs;
    this.#stopTimer ??= this.#parts.after(delayMs, () => {
      this.#stopTimer = undefined;
      this.#next();
    });
  }

  /** Drops what waits and cancels what runs. */
  cancel(): void {
    this.#clearTimer();
    this.#waiting = undefined;
    this.#running?.source.cancel();
  }

  #clearTimer(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Starts what waits, if its time has come and nothing runs. */
  #next(): void {
    if (this.#stopTimer !== undefined || this.#waiting === undefined) return;
    if (this.#running !== undefined) {
      if (this.#running.isQueued) this.#running.source.cancel();
      return;
    }
    const { request } = this.#waiting;
    this.#waiting = undefined;
    void this.#run(request);
  }

  async #run(request: Request): Promise<void> {
    const running = { source: new CancelSource(), isQueued: false };
    this.#running = running;
    const onProgress = (progress: JobProgress): void => {
      running.isQueued = progress.stage === 'queued';
      if (running.isQueued && this.#stopTimer === undefined && this.#waiting !== undefined) running.source.cancel();
      this.#parts.onProgress?.(progress);
    };
    let outcome: { value: Value } | { error: unknown };
    try {
      this.#parts.onStart?.(request);
      outcome = { value: await this.#parts.run(request, running.source.signal, onProgress) };
    } catch (error) {
      outcome = { error };
    }
    this.#running = undefined;
    try {
      if ('value' in outcome) {
        if (!running.source.signal.aborted) this.#parts.onValue(outcome.value, request);
      } else if (!running.source.signal.aborted) this.#parts.onFailure(outcome.error, request);
    } finally {
      this.#next();
      if (!this.isBusy) this.#parts.onIdle?.();
    }
  }
}
