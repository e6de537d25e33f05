/**
 * The slow reference: computes a graph in double precision by the definition of every operator, before any lowering.
 *
 * It is what our graphs are tested against, so it shares no code with shape inference, with the gradient rules or with
 * onnxruntime. Float dtypes are ignored (everything is a double): it says what a graph means, not what float32 makes of it.
 */
import type { Graph, Node, Value } from '../ir/graph.js';
import { formatShape, sameShape, sizeOf } from '../ir/shape.js';
import { toNumbers } from '../ir/tensor.js';
import { convolutionKernels } from './convolution-kernels.js';
import type { Dense, KernelTable } from './dense.js';
import { elementwiseKernels } from './elementwise-kernels.js';
import { layoutKernels } from './layout-kernels.js';
import { productKernels } from './product-kernels.js';

/** One kernel per known operator. */
export const referenceKernels: KernelTable = {
  ...elementwiseKernels,
  ...layoutKernels,
  ...productKernels,
  ...convolutionKernels,
};

/** Numbers for graph inputs, by name, row-major. */
export type Feeds = Readonly<Record<string, ArrayLike<number>>>;

/**
 * The elements of `values`, which must belong to one graph. Throws when a feed is missing or has the wrong length, and when
 * an operator's result does not have the shape that inference promised.
 */
export function evaluate(values: readonly Value[], feeds: Feeds): Dense[] {
  const known = new Map<Value, Dense>();
  const graph = values[0]?.graph;
  if (!graph) return [];
  const needed = neededNodes(values);
  for (const node of graph.nodes) if (needed.has(node)) runNode(node, known, feeds);
  return values.map((value) => contentsOf(value, known, feeds));
}

/** All outputs of a graph by name. */
export function evaluateGraph(graph: Graph, feeds: Feeds): Record<string, Dense> {
  const results = evaluate(graph.outputs, feeds);
  return Object.fromEntries(graph.outputs.map((output, k) => [output.name, results[k] as Dense]));
}

function runNode(node: Node, known: Map<Value, Dense>, feeds: Feeds): void {
  const kernel = referenceKernels[node.opType];
  if (!kernel) throw new Error(`the reference evaluator has no kernel for ${node.opType}`);
  const results = kernel(
    node.inputs.map((input) => input && contentsOf(input, known, feeds)),
    node,
  );
  node.outputs.forEach((output, k) => {
    const result = results[k];
    if (!result || !sameShape(result.shape, output.shape) || result.data.length !== sizeOf(output.shape))
      throw new Error(
        `${node.opType} gives ${result ? formatShape(result.shape) : 'nothing'}, inference said ${output.toString()}`,
      );
    known.set(output, result);
  });
}

function contentsOf(value: Value, known: Map<Value, Dense>, feeds: Feeds): Dense {
  const computed = known.get(value);
  if (computed) return computed;
  const initializer = value.graph.initializers.get(value);
  const numbers = initializer ? toNumbers(initializer) : feeds[value.name];
  if (!numbers) throw new Error(`no numbers were given for the input ${value.toString()}`);
  if (numbers.length !== sizeOf(value.shape))
    throw new Error(`input ${value.toString()} needs ${sizeOf(value.shape)} numbers, got ${numbers.length}`);
  const dense: Dense = { shape: value.shape, data: Float64Array.from(numbers) };
  known.set(value, dense);
  return dense;
}

function neededNodes(values: readonly Value[]): Set<Node> {
  const needed = new Set<Node>();
  const pending = values.map((value) => value.producer);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!node || needed.has(node)) continue;
    needed.add(node);
    for (const input of node.inputs) if (input) pending.push(input.producer);
  }
  return needed;
}
