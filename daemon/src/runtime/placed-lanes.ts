/**
 * Lanes that open each network where it belongs: on the CPU's lanes, or in a lane of its own kind on another provider.
 *
 * A network that the provider refuses, fails to run, or answers with values that are not finite, is opened on the CPU once and
 * stays there; its caller sees the result, the status the reason. Its bytes are kept for that: on a GPU they are the only copy
 * in this machine's memory. Operators that a provider lacks are no reason: onnxruntime runs those on the CPU by itself.
 */
import type { Tensor } from '@deltaspace/onnx-graph';
import { messageOf, RuntimeError } from './errors.js';
import { createLanes, type Lanes } from './lanes.js';
import type { ProviderChoice } from './provider-choice.js';
import type { Runner } from './runner.js';

/** @param lanesOn makes the lanes of another provider, when the first network goes there. */
export function placeNetworks(
  cpu: Lanes,
  choice: ProviderChoice,
  lanesOn: (provider: string) => Lanes = (provider) => createLanes({ provider }),
): Lanes {
  let others: Lanes | undefined;
  return {
    async open(model, flops = 0) {
      const provider = await choice.providerFor(flops);
      if (provider === 'cpu') return cpu.open(model);
      const lanes = (others ??= lanesOn(provider));
      const move = (reason: string): Promise<Runner> => {
        choice.left(`a network of ${(model.byteLength / 1e6).toFixed(1)} MB`, reason);
        return cpu.open(model);
      };
      try {
        return new MovableRunner(await lanes.open(model.slice()), move);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return await move(messageOf(error));
      }
    },
    isStuck: () => cpu.isStuck() || (others?.isStuck() ?? false),
    async dispose() {
      await Promise.all([cpu.dispose(), others?.dispose()]);
    },
  };
}

/** A runner on a provider, until that fails. */
class MovableRunner implements Runner {
  readonly inputs: Runner['inputs'];
  readonly outputs: Runner['outputs'];
  #current: Runner;
  /** On its way to the CPU, or there. */
  #moved: Promise<Runner> | undefined;
  readonly #move: (reason: string) => Promise<Runner>;

  constructor(runner: Runner, move: (reason: string) => Promise<Runner>) {
    this.inputs = runner.inputs;
    this.outputs = runner.outputs;
    this.#current = runner;
    this.#move = move;
  }

  get copies(): number {
    return this.#current.copies ?? 1;
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    if (this.#moved !== undefined) return (await this.#moved).run(feeds);
    try {
      const results = await this.#current.run(feeds);
      if (allFinite(results) || !allFinite(feeds)) return results;
      this.#moved ??= this.#leave('it returned values that are not finite');
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#moved ??= this.#leave(messageOf(error));
    }
    return (await this.#moved).run(feeds);
  }

  async dispose(): Promise<void> {
    await this.#moved?.catch(() => undefined); // whoever ran it was told
    await this.#current.dispose();
  }

  async #leave(reason: string): Promise<Runner> {
    const left = this.#current;
    this.#current = await this.#move(reason);
    await left.dispose();
    return this.#current;
  }
}

/** Whether the provider is to blame: feeds of a wrong shape, or lanes that have ended, would fail on the CPU too. */
function isRefusal(error: unknown): boolean {
  return error instanceof RuntimeError && ['runtime/model-rejected', 'runtime/run-failed'].includes(error.code);
}

function allFinite(tensors: Readonly<Record<string, Tensor>>): boolean {
  return Object.values(tensors).every(({ data }) => {
    if (!(data instanceof Float32Array)) return true;
    for (let i = 0; i < data.length; i++) if ((data[i] as number) - (data[i] as number) !== 0) return false;
    return true;
  });
}
