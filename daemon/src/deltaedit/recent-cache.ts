/** A map that forgets what was used least recently: results of expensive steps, by content. */
export class RecentCache<Result> {
  private readonly entries = new Map<string, Promise<Result>>();

  constructor(private readonly capacity: number) {}

  /** Whether a key has a result, or one on its way. */
  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Drops a key: the next `get` computes it again. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  /** The result for a key, computed once; failures are not kept. */
  async get(key: string, compute: () => Promise<Result>): Promise<Result> {
    const known = this.entries.get(key);
    const entry = known ?? compute();
    this.entries.delete(key);
    this.entries.set(key, entry);
    const oldest = this.entries.keys().next();
    if (this.entries.size > this.capacity && oldest.done !== true) this.entries.delete(oldest.value);
    try {
      return await entry;
    } catch (error) {
      if (this.entries.get(key) === entry) this.entries.delete(key);
      throw error;
    }
  }
}
