/**
 * Copies a graph, keeping only what its outputs need, and lets a pass replace nodes on the way. Passes never change a graph
 * in place. Inputs all stay, in order, so that feeds remain valid.
 */
import { Graph, type Node, type Value } from '../ir/graph.js';

/** Returns replacements for the node's results (built in the new graph), or null to copy the node. */
export type NodeRewrite = (node: Node, inputs: readonly (Value | null)[]) => readonly Value[] | null;

export function rewriteGraph(graph: Graph, rewrite: NodeRewrite = () => null): Graph {
  const copy = new Graph(graph.name);
  const live = liveNodes(graph);
  const mapped = new Map<Value, Value>();
  for (const input of graph.inputs) mapped.set(input, copy.input(input.name, input.shape, input.dtype));
  const take = (value: Value): Value => {
    const known = mapped.get(value);
    if (known) return known;
    const contents = graph.initializers.get(value);
    if (!contents) throw new Error(`rewrite: ${value.name} is used before it is computed`);
    const fresh = copy.initializer(value.name, contents);
    mapped.set(value, fresh);
    return fresh;
  };
  for (const node of graph.nodes) {
    if (!live.has(node)) continue;
    const inputs = node.inputs.map((input) => input && take(input));
    const results =
      rewrite(node, inputs) ?? copy.addNode(node.opType, inputs, node.attributes, node.outputs, node.domain).outputs;
    node.outputs.forEach((output, k) => mapped.set(output, results[k] as Value));
  }
  for (const output of graph.outputs) copy.output(take(output), output.name);
  return copy;
}

/** Nodes that some output depends on. */
function liveNodes(graph: Graph): Set<Node> {
  const live = new Set<Node>();
  const pending = graph.outputs.map((output) => output.producer);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!node || live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) if (input) pending.push(input.producer);
  }
  return live;
}
