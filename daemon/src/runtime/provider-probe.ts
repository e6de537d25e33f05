/**
 * A process that tries one execution provider and ends: `node provider-probe.js [NAME [compare]]`. Without a name it lists them;
 * with `compare` it also times a convolution on the provider and on the CPU.
 *
 * A process of its own because a driver that does not fit can hang or end whoever asks it. The answer is one line of JSON on
 * standard output; errors go there too, as `{ "error": TEXT }`.
 */
import { add, conv2d, countFlops, Graph, serializeModel, type Tensor } from '@deltaspace/onnx-graph';
import { listSupportedBackends } from 'onnxruntime-node';
import { messageOf } from './errors.js';
import { physicalCoreCount } from './physical-cores.js';
import { createRunner } from './runner.js';

/** Timed runs; the fastest counts. The first of all compiles shaders and is not among them. */
const timedRuns = 3;

const [provider, task] = process.argv.slice(2);
const answer = provider === undefined ? { providers: listSupportedBackends() } : await attempt(provider);
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));

async function attempt(name: string): Promise<{ error?: string; providerMs?: number; cpuMs?: number }> {
  try {
    await addOn(name);
    return task === 'compare' ? { providerMs: await convolveOn(name), cpuMs: await convolveOn('cpu') } : {};
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** Adds two numbers on the provider. */
async function addOn(name: string): Promise<void> {
  const graph = new Graph('probe');
  const x = graph.input('x', [1]);
  graph.output(add(x, x), 'y');
  const runner = await createRunner(serializeModel(graph), { provider: name });
  const { y } = await runner.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(21) } });
  const value = y?.data[0];
  if (value !== 42) throw new Error(`it computed 21 + 21 as ${value ?? 'nothing'}`);
}

/** Milliseconds of a convolution such as generators consist of, 2.4 GFLOP. */
async function convolveOn(name: string): Promise<number> {
  const [channels, side] = [64, 180];
  const tensor = (shape: readonly number[]): Tensor => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
    return { dtype: 'float32', shape, data };
  };
  const graph = new Graph('comparison');
  const x = graph.input('x', [1, channels, side, side]);
  const weight = graph.initializer('weight', tensor([channels, channels, 3, 3]));
  graph.output(conv2d(x, weight, { padding: 1 }), 'y');
  if (countFlops(graph) < 2e9) throw new Error('the comparison is too small to tell anything');
  const runner = await createRunner(serializeModel(graph), { provider: name, threads: physicalCoreCount() });
  const feeds = { x: tensor(x.shape) };
  await runner.run(feeds);
  let fastestMs = Infinity;
  for (let run = 0; run < timedRuns; run++) {
    const start = performance.now();
    await runner.run(feeds);
    fastestMs = Math.min(fastestMs, performance.now() - start);
  }
  return fastestMs;
}
