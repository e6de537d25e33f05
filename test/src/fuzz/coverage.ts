/** Which parts of our compiled code an action runs, told by the engine itself: what guides the fuzzer to new paths. */
import { Session, type Profiler } from 'node:inspector';

export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  /** @param sources part of the address of the scripts that count. */
  constructor(private readonly sources: RegExp) {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Whether the action ran something that none before did: a branch, or one of them far more often. */
  isNew(action: () => void): boolean {
    this.#take();
    action();
    const known = this.#seen.size;
    for (const { url, functions } of this.#take())
      if (this.sources.test(url))
        for (const { ranges } of functions)
          for (const { startOffset, endOffset, count } of ranges)
            this.#seen.add(`${url}:${startOffset}:${endOffset}:${Math.ceil(Math.log2(count + 1))}`);
    return this.#seen.size > known;
  }

  /** Counts since the last call. The answer comes before `post` returns: the session is of this very thread. */
  #take(): Profiler.ScriptCoverage[] {
    let taken: Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      taken = answer.result;
    });
    return taken;
  }
}
