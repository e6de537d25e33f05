/**
 * The part of the WebAssembly JavaScript API that we use, typed: the compiler's own description of it comes only together
 * with a browser's types, which this package does not have.
 */

/** A memory made with `shared: true`. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { env: { memory: SharedMemory } }) => { readonly exports: unknown };
  readonly Memory: new (options: { initial: number; maximum: number; shared: true }) => SharedMemory;
}

export const { Module, Instance, Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
