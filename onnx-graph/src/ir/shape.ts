/**
 * Static shapes and the arithmetic on them. Every dimension is known when a graph is built: a network for another batch
 * size is another graph. Dynamic dimensions are deliberately not supported; they would hide shape mistakes until run time.
 */

/** Dimensions, outermost first. `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Throws a message with got and expected unless the shapes are equal. */
export function assertShape(what: string, got: Shape, expected: Shape): void {
  if (!sameShape(got, expected))
    throw new Error(`${what} has shape ${formatShape(got)}, expected ${formatShape(expected)}`);
}

/** NumPy broadcasting of two shapes. Throws when a pair of dimensions differs and neither is 1. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA !== fromB && fromA !== 1 && fromB !== 1)
      throw new Error(`shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast (axis ${axis})`);
    return fromA === 1 ? fromB : fromA;
  });
}

/** A non-negative axis. Throws when out of range. */
export function normalizeAxis(axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normalized) || normalized < 0 || normalized >= rank)
    throw new Error(`axis ${axis} is out of range for rank ${rank}`);
  return normalized;
}

/** The dimension at `axis`, which must exist. */
export function dimension(shape: Shape, axis: number): number {
  const value = shape[normalizeAxis(axis, shape.length)];
  if (value === undefined) throw new Error(`shape ${formatShape(shape)} has no axis ${axis}`);
  return value;
}

/** Element strides of a dense row-major tensor. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}
