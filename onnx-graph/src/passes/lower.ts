/**
 * Turns operators of domain `deltaspace` into ONNX operators, and drops dead nodes. Run before serialisation; afterwards the
 * graph holds ONNX operators only.
 */
import type { Graph, Node, Value } from '../ir/graph.js';
import { dimension } from '../ir/shape.js';
import { geometryOf } from '../ops/convolution.js';
import { mul } from '../ops/elementwise.js';
import { intsAttribute, required } from '../ops/emit.js';
import { concat, gather, pad, reshape, sliceAxes, stack, transpose } from '../ops/layout.js';
import { gemm, matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { rewriteGraph } from './rewrite.js';

/**
 * How a dense convolution's weight gradient becomes matrix products. `shifts` is for stride 1; others fall back to `gather`.
 */
export type WeightGradientForm = 'shifts' | 'gather';

export function lowerGraph(graph: Graph, form: WeightGradientForm = 'shifts'): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    if (node.domain === '') return null;
    if (node.opType === 'StopGradient') return [required(inputs, 0)];
    if (node.opType === 'ConvWeightGradient') return [lowerWeightGradient(node, inputs, form)];
    throw new Error(`operator deltaspace.${node.opType} has no lowering`);
  });
}

interface Geometry {
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: readonly [number, number];
}

function lowerWeightGradient(node: Node, inputs: readonly (Value | null)[], form: WeightGradientForm): Value {
  const { stride, padding, groups } = geometryOf(node.attributes);
  const kernel = intsAttribute(node.attributes, 'kernel_shape');
  const oneDimensional = kernel.length === 1;
  const planar = (x: Value) => (oneDimensional ? reshape(x, [...x.shape.slice(0, 2), 1, dimension(x.shape, 2)]) : x);
  const [x, d] = [planar(required(inputs, 0)), planar(required(inputs, 1))];
  const geometry: Geometry = {
    kernel: oneDimensional ? [1, kernel[0] ?? 1] : [kernel[0] ?? 1, kernel[1] ?? 1],
    stride,
    padding: oneDimensional ? [0, padding] : [padding, padding],
  };
  const result = groupedWeightGradient(x, d, groups, geometry, form);
  return reshape(result, [...result.shape.slice(0, 2), ...kernel]);
}

function groupedWeightGradient(
  x: Value,
  d: Value,
  groups: number,
  geometry: Geometry,
  form: WeightGradientForm,
): Value {
  const dense = form === 'shifts' && geometry.stride === 1 ? byShifts : byGather;
  if (groups === 1) return dense(x, d, geometry);
  const [channels, outChannels] = [dimension(x.shape, 1), dimension(d.shape, 1)];
  if (channels === groups && outChannels === groups) return depthwise(x, d, geometry);
  const part = (value: Value, size: number, k: number) =>
    sliceAxes(value, [{ axis: 1, start: k * size, end: (k + 1) * size }]);
  const parts = Array.from({ length: groups }, (_, k) =>
    dense(part(x, channels / groups, k), part(d, outChannels / groups, k), geometry),
  );
  return concat(parts, 0);
}

/** The strided window of a padded tensor that kernel offset (u, v) sees; `axes` are its two spatial axes. */
function windowAt(
  x: Value,
  axes: readonly [number, number],
  offset: readonly [number, number],
  out: readonly number[],
  stride: number,
): Value {
  return sliceAxes(
    x,
    axes.map((axis, k) => {
      const start = offset[k] ?? 0;
      return { axis, start, end: start + ((out[k] ?? 1) - 1) * stride + 1, step: stride };
    }),
  );
}

function kernelOffsets([height, width]: readonly [number, number]): [number, number][] {
  return Array.from({ length: height * width }, (_, k) => [Math.floor(k / width), k % width]);
}

/** dW = d · columns, with the columns (im2col) picked by one constant index table: few nodes, one large product. */
function byGather(x: Value, d: Value, { kernel, stride, padding }: Geometry): Value {
  const [batch, channels] = [dimension(x.shape, 0), dimension(x.shape, 1)];
  const [outChannels, height, width] = [dimension(d.shape, 1), dimension(d.shape, 2), dimension(d.shape, 3)];
  const rows = transpose(x, [0, 2, 3, 1]);
  const padded = pad(rows, [0, ...padding, 0], [0, ...padding, 0]);
  const [fullHeight, fullWidth] = [dimension(padded.shape, 1), dimension(padded.shape, 2)];
  const positions = new Int32Array(batch * height * width * kernel[0] * kernel[1]);
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let u = 0; u < kernel[0]; u++)
          for (let v = 0; v < kernel[1]; v++)
            positions[at++] = (n * fullHeight + i * stride + u) * fullWidth + j * stride + v;
  const pixels = reshape(padded, [batch * fullHeight * fullWidth, channels]);
  const taps = kernel[0] * kernel[1];
  const columns =
    taps === 1 && stride === 1
      ? pixels
      : gather(pixels, x.graph.constant(positions, [batch * height * width, taps], 'int32'));
  const cotangents = reshape(transpose(d, [1, 0, 2, 3]), [outChannels, batch * height * width]);
  const product = gemm(cotangents, reshape(columns, [batch * height * width, taps * channels]));
  return transpose(reshape(product, [outChannels, ...kernel, channels]), [0, 3, 1, 2]);
}

/**
 * Columns shifted in x, rows shifted in d, then one product per picture for all kernel offsets at once:
 * dW[u, v] = Σ d[i, j]·x[i + u, j + v] = Σ D_u[r, j]·X_v[r, j] with X_v[r, j] = x[r, j + v] and D_u[r, j] = d[r − u, j].
 * Copies kh + kw shifted tensors instead of kh·kw, by whole rows: 1.4 to 3 times faster than `byGather` (2 cores, 16 to 128 channels).
 */
function byShifts(x: Value, d: Value, { kernel, padding }: Geometry): Value {
  const [batch, channels] = [dimension(x.shape, 0), dimension(x.shape, 1)];
  const [outChannels, height, width] = [dimension(d.shape, 1), dimension(d.shape, 2), dimension(d.shape, 3)];
  const [rows, columns] = kernel;
  const padded = pad(x, [0, 0, ...padding], [0, 0, ...padding]);
  const fullHeight = height + rows - 1;
  const shiftedX = Array.from({ length: columns }, (_, v) =>
    sliceAxes(padded, [
      { axis: 2, start: 0, end: fullHeight },
      { axis: 3, start: v, end: v + width },
    ]),
  );
  const shiftedD = Array.from({ length: rows }, (_, u) => pad(d, [0, 0, u, 0], [0, 0, rows - 1 - u, 0]));
  const flat = (parts: readonly Value[], count: number) =>
    reshape(parts.length === 1 ? (parts[0] as Value) : concat(parts, 1), [batch, count, fullHeight * width]);
  const products = matmul(flat(shiftedD, rows * outChannels), transpose(flat(shiftedX, columns * channels), [0, 2, 1]));
  const total = reshape(sum(products, [0]), [rows, outChannels, columns, channels]);
  return transpose(total, [1, 3, 0, 2]);
}

/** Every channel has its own filter: multiply and sum per offset. */
function depthwise(x: Value, d: Value, { kernel, stride, padding }: Geometry): Value {
  const padded = pad(x, [0, 0, ...padding], [0, 0, ...padding]);
  const sums = kernelOffsets(kernel).map((offset) =>
    sum(mul(windowAt(padded, [2, 3], offset, d.shape.slice(2), stride), d), [0, 2, 3]),
  );
  return reshape(stack(sums, 1), [dimension(d.shape, 1), 1, ...kernel]);
}
