/**
 * How many bytes the disk of a folder has left, asked at most once a second unless someone needs to know exactly.
 *
 * A slider uploads ten small layers a second; each question is a trip through the thread pool.
 */
import { statfs } from 'node:fs/promises';

const rememberedMs = 1_000;

export type MeasureFreeBytes = (directory: string) => Promise<number>;

/** Infinite where the system does not tell. */
export async function freeBytesOf(directory: string): Promise<number> {
  const found = await statfs(directory).catch(() => undefined);
  return found === undefined ? Infinity : found.bavail * found.bsize;
}

export class DiskSpace {
  #measuredMs = -Infinity;
  #freeBytes = 0;

  constructor(
    private readonly directory: string,
    private readonly measure: MeasureFreeBytes,
    private readonly nowMs: () => number,
  ) {}

  async freeBytes(exact: boolean): Promise<number> {
    const age = this.nowMs() - this.#measuredMs;
    if (!exact && age >= 0 && age < rememberedMs) return this.#freeBytes;
    this.#freeBytes = await this.measure(this.directory);
    this.#measuredMs = this.nowMs();
    return this.#freeBytes;
  }
}
