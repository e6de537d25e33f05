/**
 * A process that tries one execution provider and ends: `node provider-probe.js [NAME [compare]]`. Without a name it lists them;
 * with `compare` it also times convolutions on the provider and on the CPU.
 *
 * A process of its own because a driver that does not fit can hang or end whoever asks it. The answer is one line of JSON on
 * standard output; errors go there too, as `{ "error": TEXT }`.
 */
import {
  add,
  conv2d,
  Graph,
  leakyRelu,
  meanAll,
  resizeNearest,
  serializeModel,
  type Tensor,
} from '@deltaspace/onnx-graph';
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

/**
 * Milliseconds of a chain of convolutions such as generators consist of, 9.7 GFLOP. Little goes in and out: one convolution alone
 * with 8 MB each way says what the way costs (15 ms on an H200, 10 ms on 16 cores, where whole generators are 15 times faster).
 */
async function convolveOn(name: string): Promise<number> {
  const [channels, side, layers] = [64, 32, 8];
  const tensor = (shape: readonly number[]): Tensor => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) / 24);
    return { dtype: 'float32', shape, data };
  };
  const graph = new Graph('comparison');
  const x = graph.input('x', [1, channels, side, side]);
  const weight = graph.initializer('weight', tensor([channels, channels, 3, 3]));
  let y = resizeNearest(x, 4);
  for (let layer = 0; layer < layers; layer++) y = leakyRelu(conv2d(y, weight, { padding: 1 }), 0.2);
  graph.output(meanAll(y), 'mean');
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
