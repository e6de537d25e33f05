/**
 * Adam outside the graph: the same kernel on several threads over one shared memory that onnxruntime writes gradients into.
 *
 * For large networks the in-graph update costs more than the network, because every elementary operation is a pass over
 * memory. Here one pass does all of it. Updates are elementwise, so the result does not depend on the number of threads.
 *
 * The calling thread does its share and then blocks until the others are done: no messages, no event loop in between.
 */

import { sizeOf, type AdamOptions, type Shape } from '@deltaspace/onnx-graph';
import { Worker } from 'node:worker_threads';
import { RuntimeError } from '../errors.js';
import { MAXIMUM_PAGES, SCALAR_ORDER, adamKernelBytes, type AdamKernel, type AdamScalars } from './adam-kernel.js';
import { Instance, Memory, Module, type SharedMemory } from './webassembly.js';

export interface HostParameter {
  readonly name: string;
  readonly shape: Shape;
  /** Multiplies the learning rate of this tensor. */
  readonly learningRateScale: number;
}

export interface HostOptimizerOptions {
  readonly adam: AdamOptions;
  /** Decay of the moving average, or null without one. */
  readonly averageDecay: number | null;
  /** Threads in total, the calling one included. */
  readonly threads: number;
}

/** Arrays over the shared memory, one per parameter and role; valid until `dispose`. */
export type HostArrays = ReadonlyMap<string, Float32Array>;

export interface HostOptimizer {
  /** By `parameter/NAME`, `firstMoment/NAME`, `secondMoment/NAME`, `average/NAME` and `gradient/NAME`; zero at first. */
  readonly arrays: HostArrays;
  /** One update from the gradients that lie in the memory; `step` counts from 1. Blocks the thread. */
  update(learningRate: number, step: number): void;
  dispose(): Promise<void>;
}

/** Where a tensor's five arrays lie: byte offsets in the memory, and their padded size. */
interface Placement {
  readonly offsets: readonly [number, number, number, number, number];
  readonly sizeBytes: number;
}

const ROLES = ['parameter', 'firstMoment', 'secondMoment', 'average', 'gradient'] as const;
const PAGE_BYTES = 65536;
/** A cache line, and the widest vector. */
const ALIGNMENT = 64;
/** Control words at the start of the memory: the update's number (−1: stop) and the count of finished helpers. */
const GENERATION = 0;
const FINISHED = 1;
const TABLE_OFFSET = ALIGNMENT;
/** No update of any network that fits the memory takes this long; a helper that died would otherwise hang the run. */
const HELPER_TIMEOUT_MS = 60_000;

/** Throws a RuntimeError 'runtime/model-rejected' when the tensors do not fit WebAssembly's 4 GiB. */
export function createHostOptimizer(
  parameters: readonly HostParameter[],
  options: HostOptimizerOptions,
): HostOptimizer {
  const { adam, averageDecay, threads } = options;
  const tableBytes = parameters.length * SCALAR_ORDER.length * 4;
  const { placements, totalBytes } = placeTensors(parameters, TABLE_OFFSET + tableBytes, averageDecay !== null);
  const memory = allocateMemory(totalBytes);
  const control = new Int32Array(memory.buffer, 0, 2);
  const table = new Float32Array(memory.buffer, TABLE_OFFSET, parameters.length * SCALAR_ORDER.length);
  const module = new Module(adamKernelBytes());
  const kernel = new Instance(module, { env: { memory } }).exports as AdamKernel;
  const kernelName = averageDecay === null ? 'update' : 'updateWithAverage';
  const jobs = Array.from({ length: threads }, (_, share) => jobsOf(placements, share, threads));
  const helpers = jobs.slice(1).map((own) => startHelper({ module, memory, jobs: own, kernelName }));

  return {
    arrays: arraysOf(parameters, placements, memory, averageDecay !== null),
    update(learningRate, step) {
      fillTable(table, parameters, adam, averageDecay, learningRate, step);
      Atomics.store(control, FINISHED, 0);
      Atomics.add(control, GENERATION, 1);
      Atomics.notify(control, GENERATION);
      for (const [at, ...place] of jobs[0] as Job[]) {
        kernel[kernelName](...place, ...table.subarray(at, at + SCALAR_ORDER.length));
      }
      awaitHelpers(control, helpers.length);
    },
    async dispose() {
      Atomics.store(control, GENERATION, -1);
      Atomics.notify(control, GENERATION);
      await Promise.all(helpers.map((helper) => helper.terminate()));
    },
  };
}

/** One kernel call: position of the scalars in the table, five addresses, size. */
type Job = readonly [number, number, number, number, number, number, number];

