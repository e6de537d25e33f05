/**
 * Reference kernels of convolutions and pooling, by their definitions. One spatial axis is treated as an image of height 1.
 */
import { dimension, type Shape } from '../ir/shape.js';
import { constantNumbers, intAttribute, intsAttribute, stringAttribute } from '../ops/emit.js';
import type { Node, Value } from '../ir/graph.js';
import { addAt, type Dense, fill, type Kernel, type KernelTable, need, read, unravel, zeros } from './dense.js';

interface Geometry {
  readonly groups: number;
  readonly stride: readonly [number, number];
  /** Zeros before; what stands after only decides the size of the result. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

const pair = (values: readonly number[], neutral: number): [number, number] =>
  values.length === 1 ? [neutral, values[0] ?? neutral] : [values[0] ?? neutral, values[1] ?? neutral];

function geometryOf({ attributes }: Node): Geometry {
  const pads = intsAttribute(attributes, 'pads');
  return {
    groups: intAttribute(attributes, 'group', 1),
    stride: pair(intsAttribute(attributes, 'strides'), 1),
    before: pair(pads.slice(0, pads.length / 2), 0),
    after: pair(pads.slice(pads.length / 2), 0),
  };
}

const planar = (x: Dense): Dense =>
  x.shape.length === 3 ? { shape: [...x.shape.slice(0, 2), 1, dimension(x.shape, 2)], data: x.data } : x;

/** Undoes `planar` on a result when the node's input had one spatial axis. */
const likeRank = (result: Dense, rank: number): Dense =>
  rank === 3 ? { shape: result.shape.filter((_, axis) => axis !== 2), data: result.data } : result;

type Four = readonly [number, number, number, number];
const four = (shape: Shape): Four => [0, 1, 2, 3].map((axis) => dimension(shape, axis)) as unknown as Four;

/**
 * Calls `visit` for every multiplication of a convolution with the flat positions it joins: image `[N, C, H, W]`,
 * weight `[M, C/groups, kh, kw]`, map `[N, M, Ho, Wo]`. Convolution, its transpose and its weight gradient are the three
 * ways of summing the same products.
 */
function forEachTap(
  image: Shape,
  weight: Shape,
  map: Shape,
  { groups, stride, before }: Geometry,
  visit: (imageAt: number, weightAt: number, mapAt: number) => void,
): void {
  const [batch, channels, height, width] = four(image);
  const [outChannels, perGroup, kernelHeight, kernelWidth] = four(weight);
  const [, , mapHeight, mapWidth] = four(map);
  for (let n = 0; n < batch; n++)
    for (let m = 0; m < outChannels; m++)
      for (let c = 0; c < perGroup; c++) {
        const channel = Math.floor(m / (outChannels / groups)) * perGroup + c;
        for (let i = 0; i < mapHeight; i++)
          for (let j = 0; j < mapWidth; j++)
            for (let u = 0; u < kernelHeight; u++)
              for (let v = 0; v < kernelWidth; v++) {
                const [y, x] = [i * stride[0] + u - before[0], j * stride[1] + v - before[1]];
                if (y < 0 || y >= height || x < 0 || x >= width) continue;
                visit(
                  ((n * channels + channel) * height + y) * width + x,
                  ((m * perGroup + c) * kernelHeight + u) * kernelWidth + v,
                  ((n * outChannels + m) * mapHeight + i) * mapWidth + j,
                );
              }
      }
}

/** Starts a result from its bias `[channels]`, or from zeros. */
function startFrom(bias: Dense | null | undefined, shape: Shape): Dense {
  if (!bias) return zeros(shape);
  return fill(shape, (k) => read(bias, unravel(k, shape)[1] ?? -1));
}

const conv: Kernel = (inputs, node) => {
  const [x, w, geometry] = [planar(need(inputs, 0)), planar(need(inputs, 1)), geometryOf(node)];
  const size = (axis: 0 | 1) => {
    const padded = dimension(x.shape, axis + 2) + geometry.before[axis] + geometry.after[axis];
    return Math.floor((padded - dimension(w.shape, axis + 2)) / geometry.stride[axis]) + 1;
  };
  const y = startFrom(inputs[2], [dimension(x.shape, 0), dimension(w.shape, 0), size(0), size(1)]);
  forEachTap(x.shape, w.shape, y.shape, geometry, (xAt, wAt, yAt) => addAt(y, yAt, read(x, xAt) * read(w, wAt)));
  return [likeRank(y, need(inputs, 0).shape.length)];
};

const convTranspose: Kernel = (inputs, node) => {
  const [x, w, geometry] = [planar(need(inputs, 0)), planar(need(inputs, 1)), geometryOf(node)];
  const extra = pair(intsAttribute(node.attributes, 'output_padding'), 0);
  const size = (axis: 0 | 1) =>
    (dimension(x.shape, axis + 2) - 1) * geometry.stride[axis] +
    dimension(w.shape, axis + 2) +
    extra[axis] -
    geometry.before[axis] -
    geometry.after[axis];
  const channels = dimension(w.shape, 1) * geometry.groups;
  const y = startFrom(inputs[2], [dimension(x.shape, 0), channels, size(0), size(1)]);
  forEachTap(y.shape, w.shape, x.shape, geometry, (yAt, wAt, xAt) => addAt(y, yAt, read(x, xAt) * read(w, wAt)));
  return [likeRank(y, need(inputs, 0).shape.length)];
};

const convWeightGradient: Kernel = (inputs, node) => {
  const [x, d, geometry] = [planar(need(inputs, 0)), planar(need(inputs, 1)), geometryOf(node)];
  const kernel = pair(intsAttribute(node.attributes, 'kernel_shape'), 1);
  const g = zeros([dimension(d.shape, 1), dimension(x.shape, 1) / geometry.groups, ...kernel]);
  forEachTap(x.shape, g.shape, d.shape, geometry, (xAt, gAt, dAt) => addAt(g, gAt, read(x, xAt) * read(d, dAt)));
  return [likeRank(g, need(inputs, 0).shape.length)];
};

/** Flat positions of the elements in one pooling window, in row-major order; those in the padding are left out. */
function windowPositions(shape: Shape, [n, c, i, j]: Four, node: Node): number[] {
  const [, channels, height, width] = four(shape);
  const [kernelHeight, kernelWidth] = pair(intsAttribute(node.attributes, 'kernel_shape'), 1);
  const [strideY, strideX] = pair(intsAttribute(node.attributes, 'strides'), 1);
  const [top, left] = pair(intsAttribute(node.attributes, 'pads', [0, 0, 0, 0]).slice(0, 2), 0);
  const positions: number[] = [];
  for (let y = i * strideY - top; y < i * strideY - top + kernelHeight; y++)
    for (let x = j * strideX - left; x < j * strideX - left + kernelWidth; x++)
      if (y >= 0 && y < height && x >= 0 && x < width) positions.push(((n * channels + c) * height + y) * width + x);
  return positions;
}

function pooledShape(shape: Shape, { attributes }: Node): Shape {
  const pads = intsAttribute(attributes, 'pads', [0, 0, 0, 0]);
  const round = intAttribute(attributes, 'ceil_mode', 0) === 1 ? Math.ceil : Math.floor;
  const spatial = intsAttribute(attributes, 'kernel_shape').map((size, k) => {
    const [stride, padding] = [intsAttribute(attributes, 'strides')[k] ?? 1, (pads[k] ?? 0) + (pads[k + 2] ?? 0)];
    const count = round((dimension(shape, k + 2) + padding - size) / stride) + 1;
    // A window that would start in the padding behind the image does not count.
    const startsInside = (count - 1) * stride < dimension(shape, k + 2) + (pads[k] ?? 0);
    return startsInside ? count : count - 1;
  });
  return [...shape.slice(0, 2), ...spatial];
}

const maxPool: Kernel = (inputs, node) => {
  const x = need(inputs, 0);
  const shape = pooledShape(x.shape, node);
  const winner = (k: number): number => {
    const positions = windowPositions(x.shape, unravel(k, shape) as unknown as Four, node);
    return positions.reduce((best, position) => (read(x, position) > read(x, best) ? position : best));
  };
  const winners = fill(shape, winner);
  return [fill(shape, (k) => read(x, read(winners, k))), winners];
};

const averagePool: Kernel = (inputs, node) => {
  const x = need(inputs, 0);
  if (intsAttribute(node.attributes, 'pads', []).some((count) => count !== 0))
    throw new Error('AveragePool: padding is not supported');
  const shape = pooledShape(x.shape, node);
  const average = (k: number): number => {
    const positions = windowPositions(x.shape, unravel(k, shape) as unknown as Four, node);
    return positions.reduce((sum, position) => sum + read(x, position), 0) / positions.length;
  };
  return [fill(shape, average)];
};

/** Nearest only, in the form we emit: source = floor(target / scale). */
const resize: Kernel = (inputs, node) => {
  const x = need(inputs, 0);
  const option = (name: string) => stringAttribute(node.attributes, name, '');
  if (
    option('mode') !== 'nearest' ||
    option('coordinate_transformation_mode') !== 'asymmetric' ||
    option('nearest_mode') !== 'floor'
  )
    throw new Error('Resize: only nearest, asymmetric, floor is supported');
  const scales = constantNumbers(node.inputs[2] as Value);
  const shape = x.shape.map((size, axis) => Math.floor(size * (scales[axis] ?? 1)));
  const [, channels, height, width] = four(x.shape);
  return [
    fill(shape, (k) => {
      const [n, c, i, j] = unravel(k, shape).map((at, axis) => Math.floor(at / (scales[axis] ?? 1))) as unknown as Four;
      return read(x, ((n * channels + c) * height + i) * width + j);
    }),
  ];
};

export const convolutionKernels: KernelTable = {
  Conv: conv,
  ConvTranspose: convTranspose,
  ConvWeightGradient: convWeightGradient,
  MaxPool: maxPool,
  AveragePool: averagePool,
  Resize: resize,
};
