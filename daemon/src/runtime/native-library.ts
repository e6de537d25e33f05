/**
 * The C API of the onnxruntime library that ships inside onnxruntime-node, called through koffi.
 *
 * Why: onnxruntime-node copies every output of a run, also preallocated ones; for a training step that is its whole state.
 * The C API writes into memory that we own. koffi is an optional dependency and the library's place is a detail of the
 * package, so loading may fail; it then throws a RuntimeError 'runtime/native-unavailable' whose message is the reason.
 *
 * Functions are called by address with `koffi.call`. Function objects made by `koffi.decode(pointer, prototype)` must not
 * be used: once collected, they take memory with them that is still in use.
 */

import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RuntimeError, messageOf } from './errors.js';

/** An address in this process. */
export type Pointer = bigint;

/** The part of koffi that we use, spelled out so that the build does not need an optional package. */
interface Koffi {
  load(path: string): { func(definition: string): (...values: unknown[]) => unknown };
  proto(result: string, parameters: string[]): object;
  array(element: string, length: number): object;
  decode(pointer: Pointer, type: object | string): unknown;
  call(pointer: Pointer, prototype: object, ...values: unknown[]): unknown;
  address(value: ArrayBufferView): Pointer;
}

/** The API version whose table layout is used below; tables only ever grow at the end. */
const API_VERSION = 22;

/** Position in `OrtApi` and parameters of each function used. `status` results are null or an OrtStatus to release. */
const FUNCTIONS = {
  GetErrorMessage: { index: 2, result: 'const char *', parameters: ['void *'] },
  CreateEnv: { index: 3, result: 'void *', parameters: ['int', 'const char *', 'void *'] },
  CreateSessionFromArray: {
    index: 8,
    result: 'void *',
    parameters: ['void *', 'void *', 'size_t', 'void *', 'void *'],
  },
  Run: {
    index: 9,
    result: 'void *',
    parameters: ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *'],
  },
  CreateSessionOptions: { index: 10, result: 'void *', parameters: ['void *'] },
  SetSessionLogSeverityLevel: { index: 22, result: 'void *', parameters: ['void *', 'int'] },
  SetSessionGraphOptimizationLevel: { index: 23, result: 'void *', parameters: ['void *', 'int'] },
  SetIntraOpNumThreads: { index: 24, result: 'void *', parameters: ['void *', 'int'] },
  CreateTensorWithDataAsOrtValue: {
    index: 49,
    result: 'void *',
    parameters: ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *'],
  },
  CreateCpuMemoryInfo: { index: 69, result: 'void *', parameters: ['int', 'int', 'void *'] },
  ReleaseStatus: { index: 93, result: 'void', parameters: ['void *'] },
  ReleaseSession: { index: 95, result: 'void', parameters: ['void *'] },
  ReleaseValue: { index: 96, result: 'void', parameters: ['void *'] },
  ReleaseSessionOptions: { index: 100, result: 'void', parameters: ['void *'] },
  AddSessionConfigEntry: { index: 130, result: 'void *', parameters: ['void *', 'const char *', 'const char *'] },
} as const;

type FunctionName = keyof typeof FUNCTIONS;

/** The loaded library. Lives as long as the process: onnxruntime's environment is a process-wide singleton. */
export interface NativeLibrary {
  /** onnxruntime's version, e.g. "1.30.0". */
  readonly version: string;
  /** Calls a function that returns nothing or a value. */
  call(name: FunctionName, ...values: unknown[]): unknown;
  /** Calls a function that returns a status; throws a RuntimeError with `code` and onnxruntime's message when it fails. */
  check(code: RuntimeError['code'], name: FunctionName, ...values: unknown[]): void;
  /** Like `check` for a function whose last parameter receives a new object: returns that object's address. */
  create(code: RuntimeError['code'], name: FunctionName, ...values: unknown[]): Pointer;
  /** Where a typed array's first element lies. Valid while the array is referenced and its buffer not on the V8 heap. */
  address(array: ArrayBufferView): Pointer;
  readonly environment: Pointer;
  readonly cpuMemory: Pointer;
}

