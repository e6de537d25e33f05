/**
 * The Adam update of one stretch of memory as a WebAssembly SIMD kernel: reads a gradient, updates weight, both moments
 * and, where kept, the moving average, in one pass over memory.
 *
 * Same arithmetic, operation by operation, as the graph fragment in onnx-graph (Adam, Kingma & Ba 2015, Algorithm 1, with
 * the bias corrections folded into two scalars; decoupled decay of Loshchilov & Hutter 2019). In the graph every one of
 * these operations is a pass over memory of its own, which for large networks costs more than the network.
 */

import {
  F32,
  I32,
  V128,
  assembleModule,
  doWhile,
  get,
  i32Add,
  i32Below,
  i32Constant,
  load,
  minus,
  over,
  plus,
  set,
  splat,
  squareRoot,
  store,
  times,
  type Code,
  type WasmFunction,
} from './wasm-assembler.js';

/** WebAssembly's address space: 65 536 pages of 64 KiB, 4 GiB. */
export const MAXIMUM_PAGES = 65536;

/** Scalars of one update, in the order of the kernel's parameters. float32 each. */
export interface AdamScalars {
  readonly beta1: number;
  /** 1 − β₁ */
  readonly rest1: number;
  readonly beta2: number;
  /** 1 − β₂ */
  readonly rest2: number;
  /** ε·√(1−β₂ᵗ) */
  readonly epsilon: number;
  /** Learning rate of this tensor · √(1−β₂ᵗ)/(1−β₁ᵗ). */
  readonly stepSize: number;
  /** 1 − learning rate of this tensor · weight decay; 1 for plain Adam. */
  readonly decay: number;
  /** 1 − decay of the moving average; 0 without one. */
  readonly averageRate: number;
}

/**
 * `update(parameter, firstMoment, secondMoment, average, gradient, sizeBytes, …scalars)`: byte addresses in the memory,
 * multiples of 16; `sizeBytes` a positive multiple of 16. `updateWithAverage` is the same and moves the average too.
 */
export interface AdamKernel {
  readonly update: (...values: number[]) => void;
  readonly updateWithAverage: (...values: number[]) => void;
}

/** Order of the scalar parameters after the six integers. */
export const SCALAR_ORDER = [
  'beta1',
  'rest1',
  'beta2',
  'rest2',
  'epsilon',
  'stepSize',
  'decay',
  'averageRate',
] as const satisfies readonly (keyof AdamScalars)[];

export function adamKernelBytes(): Uint8Array<ArrayBuffer> {
  return assembleModule([kernelFunction('update', false), kernelFunction('updateWithAverage', true)], MAXIMUM_PAGES);
}

function kernelFunction(name: string, withAverage: boolean): WasmFunction {
  // Parameters: five addresses, the size, then the scalars. Locals: the offset, the scalars spread over a vector, temporaries.
  const [PARAMETER, FIRST, SECOND, AVERAGE, GRADIENT, SIZE] = [0, 1, 2, 3, 4, 5];
  const firstScalar = 6;
  const OFFSET = firstScalar + SCALAR_ORDER.length;
  const firstSpread = OFFSET + 1;
  const spread = (scalar: keyof AdamScalars): Code => get(firstSpread + SCALAR_ORDER.indexOf(scalar));
  const firstTemporary = firstSpread + SCALAR_ORDER.length;
  const [gradient, first, second, parameter, average] = [0, 1, 2, 3, 4].map((index) => firstTemporary + index) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const at = (base: number): Code => i32Add(get(base), get(OFFSET));

  const weightedFirst = plus(times(load(at(FIRST)), spread('beta1')), times(get(gradient), spread('rest1')));
  const squared = times(get(gradient), get(gradient));
  const weightedSecond = plus(times(load(at(SECOND)), spread('beta2')), times(squared, spread('rest2')));
  const direction = over(get(first), plus(squareRoot(get(second)), spread('epsilon')));
  const decayed = times(load(at(PARAMETER)), spread('decay'));
  const moved = times(minus(get(parameter), get(average)), spread('averageRate'));

  return {
    name,
    parameters: [I32, I32, I32, I32, I32, I32, ...SCALAR_ORDER.map(() => F32)],
    locals: [I32, ...SCALAR_ORDER.map(() => V128), V128, V128, V128, V128, V128],
    body: [
      ...SCALAR_ORDER.flatMap((_, index) => set(firstSpread + index, splat(get(firstScalar + index)))),
      ...doWhile(
        [
          ...set(gradient, load(at(GRADIENT))),
          ...set(first, weightedFirst),
          ...set(second, weightedSecond),
          ...store(at(FIRST), get(first)),
          ...store(at(SECOND), get(second)),
          ...set(parameter, minus(decayed, times(direction, spread('stepSize')))),
          ...store(at(PARAMETER), get(parameter)),
          ...(withAverage
            ? [...set(average, load(at(AVERAGE))), ...store(at(AVERAGE), plus(get(average), moved))]
            : []),
          ...set(OFFSET, i32Add(get(OFFSET), i32Constant(16))),
        ],
        i32Below(get(OFFSET), get(SIZE)),
      ),
    ],
  };
}
