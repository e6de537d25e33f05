/** The stages of one job: cancellation before each, progress and time after each. */

/** Progress goes out, cancellation comes in. The signal is looked at between stages. */
export interface EngineHooks {
  progress(stage: string, fraction: number): void;
  signal: AbortSignal;
}

export class Stages {
  readonly timingsMs: Record<string, number> = {};
  private done = 0;

  constructor(
    private readonly hooks: EngineHooks,
    private readonly count: number,
  ) {}

  /** Runs one stage. Throws the signal's reason when the job was cancelled before it. */
  async run<Result>(name: string, stage: () => Promise<Result>): Promise<Result> {
    this.hooks.signal.throwIfAborted();
    this.hooks.progress(name, this.done / this.count);
    const start = performance.now();
    const result = await stage();
    this.timingsMs[name] = (this.timingsMs[name] ?? 0) + performance.now() - start;
    this.done++;
    this.hooks.progress(name, this.done / this.count);
    return result;
  }
}
