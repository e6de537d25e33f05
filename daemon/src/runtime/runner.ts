/**
 * Running networks for inference: a model in, named tensors in and out. The rest of the daemon sees only `Runner`.
 */

import type { Tensor } from '@deltaspace/onnx-graph';
import type { InferenceSession } from 'onnxruntime-node';
import { RuntimeError, messageOf } from './errors.js';
import { physicalCoreCount } from './physical-cores.js';
import { dtypeOf, fromOrtTensor, openPublicSession, toOrtTensor } from './public-session.js';
import type { TensorSpec } from './tensors.js';

export interface RunnerOptions {
  /** Threads inside an operator. Default: the physical cores. */
  readonly threads?: number;
  /** Execution provider, e.g. 'cpu' (the default), 'webgpu', 'cuda', 'dml', 'coreml'. */
  readonly provider?: string;
}

/** One loaded network. Owns native memory until `dispose`. */
export interface Runner {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** How often the model is in memory: once, unless said otherwise. */
  readonly copies?: number;
  /**
   * Runs the network on `feeds` (shared during the run, not kept); the results are the caller's.
   * Rejects with a RuntimeError: 'runtime/input-rejected', 'runtime/run-failed' or 'runtime/disposed'.
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Loads a model from its ONNX bytes. Rejects with a RuntimeError 'runtime/model-rejected'. */
export async function createRunner(modelBytes: Uint8Array, options: RunnerOptions = {}): Promise<Runner> {
  const session = await openPublicSession(modelBytes, {
    threads: options.threads ?? physicalCoreCount(),
    ...(options.provider === undefined ? {} : { provider: options.provider }),
  });
  const inputs = session.inputMetadata.map(specOf);
  let disposed = false;
  return {
    inputs,
    outputs: session.outputMetadata.map(specOf),
    async run(feeds) {
      if (disposed) throw new RuntimeError('runtime/disposed', 'the runner was disposed');
      checkFeeds(inputs, feeds);
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrtTensor(tensor)]));
      try {
        const results = await session.run(tensors);
        return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrtTensor(value)]));
      } catch (error) {
        if (error instanceof RuntimeError) throw error;
        throw new RuntimeError('runtime/run-failed', messageOf(error), { cause: error });
      }
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await session.release();
    },
  };
}

function specOf(metadata: InferenceSession.ValueMetadata): TensorSpec {
  if (!metadata.isTensor) throw new RuntimeError('runtime/model-rejected', `${metadata.name} is not a tensor`);
  const shape = metadata.shape.map((extent) => (typeof extent === 'number' ? extent : -1));
  return { name: metadata.name, dtype: dtypeOf(metadata.type), shape };
}

/** Names the offending input, which onnxruntime's own message does not always do. */
function checkFeeds(inputs: readonly TensorSpec[], feeds: Readonly<Record<string, Tensor>>): void {
  const reject = (message: string): never => {
    throw new RuntimeError('runtime/input-rejected', message);
  };
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((input) => input.name === name)) {
      reject(`no input is named ${name}; the inputs are ${inputs.map((input) => input.name).join(', ')}`);
    }
  }
  for (const { name, dtype, shape } of inputs) {
    const feed = feeds[name];
    if (feed === undefined) return reject(`input ${name} is missing`);
    const fits =
      feed.shape.length === shape.length && shape.every((extent, axis) => extent < 0 || extent === feed.shape[axis]);
    if (feed.dtype !== dtype || !fits) {
      reject(`input ${name} takes ${dtype}[${shape.join(', ')}], got ${feed.dtype}[${feed.shape.join(', ')}]`);
    }
  }
}
