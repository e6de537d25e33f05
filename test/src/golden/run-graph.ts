/** Builds a graph from a function, runs it once, and returns its outputs by name. */
import { createRunner } from '@deltaspace/daemon';
import {
  bindParameters,
  Graph,
  serializeModel,
  type ParameterScope,
  type Tensor,
  type Value,
} from '@deltaspace/onnx-graph';

/** Runs `build` on `inputs` with weights from `parameters`. */
export async function runGraph(
  parameters: ReadonlyMap<string, Tensor>,
  inputs: Readonly<Record<string, Tensor>>,
  build: (scope: ParameterScope, values: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>,
): Promise<Record<string, Tensor>> {
  const graph = new Graph('golden');
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, graph.input(name, shape, dtype)]),
  );
  for (const [name, value] of Object.entries(build(bindParameters(graph, parameters), values)))
    graph.output(value, name);
  const runner = await createRunner(serializeModel(graph), { threads: 1 });
  try {
    return await runner.run(inputs);
  } finally {
    await runner.dispose();
  }
}
