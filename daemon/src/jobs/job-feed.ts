/** Tells everyone who listens about every change of every job. */
import type { JobView } from './job.js';

export type JobListener = (view: JobView) => void;

export class JobFeed {
  readonly #listeners = new Set<JobListener>();

  /** Listens until the returned function is called. Listeners must not throw. */
  listen(listener: JobListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(view: JobView): void {
    for (const listener of this.#listeners) listener(view);
  }
}
