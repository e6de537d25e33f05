/**
 * A model whose inputs and outputs are arrays of the caller, fixed once and used for many runs.
 *
 * Two implementations with bit-equal results: `native` (onnxruntime's C API, reads and writes the arrays in place) and
 * `public` (onnxruntime-node's own API, copies every output). `auto` takes native where it can be loaded.
 */

import type { TypedArray } from '@deltaspace/onnx-graph';
import type { TensorSpec } from './tensors.js';

export type RuntimePath = 'native' | 'public';

/** An input or output and the memory it lives in; the memory must not be on the V8 heap (see `allocate`). */
export interface BoundArray extends TensorSpec {
  readonly data: TypedArray;
}

export interface BoundModelOptions {
  /** Threads inside an operator. */
  readonly threads: number;
  readonly path: RuntimePath | 'auto';
  /** Whether onnxruntime's threads let go of their cores as soon as a run ends, because the caller computes in between. */
  readonly yieldAfterRun?: boolean;
}

export interface BoundModel {
  readonly path: RuntimePath;
  /**
   * Prepares runs that read `inputs` and write `outputs`. Arrays are kept alive until `dispose`. The returned function
   * throws or rejects with a RuntimeError 'runtime/run-failed'; the native one blocks the thread while it runs.
   */
  bind(inputs: readonly BoundArray[], outputs: readonly BoundArray[]): () => void | Promise<void>;
  dispose(): void | Promise<void>;
}
