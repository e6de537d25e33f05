/**
 * A process that tries one execution provider and ends: `node provider-probe.js [NAME]`. Without a name it lists them.
 *
 * A process of its own because a driver that does not fit can hang or end whoever asks it. The answer is one line of JSON on
 * standard output; errors go there too, as `{ "error": TEXT }`.
 */
import { add, Graph, serializeModel } from '@deltaspace/onnx-graph';
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { messageOf } from './errors.js';

const provider = process.argv[2];
const answer = provider === undefined ? { providers: listSupportedBackends() } : await attempt(provider);
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));

/** Adds two numbers on the provider. */
async function attempt(name: string): Promise<{ error?: string }> {
  try {
    const graph = new Graph('probe');
    const x = graph.input('x', [1]);
    graph.output(add(x, x), 'y');
    const session = await InferenceSession.create(serializeModel(graph), {
      executionProviders: [name],
      logSeverityLevel: 4,
    });
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(21), [1]) });
    const value = (y?.data as Float32Array | undefined)?.[0];
    return value === 42 ? {} : { error: `it computed 21 + 21 as ${value ?? 'nothing'}` };
  } catch (error) {
    return { error: messageOf(error) };
  }
}
