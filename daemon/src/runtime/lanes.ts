/**
 * Networks run beside the caller: a few threads, each with its own copy of every loaded network.
 *
 * onnxruntime-node computes on the thread that asks. On a thread of its own a run leaves the caller free to compose pictures
 * and to hear of a cancellation, and two networks run at the same time: for networks of a few milliseconds that uses a second
 * core far better than a second thread inside each operator (measured on 2 cores: two decoded codes take 8.9 ms side by side,
 * 12.4 ms one after the other with two threads each). Networks too large for that, and for copies, get all cores at once.
 */
import { Worker } from 'node:worker_threads';
import type { Tensor } from '@deltaspace/onnx-graph';
import { RuntimeError } from './errors.js';
import type { FromLane, LaneRequest, ToLane } from './lane-messages.js';
import { physicalCoreCount } from './physical-cores.js';
import type { Runner } from './runner.js';

/** More lanes than this only cost memory: an edit has few networks that do not wait for each other. */
const mostLanes = 4;
/** Longer than any run, and any loading of a model, in milliseconds. */
const longestRunMs = 300_000;
/** Models from this many bytes on are loaded once and run with all cores. */
const largeModelBytes = 64 * 2 ** 20;

export interface Lanes {
  /**
   * Loads a model in every lane that may run it. Takes the bytes over. `flops`, the operations of one run, may decide on what it
   * runs (placed-lanes.ts). Rejects with a RuntimeError, as `createRunner` does.
   */
  open(model: Uint8Array, flops?: number): Promise<Runner>;
  /** Whether a thread has been at one run or loading for longer than any takes: a driver that does not come back. */
  isStuck(): boolean;
  /** Ends the threads. Runs that are not over reject with 'runtime/disposed'. */
  dispose(): Promise<void>;
}

export interface LaneOptions {
  /** Module of the threads; the compiled one beside this file unless a test brings its own. */
  readonly entry?: URL;
  /** Milliseconds after which one run or loading counts as stuck. */
  readonly longestMs?: number;
  /** Execution provider that networks are opened on; the CPU when left out. Another one gets a single lane: there is one device. */
  readonly provider?: string;
}

export function createLanes(options: LaneOptions = {}): Lanes {
  const { entry = new URL('./lane.js', import.meta.url), longestMs = longestRunMs, provider } = options;
  const cores = physicalCoreCount();
  const count = provider === undefined ? Math.min(mostLanes, cores) : 1;
  const lanes = Array.from({ length: count }, () => new Lane(entry));
  const threads = Math.floor(cores / lanes.length);
  let opened = 0;
  return {
    async open(model) {
      const session = opened++;
      const isLarge = model.byteLength >= largeModelBytes;
      const users = isLarge ? lanes.slice(0, 1) : lanes;
      const place = { threads: isLarge ? cores : threads, ...(provider === undefined ? {} : { provider }) };
      // The last lane gets the bytes themselves, the others copies.
      const loading = users.map((lane, i) =>
        lane.ask(
          { kind: 'open', session, ...place, model },
          i === users.length - 1 ? [model.buffer as ArrayBuffer] : [],
        ),
      );
      const [loaded] = await Promise.all(loading);
      return new LaneRunner(users, session, loaded as LoadedModel);
    },
    isStuck: () => lanes.some((lane) => lane.atHeadMs > longestMs),
    async dispose() {
      await Promise.all(lanes.map((lane) => lane.end()));
    },
  };
}

type LoadedModel = Pick<Runner, 'inputs' | 'outputs'>;

class LaneRunner implements Runner {
  readonly inputs: Runner['inputs'];
  readonly outputs: Runner['outputs'];
  readonly copies: number;
  #disposed = false;

  constructor(
    private readonly lanes: readonly Lane[],
    private readonly session: number,
    { inputs, outputs }: LoadedModel,
  ) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.copies = lanes.length;
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    if (this.#disposed) throw new RuntimeError('runtime/disposed', 'the runner was disposed');
    const lane = this.lanes.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    return (await lane.ask({ kind: 'run', session: this.session, feeds })) as Record<string, Tensor>;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.all(this.lanes.map((lane) => lane.ask({ kind: 'close', session: this.session })));
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One thread and the questions it has not answered. It answers in the order of the questions, one at a time. */
class Lane {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #headSinceMs = 0;
  #ended: RuntimeError | undefined;

  constructor(entry: URL) {
    this.#worker = new Worker(entry);
    this.#worker.unref(); // an idle lane keeps no process alive
    this.#worker.on('message', (message: FromLane) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(`a computing thread failed: ${error.message}`));
    this.#worker.on('exit', () => this.#end('the computing threads have ended'));
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** For how long the thread has been at what it does now; 0 when it is idle. */
  get atHeadMs(): number {
    return this.#waiting.size === 0 ? 0 : performance.now() - this.#headSinceMs;
  }

  ask(request: LaneRequest, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#asked++;
    if (this.#waiting.size === 0) this.#headSinceMs = performance.now();
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request } satisfies ToLane, transfer);
    });
  }

  async end(): Promise<void> {
    this.#end('the computing threads have ended');
    await this.#worker.terminate();
  }

  #receive(message: FromLane): void {
    const asker = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    this.#headSinceMs = performance.now();
    if (this.#waiting.size === 0) this.#worker.unref();
    if (message.ok) asker?.resolve(message.value);
    else asker?.reject(new RuntimeError(message.code, message.message));
  }

  #end(reason: string): void {
    this.#ended ??= new RuntimeError('runtime/disposed', reason);
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
