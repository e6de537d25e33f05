/**
 * Just enough of a WebAssembly assembler to write one numeric kernel as code that reads like the kernel.
 *
 * A module made here imports one shared memory (`env.memory`) and exports functions; instructions are byte arrays that
 * compose by spreading. No validation: the engine does that. Format: https://webassembly.github.io/spec/core/binary/
 */

export type Code = readonly number[];

/** Value types by their binary code. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  /** Types of the locals after the parameters. */
  readonly locals: readonly number[];
  readonly body: Code;
}

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value % 128) | (rest > 0 ? 0x80 : 0));
    value = rest;
  } while (value > 0);
  return bytes;
}

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const i32Constant = (value: number): Code => [0x41, value & 0x3f]; // one byte of signed LEB128: 0 to 63
export const i32Add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const i32Below = (a: Code, b: Code): Code => [...a, ...b, 0x49]; // unsigned
export const load = (address: Code): Code => [...address, ...simd(0x00), 4, 0]; // v128, aligned to 2⁴
export const store = (address: Code, value: Code): Code => [...address, ...value, ...simd(0x0b), 4, 0];
export const splat = (value: Code): Code => [...value, ...simd(0x13)];
export const squareRoot = (a: Code): Code => [...a, ...simd(0xe3)];
export const plus = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe4)];
export const minus = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe5)];
export const times = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe6)];
export const over = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe7)];
/** Repeats `body` while `condition`, which is evaluated after it. */
export const doWhile = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
const text = (value: string): number[] => [...unsigned(value.length), ...new TextEncoder().encode(value)];

/** The module's bytes. The memory that is imported must be shared and have at most `maximumPages` pages of 64 KiB. */
export function assembleModule(functions: readonly WasmFunction[], maximumPages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...vector(parameters.map((type) => [type])), 0]);
  const memory = [...text('env'), ...text('memory'), 0x02, 0x03, ...unsigned(1), ...unsigned(maximumPages)];
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]))),
    ...section(10, vector(bodies)),
  ]);
}
