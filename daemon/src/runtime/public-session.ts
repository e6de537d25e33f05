/**
 * Models and tensors through onnxruntime-node's public API, which works wherever onnxruntime-node does.
 */

import type { DType, Tensor } from '@deltaspace/onnx-graph';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { BoundArray, BoundModel } from './bound-model.js';
import { RuntimeError, messageOf } from './errors.js';

export interface PublicSessionOptions {
  readonly threads: number;
  /** An execution provider's name as onnxruntime knows it; default 'cpu'. */
  readonly provider?: string;
}

/** Rejects with a RuntimeError 'runtime/model-rejected' carrying onnxruntime's message. */
export async function openPublicSession(model: Uint8Array, options: PublicSessionOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, {
      executionProviders: [options.provider ?? 'cpu'],
      intraOpNumThreads: options.threads,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Waiting threads must sleep: a pack keeps half a dozen sessions, and their spinning threads slow each other and the
      // API process down (measured on 2 cores: 67 ms for a slider step, 10 ms without).
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new RuntimeError('runtime/model-rejected', messageOf(error), { cause: error });
  }
}

export async function openPublicModel(bytes: Uint8Array, options: PublicSessionOptions): Promise<BoundModel> {
  const session = await openPublicSession(bytes, options);
  return {
    path: 'public',
    bind: (inputs, outputs) => {
      const feeds = inputs.map(stage);
      const fetches = outputs.map(stage);
      return () => runInto(session, feeds, fetches);
    },
    dispose: () => session.release(),
  };
}

/** A bound array and the tensor that onnxruntime-node sees: over the same memory, or over a copy where that is shared. */
interface Staged {
  readonly bound: BoundArray;
  readonly tensor: OrtTensor;
}

/** onnxruntime-node refuses arrays over a SharedArrayBuffer ("Invalid argument"). */
function stage(bound: BoundArray): Staged {
  const isShared = bound.data.buffer instanceof SharedArrayBuffer;
  return { bound, tensor: toOrtTensor(isShared ? { ...bound, data: bound.data.slice() } : bound) };
}

async function runInto(session: InferenceSession, feeds: readonly Staged[], fetches: readonly Staged[]): Promise<void> {
  for (const { bound, tensor } of feeds) copyUnlessSame(tensor.data, bound.data);
  const tensorsOf = (list: readonly Staged[]): Record<string, OrtTensor> =>
    Object.fromEntries(list.map(({ bound, tensor }) => [bound.name, tensor]));
  let results: InferenceSession.OnnxValueMapType;
  try {
    results = await session.run(tensorsOf(feeds), tensorsOf(fetches));
  } catch (error) {
    throw new RuntimeError('runtime/run-failed', messageOf(error), { cause: error });
  }
  // Whether onnxruntime-node filled the array it was given or made another is its own business.
  for (const { bound } of fetches) copyUnlessSame(bound.data, (results[bound.name] as OrtTensor).data);
}

function copyUnlessSame(target: unknown, source: unknown): void {
  if (target !== source) (target as Float32Array).set(source as Float32Array);
}

/** Shares the tensor's array. */
export function toOrtTensor({ dtype, data, shape }: Tensor): OrtTensor {
  if (dtype === 'bfloat16') {
    throw new RuntimeError('runtime/input-rejected', 'onnxruntime-node takes no bfloat16 tensors');
  }
  return new OrtTensor(dtype as 'float32', data as Float32Array, shape);
}

/** Shares the tensor's array. Throws 'runtime/run-failed' for types that our graphs do not have (strings, 4-bit types). */
export function fromOrtTensor(tensor: OrtTensor): Tensor {
  return { dtype: dtypeOf(tensor.type), shape: [...tensor.dims], data: tensor.data as Tensor['data'] };
}

const DTYPES: readonly string[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'int8', 'uint8', 'bool'];

/** onnxruntime-node's type names are ours where we have the type at all. */
export function dtypeOf(type: string): DType {
  if (!DTYPES.includes(type)) throw new RuntimeError('runtime/run-failed', `tensors of type ${type} are not supported`);
  return type as DType;
}
