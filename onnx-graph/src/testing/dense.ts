/** Tensors of the reference evaluator: every element a double, whatever the dtype in the graph (booleans are 0 and 1). */
import { broadcastShapes, formatShape, sameShape, type Shape, sizeOf, stridesOf } from '../ir/shape.js';
import type { Node } from '../ir/graph.js';

/** Row-major elements. Kernels own what they return and never write to what they receive. */
export interface Dense {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Computes the results of one node. Independent of the shape inference in `ops/`, which it therefore checks. */
export type Kernel = (inputs: readonly (Dense | null)[], node: Node) => readonly Dense[];

export type KernelTable = Readonly<Record<string, Kernel>>;

export function zeros(shape: Shape): Dense {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** A tensor whose element at flat position k is `element(k)`. */
export function fill(shape: Shape, element: (position: number) => number): Dense {
  const result = zeros(shape);
  for (let k = 0; k < result.data.length; k++) result.data[k] = element(k);
  return result;
}

/** The element at a flat position. Throws outside the array: a wrong index must not turn into a quiet NaN. */
export function read(source: Dense, position: number): number {
  const value = source.data[position];
  if (value === undefined)
    throw new Error(`position ${position} is outside a tensor of shape ${formatShape(source.shape)}`);
  return value;
}

export function addAt(target: Dense, position: number, amount: number): void {
  target.data[position] = read(target, position) + amount;
}

/** The input at `index`, which must be there. */
export function need(inputs: readonly (Dense | null)[], index: number): Dense {
  const value = inputs[index];
  if (!value) throw new Error(`reference kernel: input ${index} is missing`);
  return value;
}

/** Coordinates of a flat position. */
export function unravel(position: number, shape: Shape): number[] {
  const strides = stridesOf(shape);
  let rest = position;
  return strides.map((stride) => {
    const coordinate = Math.floor(rest / stride);
    rest -= coordinate * stride;
    return coordinate;
  });
}

/** Flat position of coordinates. */
export function ravel(coordinates: readonly number[], shape: Shape): number {
  const strides = stridesOf(shape);
  return coordinates.reduce((sum, coordinate, axis) => sum + coordinate * (strides[axis] ?? 0), 0);
}

/** Σ coordinate·stride for every element of `shape`, in row-major order. */
export function stridedPositions(shape: Shape, strides: readonly number[]): Int32Array {
  let positions = Int32Array.of(0);
  shape.forEach((size, axis) => {
    const stride = strides[axis] ?? 0;
    const next = new Int32Array(positions.length * size);
    for (let k = 0; k < next.length; k++) next[k] = (positions[Math.floor(k / size)] ?? 0) + (k % size) * stride;
    positions = next;
  });
  return positions;
}

/** For every element of a result of shape `to`: the flat position in an operand of shape `from` that broadcasts to it. */
export function broadcastPositions(from: Shape, to: Shape): Int32Array {
  if (!sameShape(broadcastShapes(from, to), to))
    throw new Error(`shape ${formatShape(from)} does not broadcast to ${formatShape(to)}`);
  const own = stridesOf(from).map((stride, axis) => (from[axis] === 1 ? 0 : stride));
  return stridedPositions(to, [...new Array<number>(to.length - from.length).fill(0), ...own]);
}

/** Reads an operand as if it had been expanded to `shape`. */
export function broadcastReader(operand: Dense, shape: Shape): (position: number) => number {
  if (sameShape(operand.shape, shape)) return (k) => read(operand, k);
  const positions = broadcastPositions(operand.shape, shape);
  return (k) => read(operand, positions[k] ?? -1);
}
