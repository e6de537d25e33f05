/**
 * Runs a network over many items in fixed-size batches: the held-out measurements and feature extraction of the recipe.
 */
import {
  bindParameters,
  Graph,
  serializeModel,
  sizeOf,
  type DType,
  type ParameterScope,
  type Shape,
  type Tensor,
  type TypedArray,
  type Value,
} from '@deltaspace/onnx-graph';
import { createRunner, type Runner } from '../../runtime/index.js';

export interface BatchedInput {
  /** Shape of one item, without the batch axis. */
  readonly shape: Shape;
  readonly dtype?: DType;
}

export interface BatchedNetworkOptions {
  readonly inputs: Readonly<Record<string, BatchedInput>>;
  readonly batch: number;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly build: (scope: ParameterScope, inputs: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>;
  readonly threads?: number;
}

/** Writes item `index` into place `slot` of the batch's buffers. */
export type FillItem = (index: number, buffers: Readonly<Record<string, TypedArray>>, slot: number) => void;

export interface BatchedNetwork {
  /** Outputs of items 0…count−1 by name, each `[count, …]` flattened. */
  run(count: number, fill: FillItem): Promise<Record<string, Float32Array>>;
  dispose(): Promise<void>;
}

/** Compiles the network for one batch size. The caller disposes it. */
export async function createBatchedNetwork(options: BatchedNetworkOptions): Promise<BatchedNetwork> {
  const graph = new Graph('batched-network');
  const inputs = Object.fromEntries(
    Object.entries(options.inputs).map(([name, { shape, dtype }]) => [
      name,
      graph.input(name, [options.batch, ...shape], dtype ?? 'float32'),
    ]),
  );
  const outputs = options.build(bindParameters(graph, options.weights), inputs);
  for (const [name, value] of Object.entries(outputs)) graph.output(value, name);
  const runner = await createRunner(
    serializeModel(graph),
    options.threads === undefined ? {} : { threads: options.threads },
  );
  return { run: (count, fill) => runBatches(runner, options, count, fill), dispose: () => runner.dispose() };
}

async function runBatches(
  runner: Runner,
  { inputs, batch }: BatchedNetworkOptions,
  count: number,
  fill: FillItem,
): Promise<Record<string, Float32Array>> {
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]): [string, Tensor] => {
      const full = [batch, ...shape];
      const data = dtype === 'int32' ? new Int32Array(sizeOf(full)) : new Float32Array(sizeOf(full));
      return [name, { dtype: dtype ?? 'float32', shape: full, data }];
    }),
  );
  const buffers = Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data]));
  const results: Record<string, Float32Array> = {};
  for (let start = 0; start < count; start += batch) {
    const filled = Math.min(batch, count - start);
    for (let slot = 0; slot < filled; slot++) fill(start + slot, buffers, slot);
    const outputs = await runner.run(feeds);
    for (const [name, { shape, data }] of Object.entries(outputs)) {
      const itemSize = sizeOf(shape.slice(1));
      const target = (results[name] ??= new Float32Array(count * itemSize));
      target.set((data as Float32Array).subarray(0, filled * itemSize), start * itemSize);
    }
  }
  return results;
}
