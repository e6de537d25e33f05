/**
 * Operators that move elements without computing: reshape, transpose, join, cut, pad, gather, scatter. Axes may be negative.
 */
import { type Attributes, int, ints, string, type Value } from '../ir/graph.js';
import {
  assertShape,
  broadcastShapes,
  dimension,
  formatShape,
  normalizeAxis,
  type Shape,
  sizeOf,
} from '../ir/shape.js';
import {
  commonDType,
  constantNumbers,
  emit,
  emitNode,
  first,
  type Inference,
  type InferenceTable,
  int64Vector,
  intAttribute,
  intsAttribute,
  required,
} from './emit.js';

const reshapeInference: Inference = (inputs) => {
  const x = required(inputs, 0);
  const shape = constantNumbers(required(inputs, 1));
  if (sizeOf(shape) !== sizeOf(x.shape) || shape.some((size) => size < 0))
    throw new Error(`Reshape: ${formatShape(x.shape)} does not have the size of ${formatShape(shape)}`);
  return [{ shape, dtype: x.dtype }];
};

const transposeInference: Inference = (inputs, attributes) => {
  const x = required(inputs, 0);
  const perm = intsAttribute(attributes, 'perm');
  if (perm.length !== x.shape.length || !x.shape.every((_, axis) => perm.includes(axis)))
    throw new Error(`Transpose: ${formatShape(perm)} is no permutation of the axes of ${formatShape(x.shape)}`);
  return [{ shape: perm.map((axis) => dimension(x.shape, axis)), dtype: x.dtype }];
};

const concatInference: Inference = (inputs, attributes) => {
  const head = required(inputs, 0);
  const axis = normalizeAxis(intAttribute(attributes, 'axis'), head.shape.length);
  let total = 0;
  for (const [index] of inputs.entries()) {
    const part = required(inputs, index);
    assertShape(
      `Concat: part ${index} (axis ${axis} aside)`,
      part.shape.map((size, at) => (at === axis ? 0 : size)),
      head.shape.map((size, at) => (at === axis ? 0 : size)),
    );
    commonDType('Concat', head, part);
    total += dimension(part.shape, axis);
  }
  return [{ shape: head.shape.map((size, at) => (at === axis ? total : size)), dtype: head.dtype }];
};

const splitInference: Inference = (inputs, attributes) => {
  const x = required(inputs, 0);
  const axis = normalizeAxis(intAttribute(attributes, 'axis'), x.shape.length);
  const sizes = constantNumbers(required(inputs, 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== dimension(x.shape, axis) || sizes.some((size) => size < 0))
    throw new Error(`Split: sizes add up to ${total}, axis ${axis} has ${dimension(x.shape, axis)}`);
  return sizes.map((size) => ({ shape: x.shape.map((old, at) => (at === axis ? size : old)), dtype: x.dtype }));
};

/** First position and number of elements that ONNX Slice takes from an axis of `size`, after its clamping of the ends. */
export function sliceExtent(size: number, start: number, end: number, step: number): { from: number; length: number } {
  if (step === 0) throw new Error('Slice: step 0');
  const clampTo = (position: number, low: number, high: number) =>
    Math.max(low, Math.min(high, position < 0 ? position + size : position));
  const from = step > 0 ? clampTo(start, 0, size) : clampTo(start, 0, size - 1);
  const to = step > 0 ? clampTo(end, 0, size) : clampTo(end, -1, size - 1);
  return { from, length: Math.max(0, Math.ceil((to - from) / step)) };
}

const sliceInference: Inference = (inputs) => {
  const x = required(inputs, 0);
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((index) => constantNumbers(required(inputs, index)));
  const shape = [...x.shape];
  axes?.forEach((axis, k) => {
    const size = dimension(x.shape, axis);
    const { length } = sliceExtent(size, starts?.[k] ?? 0, ends?.[k] ?? size, steps?.[k] ?? 1);
    shape[normalizeAxis(axis, shape.length)] = length;
  });
  return [{ shape, dtype: x.dtype }];
};

const padInference: Inference = (inputs) => {
  const x = required(inputs, 0);
  const pads = constantNumbers(required(inputs, 1));
  const rank = x.shape.length;
  if (pads.length !== 2 * rank || pads.some((count) => count < 0))
    throw new Error(`Pad: got ${formatShape(pads)}, expected ${2 * rank} counts that are not negative`);
  return [{ shape: x.shape.map((size, axis) => size + (pads[axis] ?? 0) + (pads[axis + rank] ?? 0)), dtype: x.dtype }];
};

const expandInference: Inference = (inputs) => {
  const x = required(inputs, 0);
  const shape = constantNumbers(required(inputs, 1));
  assertShape(`Expand of ${formatShape(x.shape)}: the result`, broadcastShapes(x.shape, shape), shape);
  return [{ shape, dtype: x.dtype }];
};

const gatherInference: Inference = (inputs, attributes) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  const axis = normalizeAxis(intAttribute(attributes, 'axis', 0), x.shape.length);
  assertIndexType('Gather', indices);
  return [{ shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype }];
};