const LIBRARY_NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'libonnxruntime.so.1',
  win32: 'onnxruntime.dll',
  darwin: 'libonnxruntime.1.dylib',
};

let loaded: Promise<NativeLibrary> | undefined;

/** Loads the library once per process. Rejects with 'runtime/native-unavailable' where that is not possible. */
export function loadNativeLibrary(): Promise<NativeLibrary> {
  loaded ??= openLibrary();
  return loaded;
}

async function openLibrary(): Promise<NativeLibrary> {
  const path = findLibrary();
  try {
    return bindLibrary(await importKoffi(), path);
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    throw new RuntimeError('runtime/native-unavailable', `${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function importKoffi(): Promise<Koffi> {
  const packageName: string = 'koffi'; // not a literal in the import: the build must pass without the package
  try {
    return ((await import(packageName)) as { default: Koffi }).default;
  } catch (error) {
    throw new RuntimeError('runtime/native-unavailable', `koffi cannot be loaded: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function findLibrary(): string {
  const name = LIBRARY_NAMES[process.platform];
  if (name === undefined) {
    throw new RuntimeError('runtime/native-unavailable', `no onnxruntime library is known for ${process.platform}`);
  }
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const path = join(root, 'bin', 'napi-v6', process.platform, process.arch, name);
  if (!existsSync(path)) throw new RuntimeError('runtime/native-unavailable', `onnxruntime-node has no ${path}`);
  return path;
}

function bindLibrary(koffi: Koffi, path: string): NativeLibrary {
  const base = koffi.load(path).func('void *OrtGetApiBase()')() as Pointer;
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void *', 2)) as [Pointer, Pointer];
  const version = koffi.call(getVersion, koffi.proto('const char *', [])) as string;
  const api = koffi.call(getApi, koffi.proto('void *', ['uint32_t']), API_VERSION) as Pointer | null;
  if (api === null) {
    throw new RuntimeError('runtime/native-unavailable', `onnxruntime ${version} has no C API ${API_VERSION}`);
  }
  const size = Math.max(...Object.values(FUNCTIONS).map((entry) => entry.index)) + 1;
  const table = koffi.decode(api, koffi.array('void *', size)) as Pointer[];
  const bound = new Map<string, { pointer: Pointer; prototype: object }>();
  for (const [name, { index, result, parameters }] of Object.entries(FUNCTIONS)) {
    const pointer = table[index];
    if (!pointer) throw new RuntimeError('runtime/native-unavailable', `onnxruntime ${version} lacks ${name}`);
    bound.set(name, { pointer, prototype: koffi.proto(result, [...parameters]) });
  }

  const call: NativeLibrary['call'] = (name, ...values) => {
    const entry = bound.get(name);
    if (entry === undefined) throw new Error(`bindLibrary: ${name} is not bound`);
    return koffi.call(entry.pointer, entry.prototype, ...values);
  };
  const check: NativeLibrary['check'] = (code, name, ...values) => {
    const status = call(name, ...values);
    if (status === null) return;
    const message = call('GetErrorMessage', status) as string;
    call('ReleaseStatus', status);
    throw new RuntimeError(code, `onnxruntime ${name}: ${message}`);
  };
  const create: NativeLibrary['create'] = (code, name, ...values) => {
    const received = new BigUint64Array(new ArrayBuffer(8));
    check(code, name, ...values, received);
    return received[0] as Pointer;
  };
  const environment = create('runtime/native-unavailable', 'CreateEnv', 3, 'deltaspace'); // 3: errors only
  const cpuMemory = create('runtime/native-unavailable', 'CreateCpuMemoryInfo', 1, 0); // arena allocator, default memory
  return { version, call, check, create, address: (array) => koffi.address(array), environment, cpuMemory };
}
