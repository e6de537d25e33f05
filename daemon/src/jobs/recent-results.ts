/**
 * Keeps the blobs of recently ended jobs from giving way, so that who reconnects still finds what was computed.
 *
 * Bounded in number and in bytes: the oldest are let go, after which they live as long as any other blob.
 */
export interface RecentResultLimits {
  readonly jobs: number;
  readonly bytes: number;
}

interface PinnedResult {
  readonly sizeBytes: number;
  readonly unpin: () => void;
}

export class RecentResults {
  readonly #limits: RecentResultLimits;
  readonly #pin: (digests: readonly string[]) => () => void;
  /** Oldest first. */
  readonly #pinned: PinnedResult[] = [];
  #totalBytes = 0;

  constructor(limits: RecentResultLimits, pin: (digests: readonly string[]) => () => void) {
    this.#limits = limits;
    this.#pin = pin;
  }

  /** Pins the blobs of one result, the newest. */
  keep(blobs: readonly { digest: string; sizeBytes: number }[]): void {
    const sizeBytes = blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0);
    this.#pinned.push({ sizeBytes, unpin: this.#pin(blobs.map(({ digest }) => digest)) });
    this.#totalBytes += sizeBytes;
    while (this.#pinned.length > this.#limits.jobs || this.#totalBytes > this.#limits.bytes) this.#letOldestGo();
  }

  #letOldestGo(): void {
    const oldest = this.#pinned.shift();
    if (oldest === undefined) return;
    this.#totalBytes -= oldest.sizeBytes;
    oldest.unpin();
  }
}
