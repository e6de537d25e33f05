/** Reference kernels of the operators that move elements. */
import { broadcastShapes, dimension, normalizeAxis, type Shape, stridesOf } from '../ir/shape.js';
import { intAttribute, intsAttribute, stringAttribute } from '../ops/emit.js';
import {
  addAt,
  broadcastReader,
  type Dense,
  fill,
  type Kernel,
  type KernelTable,
  need,
  ravel,
  read,
  stridedPositions,
  unravel,
  zeros,
} from './dense.js';

const numbers = (source: Dense): number[] => Array.from(source.data);
const withAxis = (shape: Shape, axis: number, size: number): number[] =>
  shape.map((old, at) => (at === axis ? size : old));

const reshape: Kernel = (inputs) => [{ shape: numbers(need(inputs, 1)), data: need(inputs, 0).data.slice() }];

const transpose: Kernel = (inputs, node) => {
  const x = need(inputs, 0);
  const perm = intsAttribute(node.attributes, 'perm');
  const shape = perm.map((axis) => dimension(x.shape, axis));
  const strides = stridesOf(x.shape);
  const source = stridedPositions(
    shape,
    perm.map((axis) => strides[axis] ?? 0),
  );
  return [fill(shape, (k) => read(x, source[k] ?? -1))];
};

const concat: Kernel = (inputs, node) => {
  const parts = inputs.map((_, index) => need(inputs, index));
  const head = need(inputs, 0);
  const axis = normalizeAxis(intAttribute(node.attributes, 'axis'), head.shape.length);
  const total = parts.reduce((sum, part) => sum + dimension(part.shape, axis), 0);
  const result = zeros(withAxis(head.shape, axis, total));
  let offset = 0;
  for (const part of parts) {
    for (let k = 0; k < part.data.length; k++) {
      const coordinates = unravel(k, part.shape);
      coordinates[axis] = (coordinates[axis] ?? 0) + offset;
      result.data[ravel(coordinates, result.shape)] = read(part, k);
    }
    offset += dimension(part.shape, axis);
  }
  return [result];
};

const split: Kernel = (inputs, node) => {
  const x = need(inputs, 0);
  const axis = normalizeAxis(intAttribute(node.attributes, 'axis'), x.shape.length);
  let offset = 0;
  return numbers(need(inputs, 1)).map((size) => {
    const start = offset;
    offset += size;
    const shape = withAxis(x.shape, axis, size);
    return fill(shape, (k) => {
      const coordinates = unravel(k, shape);
      coordinates[axis] = (coordinates[axis] ?? 0) + start;
      return read(x, ravel(coordinates, x.shape));
    });
  });
};

/** The positions that a slice takes from an axis: a plain walk, with ONNX's clamping of the ends. */
function slicePositions(size: number, start: number, end: number, step: number): number[] {
  const fromEnd = (position: number) => (position < 0 ? position + size : position);
  const positions: number[] = [];
  if (step > 0)
    for (let p = Math.max(0, fromEnd(start)); p < Math.min(size, fromEnd(end)); p += step) positions.push(p);
  else for (let p = Math.min(size - 1, fromEnd(start)); p > Math.max(-1, fromEnd(end)); p += step) positions.push(p);
  return positions;
}

const slice: Kernel = (inputs) => {
  const x = need(inputs, 0);
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((index) => numbers(need(inputs, index)));
  const taken = x.shape.map((size) => Array.from({ length: size }, (_, position) => position));
  axes?.forEach((axis, k) => {
    const at = normalizeAxis(axis, x.shape.length);
    taken[at] = slicePositions(dimension(x.shape, at), starts?.[k] ?? 0, ends?.[k] ?? 0, steps?.[k] ?? 1);
  });
  const shape = taken.map((positions) => positions.length);
  const source = (k: number) => unravel(k, shape).map((coordinate, axis) => taken[axis]?.[coordinate] ?? -1);
  return [fill(shape, (k) => read(x, ravel(source(k), x.shape)))];
};

const pad: Kernel = (inputs, node) => {
  const [x, pads] = [need(inputs, 0), numbers(need(inputs, 1))];
  if (stringAttribute(node.attributes, 'mode', 'constant') !== 'constant') throw new Error('Pad: constant mode only');
  const rank = x.shape.length;
  const value = inputs[2] ? read(inputs[2], 0) : 0;
  const shape = x.shape.map((size, axis) => size + (pads[axis] ?? 0) + (pads[axis + rank] ?? 0));
  return [
    fill(shape, (k) => {
      const source = unravel(k, shape).map((coordinate, axis) => coordinate - (pads[axis] ?? 0));
      const inside = source.every((coordinate, axis) => coordinate >= 0 && coordinate < dimension(x.shape, axis));
      return inside ? read(x, ravel(source, x.shape)) : value;
    }),
  ];
};

const expand: Kernel = (inputs) => {
  const x = need(inputs, 0);
  const shape = broadcastShapes(x.shape, numbers(need(inputs, 1)));
  return [fill(shape, broadcastReader(x, shape))];
};

/** Negative indices count from the end. */
const wrapIndex = (index: number, size: number): number => {
  const wrapped = index < 0 ? index + size : index;
  if (wrapped < 0 || wrapped >= size) throw new Error(`index ${index} is outside an axis of ${size}`);
  return wrapped;
};

const gather: Kernel = (inputs, node) => {
  const [x, indices] = [need(inputs, 0), need(inputs, 1)];
  const axis = normalizeAxis(intAttribute(node.attributes, 'axis', 0), x.shape.length);
  const size = dimension(x.shape, axis);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const innerRank = indices.shape.length;
  return [
    fill(shape, (k) => {
      const coordinates = unravel(k, shape);
      const index = read(indices, ravel(coordinates.slice(axis, axis + innerRank), indices.shape));
      const source = [...coordinates.slice(0, axis), wrapIndex(index, size), ...coordinates.slice(axis + innerRank)];
      return read(x, ravel(source, x.shape));
    }),
  ];
};

/** Where, in a tensor of `shape`, element k of an index tensor points: its own coordinates with one axis replaced. */
function pointedPosition(indices: Dense, k: number, axis: number, shape: Shape): number {
  const coordinates = unravel(k, indices.shape);
  coordinates[axis] = wrapIndex(read(indices, k), dimension(shape, axis));
  return ravel(coordinates, shape);
}

const gatherElements: Kernel = (inputs, node) => {
  const [x, indices] = [need(inputs, 0), need(inputs, 1)];
  const axis = normalizeAxis(intAttribute(node.attributes, 'axis', 0), x.shape.length);
  return [fill(indices.shape, (k) => read(x, pointedPosition(indices, k, axis, x.shape)))];
};

const scatterElements: Kernel = (inputs, node) => {
  const [base, indices, updates] = [need(inputs, 0), need(inputs, 1), need(inputs, 2)];
  if (stringAttribute(node.attributes, 'reduction', 'none') !== 'add') throw new Error('ScatterElements: add only');
  const axis = normalizeAxis(intAttribute(node.attributes, 'axis', 0), base.shape.length);
  const result: Dense = { shape: base.shape, data: base.data.slice() };
  for (let k = 0; k < updates.data.length; k++)
    addAt(result, pointedPosition(indices, k, axis, base.shape), read(updates, k));
  return [result];
};

export const layoutKernels: KernelTable = {
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
};