/** What thread `share` of `threads` does: an equal stretch of every tensor. */
function jobsOf(placements: readonly Placement[], share: number, threads: number): Job[] {
  return placements.flatMap(({ offsets, sizeBytes }, index): Job[] => {
    const vectors = sizeBytes / 16;
    const begin = Math.floor((vectors * share) / threads) * 16;
    const end = Math.floor((vectors * (share + 1)) / threads) * 16;
    if (end === begin) return [];
    const [a, b, c, d, e] = offsets;
    return [[index * SCALAR_ORDER.length, a + begin, b + begin, c + begin, d + begin, e + begin, end - begin]];
  });
}

/**
 * A thread that does its jobs each time the generation changes. Its program is text, so that it starts from sources and
 * from built files alike; it holds no logic beyond calling the kernel.
 */
function startHelper(data: { module: unknown; memory: unknown; jobs: readonly Job[]; kernelName: string }): Worker {
  const program = `
    const { module, memory, jobs, kernelName } = require('node:worker_threads').workerData;
    const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports[kernelName];
    const control = new Int32Array(memory.buffer, 0, 2);
    const table = new Float32Array(memory.buffer, ${TABLE_OFFSET});
    for (let seen = 0; ; ) {
      Atomics.wait(control, ${GENERATION}, seen);
      seen = Atomics.load(control, ${GENERATION});
      if (seen < 0) break;
      for (const [at, ...place] of jobs) kernel(...place, ...table.subarray(at, at + ${SCALAR_ORDER.length}));
      Atomics.add(control, ${FINISHED}, 1);
      Atomics.notify(control, ${FINISHED});
    }`;
  const worker = new Worker(program, { eval: true, workerData: data, execArgv: [] });
  worker.unref(); // a session that was not disposed must not keep the process alive
  return worker;
}

function awaitHelpers(control: Int32Array, count: number): void {
  for (let finished = Atomics.load(control, FINISHED); finished < count;) {
    if (Atomics.wait(control, FINISHED, finished, HELPER_TIMEOUT_MS) === 'timed-out') {
      throw new RuntimeError('runtime/run-failed', 'an optimiser thread does not answer');
    }
    finished = Atomics.load(control, FINISHED);
  }
}

/** The scalars of every tensor for one step (see the kernel), rounded to float32 by the table. */
function fillTable(
  table: Float32Array,
  parameters: readonly HostParameter[],
  adam: AdamOptions,
  averageDecay: number | null,
  learningRate: number,
  step: number,
): void {
  const { beta1, beta2, weightDecay = 0 } = adam;
  const correction1 = -Math.expm1(step * Math.log(beta1)); // 1 − β₁ᵗ without cancellation
  const rootCorrection2 = Math.sqrt(-Math.expm1(step * Math.log(beta2)));
  parameters.forEach(({ learningRateScale }, index) => {
    const rate = learningRate * learningRateScale;
    const scalars: AdamScalars = {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      epsilon: adam.epsilon * rootCorrection2,
      stepSize: (rate * rootCorrection2) / correction1,
      decay: 1 - rate * weightDecay,
      averageRate: averageDecay === null ? 0 : 1 - averageDecay,
    };
    table.set(
      SCALAR_ORDER.map((name) => scalars[name]),
      index * SCALAR_ORDER.length,
    );
  });
}

/** Lays the arrays out one role after the other, each on a cache line of its own. */
function placeTensors(
  parameters: readonly HostParameter[],
  start: number,
  withAverage: boolean,
): { placements: Placement[]; totalBytes: number } {
  const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  let next = alignUp(start);
  const sizes = parameters.map(({ shape }) => alignUp(Math.max(4, sizeOf(shape) * 4)));
  const offsets = parameters.map((): number[] => []);
  for (const role of ROLES) {
    sizes.forEach((size, index) => {
      offsets[index]?.push(next);
      if (role !== 'average' || withAverage) next += size;
    });
  }
  const placements = sizes.map((sizeBytes, index) => ({
    offsets: offsets[index] as unknown as Placement['offsets'],
    sizeBytes,
  }));
  return { placements, totalBytes: next };
}

function arraysOf(
  parameters: readonly HostParameter[],
  placements: readonly Placement[],
  memory: SharedMemory,
  withAverage: boolean,
): HostArrays {
  const arrays = new Map<string, Float32Array>();
  parameters.forEach(({ name, shape }, index) => {
    ROLES.forEach((role, position) => {
      const offset = placements[index]?.offsets[position] as number;
      const isKept = role !== 'average' || withAverage;
      if (isKept) arrays.set(`${role}/${name}`, new Float32Array(memory.buffer, offset, sizeOf(shape)));
    });
  });
  return arrays;
}

function allocateMemory(sizeBytes: number): SharedMemory {
  const pages = Math.ceil(sizeBytes / PAGE_BYTES);
  if (pages > MAXIMUM_PAGES) {
    const gigabytes = (sizeBytes / 2 ** 30).toFixed(1);
    throw new RuntimeError(
      'runtime/model-rejected',
      `the optimiser's state takes ${gigabytes} GiB, at most 4 are possible`,
    );
  }
  return new Memory({ initial: pages, maximum: MAXIMUM_PAGES, shared: true });
}
