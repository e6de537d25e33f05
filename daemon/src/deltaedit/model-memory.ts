/**
 * Which packs keep their networks in memory: several side by side, each until nobody used it for a while, and the least recently
 * used ones only as long as all together fit. A pack whose job runs stays, and so does the only one that is loaded, even when it alone is too large: the next request needs it
 * again.
 *
 * Counts the bytes of models times the threads that hold a copy. The weights that packs keep to build models from, and what the
 * runtime needs while it runs, come on top.
 */

/** A pack's networks, as far as they are loaded. */
export interface LoadedNetworks {
  readonly loadedBytes: number;
  /** Whether a network runs or is being loaded. */
  readonly isRunning: boolean;
  /** Frees them. The next use loads them again. */
  release(): Promise<void>;
}

export interface LoadedPack {
  readonly id: string;
  readonly sizeBytes: number;
}

export interface ModelMemoryOptions {
  /** How long an unused pack keeps its networks, in milliseconds. */
  readonly keepAliveMs: number;
  /** Bytes of all loaded networks together. */
  readonly limitBytes: number;
  /** Calls `action` once after `delayMs`, unless the returned function was called before. */
  readonly after: (delayMs: number, action: () => void) => () => void;
  /** Told what is loaded whenever that changed. */
  readonly changed: (loaded: readonly LoadedPack[]) => void;
}

interface Resident {
  readonly id: string;
  readonly networks: LoadedNetworks;
  jobs: number;
  cancelTimer: () => void;
}

export class ModelMemory {
  /** Least recently used first. */
  readonly #residents = new Map<string, Resident>();
  readonly #options: ModelMemoryOptions;
  #told = '[]';

  constructor(options: ModelMemoryOptions) {
    this.#options = options;
  }

  add(id: string, networks: LoadedNetworks): void {
    this.#residents.set(id, { id, networks, jobs: 0, cancelTimer: () => undefined });
  }

  get loaded(): LoadedPack[] {
    return [...this.#residents.values()]
      .map(({ id, networks }) => ({ id, sizeBytes: networks.loadedBytes }))
      .filter(({ sizeBytes }) => sizeBytes > 0);
  }

  /** Does the work of one job. Its pack stays loaded meanwhile and counts as used last. An unknown pack is the work's business. */
  async during<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const resident = this.#residents.get(id);
    if (resident === undefined) return work();
    this.#begin(resident);
    try {
      return await work();
    } finally {
      resident.jobs--;
      this.#rest(resident);
    }
  }

  /** Call when a network was loaded: others may have to go. */
  networksChanged(): void {
    for (const resident of this.#residents.values()) {
      if (this.#totalBytes <= this.#options.limitBytes || this.loaded.length === 1) break;
      if (isIdle(resident)) this.#release(resident);
    }
    this.#tell();
  }

  /** Lets all timers go; releases nothing. */
  dispose(): void {
    for (const { cancelTimer } of this.#residents.values()) cancelTimer();
    this.#residents.clear();
  }

  get #totalBytes(): number {
    return this.loaded.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  #begin(resident: Resident): void {
    resident.cancelTimer();
    resident.jobs++;
    this.#residents.delete(resident.id);
    this.#residents.set(resident.id, resident);
  }

  #rest(resident: Resident): void {
    if (resident.jobs > 0 || !this.#residents.has(resident.id)) return;
    this.networksChanged();
    resident.cancelTimer = this.#options.after(this.#options.keepAliveMs, () => {
      if (isIdle(resident)) this.#release(resident);
      else this.#rest(resident); // a network that was started for later still runs
      this.#tell();
    });
  }

  #release(resident: Resident): void {
    resident.cancelTimer();
    // Fails only when the threads have ended, and the networks with them.
    void resident.networks.release().catch(() => undefined);
  }

  #tell(): void {
    const { loaded } = this;
    const text = JSON.stringify(loaded);
    if (text === this.#told) return;
    this.#told = text;
    this.#options.changed(loaded);
  }
}

function isIdle({ jobs, networks }: Resident): boolean {
  return jobs === 0 && !networks.isRunning && networks.loadedBytes > 0;
}