/** Index tensors are int32 or int64, and reach along one axis only: on the others they stay within `base`. */
function checkElementIndices(opType: string, base: Value, indices: Value, attributes: Attributes): void {
  assertIndexType(opType, indices);
  const axis = normalizeAxis(intAttribute(attributes, 'axis', 0), base.shape.length);
  const fits =
    indices.shape.length === base.shape.length &&
    indices.shape.every((size, at) => at === axis || size <= dimension(base.shape, at));
  if (!fits) throw new Error(`${opType}: indices ${formatShape(indices.shape)} do not fit ${formatShape(base.shape)}`);
}

function assertIndexType(opType: string, indices: Value): void {
  if (indices.dtype !== 'int32' && indices.dtype !== 'int64')
    throw new Error(`${opType}: indices ${indices.name} are ${indices.dtype}, expected int32 or int64`);
}

const scatterInference: Inference = (inputs, attributes) => {
  const [base, indices, updates] = [required(inputs, 0), required(inputs, 1), required(inputs, 2)];
  checkElementIndices('ScatterElements', base, indices, attributes);
  assertShape('ScatterElements: updates', updates.shape, indices.shape);
  return [{ shape: base.shape, dtype: commonDType('ScatterElements', base, updates) }];
};

const gatherElementsInference: Inference = (inputs, attributes) => {
  const [x, indices] = [required(inputs, 0), required(inputs, 1)];
  checkElementIndices('GatherElements', x, indices, attributes);
  return [{ shape: indices.shape, dtype: x.dtype }];
};

export const layoutInference: InferenceTable = {
  Reshape: reshapeInference,
  Transpose: transposeInference,
  Concat: concatInference,
  Split: splitInference,
  Slice: sliceInference,
  Pad: padInference,
  Expand: expandInference,
  Gather: gatherInference,
  GatherElements: gatherElementsInference,
  ScatterElements: scatterInference,
};

/** Same elements, other shape; one dimension may be -1. */
export function reshape(x: Value, shape: Shape): Value {
  const known = sizeOf(shape.filter((size) => size !== -1));
  const resolved = shape.map((size) => (size === -1 ? sizeOf(x.shape) / known : size));
  if (formatShape(resolved) === formatShape(x.shape)) return x;
  if (!resolved.every(Number.isInteger))
    throw new Error(`Reshape: ${formatShape(x.shape)} does not divide into ${formatShape(shape)}`);
  return emit('Reshape', reshapeInference, [x, int64Vector(x.graph, resolved)]);
}

/** Axis k of the result is axis `perm[k]` of x. */
export function transpose(x: Value, perm: readonly number[]): Value {
  if (perm.every((axis, at) => axis === at)) return x;
  return emit('Transpose', transposeInference, [x], { perm: ints(perm) });
}

/** Swaps the last two axes. */
export function transposeLast(x: Value): Value {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : axis === rank - 2 ? rank - 1 : rank - 2));
  return transpose(x, perm);
}

export function concat(parts: readonly Value[], axis: number): Value {
  if (parts.length === 1) return first(parts);
  const normalized = normalizeAxis(axis, first(parts).shape.length);
  return emit('Concat', concatInference, parts, { axis: int(normalized) });
}

/** Joins along a new axis. */
export function stack(parts: readonly Value[], axis: number): Value {
  const rank = first(parts).shape.length + 1;
  const at = normalizeAxis(axis, rank);
  const widened = parts.map((part) => reshape(part, [...part.shape.slice(0, at), 1, ...part.shape.slice(at)]));
  return concat(widened, at);
}

