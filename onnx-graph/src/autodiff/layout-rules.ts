/** Reverse-mode rules of operators that move elements: each one's transpose, as a linear map, moves them back. */
import type { Value } from '../ir/graph.js';
import { dimension, normalizeAxis, sizeOf } from '../ir/shape.js';
import { constantNumbers, intAttribute, intsAttribute, stringAttribute } from '../ops/emit.js';
import {
  concat,
  dilate,
  expand,
  flip,
  gatherElements,
  pad,
  reshape,
  scatterAddElements,
  slice,
  sliceAxes,
  sliceExtent,
  split,
  transpose,
} from '../ops/layout.js';
import { unbroadcast } from './elementwise-rules.js';
import { type RuleTable, singleResult } from './rule.js';

/** Zeros of a value's shape and type. */
export function zerosLike(x: Value): Value {
  return expand(x.graph.constant([0], [], x.dtype), x.shape);
}

/** The cotangent of `Slice`: reverse what ran backwards, spread what was skipped over, and put it back among zeros. */
function sliceCotangent(d: Value, inputs: readonly Value[]): Value {
  const [x, ...vectorInputs] = inputs as [Value, ...Value[]];
  const [starts, ends, axes, steps] = vectorInputs.map(constantNumbers);
  const before = x.shape.map(() => 0);
  const length = [...x.shape];
  const stride = x.shape.map(() => 1);
  const reversed: number[] = [];
  axes?.forEach((given, k) => {
    const axis = normalizeAxis(given, x.shape.length);
    const [size, step] = [dimension(x.shape, axis), steps?.[k] ?? 1];
    const extent = sliceExtent(size, starts?.[k] ?? 0, ends?.[k] ?? size, step);
    if (step < 0) reversed.push(axis);
    before[axis] = step < 0 ? extent.from + (extent.length - 1) * step : extent.from;
    length[axis] = extent.length;
    stride[axis] = Math.abs(step);
  });
  if (sizeOf(length) === 0) return zerosLike(x);
  const forward = reversed.length > 0 ? flip(d, reversed) : d;
  const covered = length.map((count, axis) => (count - 1) * (stride[axis] ?? 1) + 1);
  const spread = cutTo(dilate(forward, stride), covered);
  const after = x.shape.map((size, axis) => size - (covered[axis] ?? 0) - (before[axis] ?? 0));
  return pad(spread, before, after);
}

/** The leading part of a value, of the given shape. */
function cutTo(x: Value, shape: readonly number[]): Value {
  return shape.reduce((part, end, axis) => slice(part, axis, 0, end), x);
}

/** The cotangent of `Gather` along any axis: add rows back at their indices. */
function gatherCotangent(d: Value, x: Value, indices: Value, axis: number): Value {
  const rank = x.shape.length;
  const count = sizeOf(indices.shape);
  const flat = reshape(d, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
  const column = reshape(
    indices,
    Array.from({ length: rank }, (_, at) => (at === axis ? count : 1)),
  );
  return scatterAddElements(zerosLike(x), expand(column, flat.shape), flat, axis);
}

export const layoutRules: RuleTable = {
  Reshape: singleResult((d, [x]) => [reshape(d, (x as Value).shape), null]),
  Transpose: singleResult((d, _, __, ___, node) => {
    const perm = intsAttribute(node.attributes, 'perm');
    return [
      transpose(
        d,
        perm.map((_axis, k) => perm.indexOf(k)),
      ),
    ];
  }),
  Concat: singleResult((d, inputs, _, __, node) => {
    const axis = intAttribute(node.attributes, 'axis');
    return split(
      d,
      axis,
      inputs.map((part) => dimension(part.shape, axis)),
    );
  }),
  Split: (node, cotangents) => {
    const parts = node.outputs.map((part, k) => cotangents[k] ?? zerosLike(part));
    return [concat(parts, intAttribute(node.attributes, 'axis')), null];
  },
  Slice: singleResult((d, inputs) => [sliceCotangent(d, inputs), null, null, null, null]),
  Pad: singleResult((d, [x, pads], _, __, node) => {
    const mode = stringAttribute(node.attributes, 'mode', 'constant');
    if (mode !== 'constant') throw new Error(`gradient of Pad with mode ${mode} is not supported`);
    const [shape, before] = [(x as Value).shape, constantNumbers(pads as Value)];
    const ranges = shape.map((size, axis) => ({ axis, start: before[axis] ?? 0, end: (before[axis] ?? 0) + size }));
    return [sliceAxes(d, ranges), null, null];
  }),
  Expand: singleResult((d, [x]) => [unbroadcast(d, (x as Value).shape), null]),
  Gather: singleResult((d, [x, indices], _, __, node) => {
    const table = x as Value;
    const axis = normalizeAxis(intAttribute(node.attributes, 'axis', 0), table.shape.length);
    return [gatherCotangent(d, table, indices as Value, axis), null];
  }),
  GatherElements: singleResult((d, [x, indices], _, __, node) => [
    scatterAddElements(zerosLike(x as Value), indices as Value, d, intAttribute(node.attributes, 'axis', 0)),
    null,
  ]),
  ScatterElements: singleResult((d, [, indices], _, __, node) => {
    const reduction = stringAttribute(node.attributes, 'reduction', 'none');
    if (reduction !== 'add')
      throw new Error(`gradient of ScatterElements with reduction ${reduction} is not supported`);
    return [d, null, gatherElements(d, indices as Value, intAttribute(node.attributes, 'axis', 0))];
  }),
};
