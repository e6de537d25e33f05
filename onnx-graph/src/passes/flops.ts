/**
 * Arithmetic of a graph: two operations per multiply-add of matrix products and convolutions, at their true spatial size.
 * Element-by-element work is not counted; it is bound by memory, not arithmetic.
 */
import type { Graph, Node, Value } from '../ir/graph.js';
import { dimension, sizeOf } from '../ir/shape.js';
import { intAttribute } from '../ops/emit.js';

export function countFlops(graph: Graph): number {
  return graph.nodes.reduce((total, node) => total + 2 * multiplyAdds(node), 0);
}

function multiplyAdds(node: Node): number {
  const [a, b, y] = [node.inputs[0] as Value, node.inputs[1] as Value, node.outputs[0] as Value];
  switch (node.opType) {
    case 'MatMul':
      return sizeOf(y.shape) * dimension(a.shape, -1);
    case 'Gemm':
      return sizeOf(y.shape) * dimension(a.shape, intAttribute(node.attributes, 'transA', 0) ? 0 : 1);
    case 'Conv':
      return sizeOf(y.shape) * sizeOf(b.shape.slice(1));
    case 'ConvTranspose':
      return sizeOf(a.shape) * sizeOf(b.shape.slice(1));
    case 'ConvWeightGradient':
      return (sizeOf(y.shape) * sizeOf(b.shape)) / dimension(b.shape, 1);
    default:
      return 0;
  }
}