/** Cuts an axis into pieces of the given sizes. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  if (sizes.length === 1) return [x];
  const normalized = normalizeAxis(axis, x.shape.length);
  const inputs = [x, int64Vector(x.graph, sizes)];
  return [...emitNode('Split', splitInference, inputs, { axis: int(normalized) }).outputs];
}

/** Elements start, start+step, … before end of one axis. */
export function slice(x: Value, axis: number, start: number, end: number, step = 1): Value {
  const at = normalizeAxis(axis, x.shape.length);
  if (start === 0 && end === dimension(x.shape, at) && step === 1) return x;
  return sliceAxes(x, [{ axis: at, start, end, step }]);
}

export interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

/** Slices several axes with one node. */
export function sliceAxes(x: Value, ranges: readonly AxisRange[]): Value {
  const vector = (pick: (range: AxisRange) => number) => int64Vector(x.graph, ranges.map(pick));
  return emit('Slice', sliceInference, [
    x,
    vector((range) => range.start),
    vector((range) => range.end),
    vector((range) => normalizeAxis(range.axis, x.shape.length)),
    vector((range) => range.step ?? 1),
  ]);
}

/** Reverses the order along the given axes. */
export function flip(x: Value, axes: readonly number[]): Value {
  const beforeFirst = (axis: number) => -dimension(x.shape, axis) - 1;
  return sliceAxes(
    x,
    axes.map((axis) => ({ axis, start: -1, end: beforeFirst(axis), step: -1 })),
  );
}

/** Pads with zeros: `before[k]` and `after[k]` elements on axis k. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  if ([...before, ...after].every((count) => count === 0)) return x;
  const zero = x.graph.constant([0], [], x.dtype);
  const inputs = [x, int64Vector(x.graph, [...before, ...after]), zero];
  return emit('Pad', padInference, inputs, { mode: string('constant') });
}

/** Inserts `factors[k]` − 1 zeros after every element of axis k. */
export function dilate(x: Value, factors: readonly number[]): Value {
  if (factors.every((factor) => factor === 1)) return x;
  // An axis of size 1 behind each dilated axis takes the zeros.
  const split = x.shape.flatMap((size, axis) => (factors[axis] === 1 ? [size] : [size, 1]));
  const after = x.shape.flatMap((_, axis) => (factors[axis] === 1 ? [0] : [0, (factors[axis] ?? 1) - 1]));
  const before = after.map(() => 0);
  return reshape(
    pad(reshape(x, split), before, after),
    x.shape.map((size, axis) => size * (factors[axis] ?? 1)),
  );
}

/** Pads one axis by mirroring without repeating the border (PyTorch's "reflect"). */
export function padReflect(x: Value, axis: number, before: number, after: number): Value {
  const size = dimension(x.shape, axis);
  if (before >= size || after >= size) throw new Error(`padReflect: ${before} and ${after} must be below ${size}`);
  const positions = Array.from({ length: size + before + after }, (_, k) => {
    const position = Math.abs(k - before);
    return position < size ? position : 2 * (size - 1) - position;
  });
  return gather(x, x.graph.constant(positions, [positions.length], 'int64'), axis);
}

/** Repeats dimensions of size 1 up to `shape`. */
export function expand(x: Value, shape: Shape): Value {
  if (formatShape(x.shape) === formatShape(shape)) return x;
  return emit('Expand', expandInference, [x, int64Vector(x.graph, shape)]);
}

/** Slices of x at integer indices: result `[…before axis, …indices, …after axis]`. Indices int32 or int64. */
export function gather(x: Value, indices: Value, axis = 0): Value {
  return emit('Gather', gatherInference, [x, indices], { axis: int(normalizeAxis(axis, x.shape.length)) });
}

/** Element-by-element gather along one axis (ONNX GatherElements). */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  return emit('GatherElements', gatherElementsInference, [x, indices], {
    axis: int(normalizeAxis(axis, x.shape.length)),
  });
}

/** `base` with `updates` added at `indices` along one axis; repeated indices add up. */
export function scatterAddElements(base: Value, indices: Value, updates: Value, axis: number): Value {
  return emit('ScatterElements', scatterInference, [base, indices, updates], {
    axis: int(normalizeAxis(axis, base.shape.length)),
    reduction: string('add'),
  });
}
