/**
 * Which execution provider a network is opened on: what the user asked for, where it works, and the CPU everywhere else.
 *
 * A provider is tried in a process of its own before this one loads it (execution-providers.ts): a driver that hangs or crashes
 * costs an answer, not a worker. `auto` asks nothing before a network comes that is large enough to gain, and believes no
 * provider that is not faster than the CPU here: software that plays a GPU is not. ADR 0013 has the figures. Opening networks
 * is placed-lanes.ts.
 */
import { messageOf } from './errors.js';
import { compareProvider, tryProvider, type Comparison } from './execution-providers.js';

/** What networks run on, as `server.status` tells it. */
export interface ProviderStatus {
  /** As asked for: `auto`, or onnxruntime's name of a provider. */
  readonly wanted: string;
  /** What it came to, for large networks with `auto`; null before anybody had to know. */
  readonly used: string | null;
  /** Why that is not what was asked for, or why a network left it. */
  readonly reason: string | null;
}

export interface ProviderTests {
  /** Throws an Error with the reason when a provider does not work. */
  readonly attempt: (name: string) => Promise<void>;
  readonly compare: (name: string) => Promise<Comparison>;
}

/** The provider that `auto` means: the only one in onnxruntime-node's package, besides the CPU, that we have measured. */
const automaticProvider = 'webgpu';
/**
 * Arithmetic of a network, per run, from which `auto` leaves the CPU. Below, handing over inputs and results (1 to 3 ms) is
 * longer than the run: 0.2 GFLOP take 5.6 ms on an H200 and 4.9 ms on 16 cores, 1.5 GFLOP 4.4 ms and 16 ms. Bytes tell
 * nothing: the former has 331 MB of weights, the latter 2 MB.
 */
const leastFlops = 1e9;

export class ProviderChoice {
  readonly #wanted: string;
  readonly #tests: ProviderTests;
  readonly #changed: (status: ProviderStatus) => void;
  #verdict: Promise<string> | undefined;
  #status: ProviderStatus;

  /** @param changed told whenever the status is another. */
  constructor(
    wanted: string,
    changed: (status: ProviderStatus) => void = () => undefined,
    tests: ProviderTests = { attempt: tryProvider, compare: compareProvider },
  ) {
    this.#wanted = wanted;
    this.#changed = changed;
    this.#tests = tests;
    this.#status = { wanted, used: wanted === 'cpu' ? 'cpu' : null, reason: null };
    changed(this.#status);
    if (wanted !== 'auto') void this.#decide(); // so that people see what it came to before they edit
  }

  get status(): ProviderStatus {
    return this.#status;
  }

  /** The provider to open a network on whose runs are `flops` operations each; `cpu` where there is no better one. Never rejects. */
  async providerFor(flops: number): Promise<string> {
    if (this.#wanted === 'auto' && flops < leastFlops) return 'cpu';
    return this.#decide();
  }

  /** Call when a network had to leave the provider. */
  left(network: string, reason: string): void {
    this.#tell({ ...this.#status, reason: `${network} runs on the CPU: ${reason}` });
  }

  #decide(): Promise<string> {
    this.#verdict ??= this.#judge().then(({ used, reason }) => {
      this.#tell({ wanted: this.#wanted, used, reason });
      return used;
    });
    return this.#verdict;
  }

  async #judge(): Promise<{ used: string; reason: string | null }> {
    if (this.#wanted === 'cpu') return { used: 'cpu', reason: null };
    try {
      if (this.#wanted !== 'auto') await this.#tests.attempt(this.#wanted);
      else mustBeFaster(await this.#tests.compare(automaticProvider));
      return { used: this.#wanted === 'auto' ? automaticProvider : this.#wanted, reason: null };
    } catch (error) {
      const name = this.#wanted === 'auto' ? automaticProvider : this.#wanted;
      return { used: 'cpu', reason: `${name} cannot be used: ${messageOf(error)}` };
    }
  }

  #tell(status: ProviderStatus): void {
    const isNews = JSON.stringify(status) !== JSON.stringify(this.#status);
    this.#status = status;
    if (isNews) this.#changed(status);
  }
}

function mustBeFaster({ providerMs, cpuMs }: Comparison): void {
  if (providerMs < cpuMs) return;
  throw new Error(`convolutions take ${providerMs.toFixed(1)} ms on it and ${cpuMs.toFixed(1)} ms on the CPU`);
}
