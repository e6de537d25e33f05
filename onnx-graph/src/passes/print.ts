/** A graph as text, one line per node: for snapshots in tests and for looking. Constants show their numbers when few. */
import type { Attribute, Graph, Value } from '../ir/graph.js';
import { toNumbers } from '../ir/tensor.js';

const maxShownNumbers = 8;

export function printGraph(graph: Graph): string {
  const labels = new Map<Value, string>();
  const label = (value: Value | null): string => {
    if (!value) return '_';
    const contents = graph.initializers.get(value);
    if (contents && contents.data.length <= maxShownNumbers) return `(${toNumbers(contents).join(' ')})`;
    return labels.get(value) ?? value.name;
  };
  const lines = graph.inputs.map((input) => `input ${input.toString()}`);
  for (const node of graph.nodes) {
    for (const output of node.outputs)
      labels.set(output, graph.outputs.includes(output) ? output.name : `%${labels.size}`);
    const results = node.outputs.map((output) => `${label(output)}: ${output.dtype}[${output.shape.join(', ')}]`);
    const attributes = Object.entries(node.attributes).map(([name, attribute]) => ` ${name}=${show(attribute)}`);
    lines.push(`${results.join(', ')} = ${node.opType}(${node.inputs.map(label).join(', ')})${attributes.join('')}`);
  }
  lines.push(`return ${graph.outputs.map((output) => output.name).join(', ')}`);
  return lines.join('\n');
}

function show(attribute: Attribute): string {
  return Array.isArray(attribute.value) ? `[${attribute.value.join(' ')}]` : String(attribute.value);
}
