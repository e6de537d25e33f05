/**
 * Runs a training step again and again with its state (weights, moments, averages) kept between runs.
 *
 * With the optimiser in the graph, state is double-buffered: a run reads bank A and writes bank B, the next one the other
 * way round. Writing in place would be silently wrong, because onnxruntime may update one weight before another one's
 * gradient has read it. With host placement a run only makes gradients, and the host optimiser then updates in place.
 *
 * Two paths with bit-equal results: `native` (C API, no copies) and `public` (onnxruntime-node's own API, which copies
 * every output). `auto` takes native where it can be loaded and otherwise public, and says why in `fallbackReason`.
 *
 * Not here: what the state starts from, batches, schedules, checkpoints (see ../training).
 */

import type { Shape, TrainingStep, TypedArray } from '@deltaspace/onnx-graph';
import type { BoundArray, BoundModel, RuntimePath } from './bound-model.js';
import { openBoundModel } from './open-model.js';
import { RuntimeError } from './errors.js';
import { createHostOptimizer, type HostOptimizer } from './optimizer/host-optimizer.js';
import { physicalCoreCount } from './physical-cores.js';
import { layoutOf, type TrainingLayout } from './training-layout.js';
import { allocate, type TensorSpec } from './tensors.js';

export interface TrainingSessionOptions {
  /** Threads inside an operator. Default: the physical cores. */
  readonly threads?: number;
  /** Default 'auto'. */
  readonly path?: RuntimePath | 'auto';
}

export interface TrainingSession {
  readonly path: RuntimePath;
  /** Why 'auto' did not take the native path; absent when it did or when the path was asked for. */
  readonly fallbackReason?: string;
  /** `parameter/NAME`, `firstMoment/NAME`, …: every tensor kept between runs. */
  readonly stateNames: readonly string[];
  /** Input buffers by name, row-major. The caller writes a batch into them before each run; runs leave them untouched. */
  readonly data: Readonly<Record<string, TypedArray>>;
  /** Shape of a state tensor. Throws for an unknown name. */
  stateShape(name: string): Shape;
  /** Copies `values` in. Throws for an unknown name or a wrong length. */
  setState(name: string, values: Float32Array): void;
  /** A copy of the current values. Throws for an unknown name. */
  getState(name: string): Float32Array;
  /**
   * One step: consumes `data`, advances the state, returns the metrics. `step` counts from 1 (bias correction).
   * Rejects with a RuntimeError 'runtime/run-failed'; the state is then as before the run.
   */
  run(scalars: StepScalars): Promise<Record<string, number>>;
  /** Releases onnxruntime's memory; the session cannot be used afterwards. */
  dispose(): Promise<void>;
}

export interface StepScalars {
  readonly learningRate: number;
  readonly step: number;
}

/**
 * Compiles `step` for running. State starts as zeros: set it before the first run.
 * Rejects with 'runtime/model-rejected', or with 'runtime/native-unavailable' when the native path was asked for.
 */
export async function createTrainingSession(
  step: TrainingStep,
  options: TrainingSessionOptions = {},
): Promise<TrainingSession> {
  const layout = layoutOf(step);
  const threads = options.threads ?? physicalCoreCount();
  const onHost = step.placement === 'host';
  const opened = await openBoundModel(layout.model, { threads, path: options.path ?? 'auto', yieldAfterRun: onHost });
  const optimizer = onHost
    ? createHostOptimizer(layout.hostUpdated, { adam: step.optimizer, averageDecay: step.averageDecay, threads })
    : null;
  return new BoundTrainingSession(layout, opened.model, optimizer, opened.fallbackReason);
}

type Bank = ReadonlyMap<string, Float32Array>;

class BoundTrainingSession implements TrainingSession {
  readonly path: RuntimePath;
  readonly fallbackReason?: string;
  readonly stateNames: readonly string[];
  readonly data: Readonly<Record<string, TypedArray>>;
  readonly #model: BoundModel;
  readonly #optimizer: HostOptimizer | null;
  readonly #shapes: ReadonlyMap<string, Shape>;
  /** Where state is read from, before odd and before even runs; the same where state is updated in place. */
  readonly #banks: readonly [Bank, Bank];
  readonly #scalars: ReadonlyMap<string, BoundArray>;
  readonly #metrics: readonly BoundArray[];
  /** Index by the bank that is read. */
  readonly #runs: readonly [() => void | Promise<void>, () => void | Promise<void>];
  #current: 0 | 1 = 0;
  #disposed = false;

