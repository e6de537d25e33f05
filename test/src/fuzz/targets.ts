/**
 * Everything that reads foreign bytes in our own code, each with the only error that it may throw. A reader that throws another
 * error, or does not come back, has a defect.
 */
import { FormatError, readNpy, readSafetensors, writeNpy, writeSafetensors } from '@deltaspace/models';
import {
  Graph,
  leakyRelu,
  ModelError,
  parseModel,
  reshape,
  serializeModel,
  softmax,
  type Tensor,
} from '@deltaspace/onnx-graph';
import { decodeEnvelope, decodeFrame, EnvelopeError, FrameError } from '@deltaspace/shared-protocol';
import { brokenFrames, soundFrames } from '../protocol/frame-vectors.js';

export interface FuzzTarget {
  readonly read: (bytes: Uint8Array) => unknown;
  readonly refusal: new (...parts: never[]) => Error;
  /** Inputs to begin with. */
  readonly seeds: () => Uint8Array[];
}

const small: Tensor = { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
const whole: Tensor = { dtype: 'int64', shape: [1], data: BigInt64Array.of(5n) };

/** A graph with attributes of several kinds, an initialiser and a shape that is an input. */
function smallModel(): Uint8Array {
  const graph = new Graph('seed');
  const x = graph.input('x', [2, 2]);
  const weight = graph.initializer('w', small);
  graph.output(softmax(leakyRelu(reshape(x, [4]), 0.5)), 'y');
  graph.output(leakyRelu(weight, 0.1), 'z');
  return serializeModel(graph);
}

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

export const fuzzTargets: Readonly<Record<string, FuzzTarget>> = {
  frame: {
    read: decodeFrame,
    refusal: FrameError,
    seeds: () => [...soundFrames, ...brokenFrames].map(({ bytes }) => bytes),
  },
  envelope: {
    read: (bytes) => decodeEnvelope(new TextDecoder().decode(bytes)),
    refusal: EnvelopeError,
    seeds: () => [
      text({ jsonrpc: '2.0', id: 1, method: 'server.status', params: { a: [1, 'x'] } }),
      text({ jsonrpc: '2.0', method: '$/progress', params: {} }),
      text({ jsonrpc: '2.0', id: 'a', result: null }),
      text({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'm', data: { code: 'c', retryable: true } } }),
    ],
  },
  npy: { read: (bytes) => readNpy(bytes), refusal: FormatError, seeds: () => [small, whole].map(writeNpy) },
  safetensors: {
    read: (bytes) => readSafetensors(bytes),
    refusal: FormatError,
    seeds: () => [writeSafetensors(new Map(Object.entries({ small, whole })), new Map([['licence', 'MIT']]))],
  },
  onnx: { read: (bytes) => parseModel(bytes), refusal: ModelError, seeds: () => [smallModel()] },
};

/** Longest time for one input of the sizes that are tried, in milliseconds: hundreds of times what the slowest takes. */
export const mostMs = 2000;

/** What is wrong with how a target treats an input, or null. */
export function complaintAbout({ read, refusal }: FuzzTarget, bytes: Uint8Array): string | null {
  const start = performance.now();
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof refusal)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const tookMs = performance.now() - start;
  return tookMs > mostMs ? `took ${Math.round(tookMs)} ms` : null;
}
