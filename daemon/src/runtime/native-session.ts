/**
 * One model in onnxruntime's C API, run on tensors that live in caller-owned memory: no copies in either direction.
 *
 * Lifetimes: an onnxruntime value holds a bare address, so every array bound here is kept referenced until `dispose`;
 * a collected one would be written into after it was freed. Arrays must lie outside the V8 heap, where nothing moves:
 * `allocate` makes such ones.
 */

import { dtypeSizeBytes, dtypeToOnnx, sizeOf } from '@deltaspace/onnx-graph';
import type { BoundArray, BoundModel } from './bound-model.js';
import { RuntimeError } from './errors.js';
import type { NativeLibrary, Pointer } from './native-library.js';

export interface NativeSessionOptions {
  readonly threads: number;
  /** onnxruntime's session configuration entries, e.g. 'session.force_spinning_stop'. */
  readonly config?: Readonly<Record<string, string>>;
}

/** `GraphOptimizationLevel` ORT_ENABLE_ALL. */
const ALL_OPTIMISATIONS = 99;
/** `OrtLoggingLevel` ERROR. */
const ERRORS_ONLY = 3;

/** Throws a RuntimeError 'runtime/model-rejected' when onnxruntime does not accept the model. */
export function openNativeModel(library: NativeLibrary, model: Uint8Array, options: NativeSessionOptions): BoundModel {
  const code = 'runtime/model-rejected';
  const settings = library.create(code, 'CreateSessionOptions');
  try {
    library.check(code, 'SetIntraOpNumThreads', settings, options.threads);
    library.check(code, 'SetSessionLogSeverityLevel', settings, ERRORS_ONLY);
    library.check(code, 'SetSessionGraphOptimizationLevel', settings, ALL_OPTIMISATIONS);
    for (const [key, value] of Object.entries(options.config ?? {})) {
      library.check(code, 'AddSessionConfigEntry', settings, key, value);
    }
    const { environment } = library;
    const session = library.create(code, 'CreateSessionFromArray', environment, model, model.byteLength, settings);
    return new NativeSession(library, session);
  } finally {
    library.call('ReleaseSessionOptions', settings);
  }
}

class NativeSession implements BoundModel {
  readonly path = 'native';
  readonly #library: NativeLibrary;
  readonly #session: Pointer;
  readonly #values: Pointer[] = [];
  /** Everything onnxruntime holds an address of. */
  readonly #kept: ArrayBufferView[] = [];
  readonly #names = new Map<string, Pointer>();
  #disposed = false;

  constructor(library: NativeLibrary, session: Pointer) {
    this.#library = library;
    this.#session = session;
  }

  bind(inputs: readonly BoundArray[], outputs: readonly BoundArray[]): () => void {
    // The C arrays that `Run` takes, laid out once.
    const inputNames = this.#pointers(inputs.map((input) => this.#nameAddress(input.name)));
    const inputValues = this.#pointers(inputs.map((input) => this.#wrap(input)));
    const outputNames = this.#pointers(outputs.map((output) => this.#nameAddress(output.name)));
    const outputValues = this.#pointers(outputs.map((output) => this.#wrap(output)));
    return () => {
      if (this.#disposed) throw new RuntimeError('runtime/disposed', 'the session was disposed');
      this.#library.check(
        'runtime/run-failed',
        'Run',
        ...[this.#session, null, inputNames, inputValues, inputs.length],
        ...[outputNames, outputs.length, outputValues],
      );
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const value of this.#values) this.#library.call('ReleaseValue', value);
    this.#library.call('ReleaseSession', this.#session);
    this.#kept.length = 0;
  }

  /** An onnxruntime value over the array's memory. */
  #wrap({ name, dtype, shape, data }: BoundArray): Pointer {
    const sizeBytes = sizeOf(shape) * dtypeSizeBytes(dtype);
    if (data.byteLength !== sizeBytes) {
      throw new Error(`NativeSession.bind: ${name} takes ${sizeBytes} bytes, got ${data.byteLength}`);
    }
    const extents = new BigInt64Array(new ArrayBuffer(8 * shape.length));
    shape.forEach((extent, axis) => (extents[axis] = BigInt(extent)));
    const address = sizeBytes === 0 ? 0n : this.#library.address(data);
    const value = this.#library.create(
      'runtime/input-rejected',
      'CreateTensorWithDataAsOrtValue',
      ...[this.#library.cpuMemory, address, sizeBytes, extents, shape.length, dtypeToOnnx(dtype)],
    );
    this.#values.push(value);
    this.#kept.push(data);
    return value;
  }

  #pointers(list: readonly Pointer[]): BigUint64Array {
    const array = new BigUint64Array(new ArrayBuffer(8 * list.length));
    array.set(list);
    this.#kept.push(array);
    return array;
  }

  /** The address of a NUL-terminated copy of `name`. */
  #nameAddress(name: string): Pointer {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const text = new TextEncoder().encode(`${name}\0`);
    const stable = new Uint8Array(new ArrayBuffer(text.length));
    stable.set(text);
    this.#kept.push(stable);
    const address = this.#library.address(stable);
    this.#names.set(name, address);
    return address;
  }
}