  constructor(layout: TrainingLayout, model: BoundModel, optimizer: HostOptimizer | null, fallbackReason?: string) {
    this.path = model.path;
    if (fallbackReason !== undefined) this.fallbackReason = fallbackReason;
    this.#model = model;
    this.#optimizer = optimizer;
    this.stateNames = layout.state.map(({ name }) => name);
    this.#shapes = new Map(layout.state.map(({ name, shape }) => [name, shape]));
    const data = layout.data.map(allocateBound);
    this.data = Object.fromEntries(data.map((input) => [input.name, input.data]));
    const scalars = layout.scalars.map(allocateBound);
    this.#scalars = new Map(scalars.map((scalar) => [scalar.name, scalar]));
    this.#metrics = layout.metrics.map(allocateBound);
    this.#banks = makeBanks(layout, optimizer);

    const gradients = layout.gradients.map((spec) => ({ ...spec, data: arrayOf(optimizer?.arrays, spec.name) }));
    const bind = (from: Bank, to: Bank): (() => void | Promise<void>) => {
      const read = layout.state.filter((spec) => spec.read);
      const replaced = layout.state.filter((spec) => spec.replaced);
      return model.bind(
        [...scalars, ...data, ...read.map((spec) => ({ ...spec, data: arrayOf(from, spec.name) }))],
        [
          ...this.#metrics,
          ...gradients,
          ...replaced.map((spec) => ({ ...spec, name: `next/${spec.name}`, data: arrayOf(to, spec.name) })),
        ],
      );
    };
    const [first, second] = this.#banks;
    const firstRun = bind(first, second);
    this.#runs = [firstRun, first === second ? firstRun : bind(second, first)];
  }

  stateShape(name: string): Shape {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new Error(`the training session has no state named ${name}`);
    return shape;
  }

  setState(name: string, values: Float32Array): void {
    const target = arrayOf(this.#banks[this.#current], name);
    if (values.length !== target.length) {
      throw new Error(`setState: ${name} has ${target.length} elements, got ${values.length}`);
    }
    target.set(values);
  }

  getState(name: string): Float32Array {
    return arrayOf(this.#banks[this.#current], name).slice();
  }

  async run({ learningRate, step }: StepScalars): Promise<Record<string, number>> {
    if (this.#disposed) throw new RuntimeError('runtime/disposed', 'the training session was disposed');
    for (const [name, value] of [['learningRate', learningRate] as const, ['step', step] as const]) {
      const scalar = this.#scalars.get(name);
      if (scalar) scalar.data[0] = value;
    }
    await this.#runs[this.#current]();
    this.#optimizer?.update(learningRate, step);
    this.#current = this.#current === 0 ? 1 : 0;
    return Object.fromEntries(this.#metrics.map(({ name, data }) => [name.slice('metric/'.length), data[0] as number]));
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#model.dispose();
    await this.#optimizer?.dispose();
  }
}

function makeBanks(layout: TrainingLayout, optimizer: HostOptimizer | null): [Bank, Bank] {
  const float32 = (spec: TensorSpec): Float32Array => allocate(spec) as Float32Array;
  const first = new Map(layout.state.map((spec) => [spec.name, optimizer?.arrays.get(spec.name) ?? float32(spec)]));
  if (optimizer) return [first, first];
  const second = layout.state.map((spec): [string, Float32Array] => [
    spec.name,
    spec.replaced ? float32(spec) : arrayOf(first, spec.name),
  ]);
  return [first, new Map(second)];
}

function arrayOf(arrays: Bank | undefined, name: string): Float32Array {
  const array = arrays?.get(name);
  if (array === undefined) throw new Error(`the training session has no state named ${name}`);
  return array;
}

function allocateBound(spec: TensorSpec): BoundArray {
  return { ...spec, data: allocate(spec) };
}
