/** Reference kernels of matrix products and reductions. */
import { broadcastShapes, dimension, normalizeAxis, type Shape, sizeOf } from '../ir/shape.js';
import { intAttribute } from '../ops/emit.js';
import {
  broadcastPositions,
  broadcastReader,
  fill,
  type Kernel,
  type KernelTable,
  need,
  ravel,
  read,
  unravel,
} from './dense.js';

const matmul: Kernel = (inputs) => {
  const [a, b] = [need(inputs, 0), need(inputs, 1)];
  const [rows, inner, columns] = [dimension(a.shape, -2), dimension(a.shape, -1), dimension(b.shape, -1)];
  const [leadA, leadB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const lead = broadcastShapes(leadA, leadB);
  const [batchA, batchB] = [broadcastPositions(leadA, lead), broadcastPositions(leadB, lead)];
  const element = (k: number): number => {
    const [batch, i, j] = [Math.floor(k / (rows * columns)), Math.floor(k / columns) % rows, k % columns];
    const startA = ((batchA[batch] ?? -1) * rows + i) * inner;
    const startB = (batchB[batch] ?? -1) * inner * columns + j;
    let sum = 0;
    for (let p = 0; p < inner; p++) sum += (a.data[startA + p] ?? NaN) * (b.data[startB + p * columns] ?? NaN);
    return sum;
  };
  return [fill([...lead, rows, columns], element)];
};

const gemm: Kernel = (inputs, node) => {
  const [a, b, bias] = [need(inputs, 0), need(inputs, 1), inputs[2] ?? null];
  const flag = (name: string) => intAttribute(node.attributes, name, 0) === 1;
  const [transA, transB] = [flag('transA'), flag('transB')];
  const [rows, inner] = [dimension(a.shape, transA ? 1 : 0), dimension(a.shape, transA ? 0 : 1)];
  const columns = dimension(b.shape, transB ? 0 : 1);
  const [alongA, alongB] = [transA ? rows : 1, transB ? 1 : columns];
  const shift = bias ? broadcastReader(bias, [rows, columns]) : () => 0;
  const element = (k: number): number => {
    let sum = shift(k);
    const [i, j] = [Math.floor(k / columns), k % columns];
    const [startA, startB] = [transA ? i : i * inner, transB ? j * inner : j];
    for (let p = 0; p < inner; p++) sum += (a.data[startA + p * alongA] ?? NaN) * (b.data[startB + p * alongB] ?? NaN);
    return sum;
  };
  return [fill([rows, columns], element)];
};

/** Folds all elements that share the kept coordinates; then `finish` sees the fold and their number. */
const reduction =
  (start: number, step: (sum: number, x: number) => number, finish = (sum: number, _count: number) => sum): Kernel =>
  (inputs, node) => {
    const x = need(inputs, 0);
    const axes = Array.from(need(inputs, 1).data, (axis) => normalizeAxis(axis, x.shape.length));
    const kept: Shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const folded = fill(kept, () => start);
    const target = broadcastPositions(kept, x.shape);
    for (let k = 0; k < x.data.length; k++) {
      const at = target[k] ?? -1;
      folded.data[at] = step(read(folded, at), read(x, k));
    }
    const count = sizeOf(axes.map((axis) => dimension(x.shape, axis)));
    const keep = intAttribute(node.attributes, 'keepdims', 1) === 1;
    const shape = keep ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
    return [{ shape, data: folded.data.map((sum) => finish(sum, count)) }];
  };

const softmax: Kernel = (inputs, node) => {
  const x = need(inputs, 0);
  const axis = normalizeAxis(intAttribute(node.attributes, 'axis', -1), x.shape.length);
  const line = (k: number): number[] => {
    const coordinates = unravel(k, x.shape);
    return Array.from({ length: dimension(x.shape, axis) }, (_, at) =>
      read(
        x,
        ravel(
          coordinates.map((coordinate, other) => (other === axis ? at : coordinate)),
          x.shape,
        ),
      ),
    );
  };
  const element = (k: number): number => {
    const values = line(k);
    const largest = Math.max(...values);
    const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    return Math.exp(read(x, k) - largest) / total;
  };
  return [fill(x.shape, element)];
};

export const productKernels: KernelTable = {
  MatMul: matmul,
  Gemm: gemm,
  ReduceSum: reduction(0, (sum, x) => sum + x),
  ReduceMean: reduction(
    0,
    (sum, x) => sum + x,
    (sum, count) => sum / count,
  ),
  ReduceMax: reduction(-Infinity, Math.max),
  Softmax: softmax,
};
