/**
 * The execution providers of this machine against its CPU: networks of the shipped pack, and a generator at 256 px with the
 * reference's widths and random weights, the smallest of those that a GPU is for. Providers that do not work are skipped by name.
 */
import { buildGraph, buildNetwork, loadPack, packFolders, styleLayout, synthesis } from '@deltaspace/models';
import type { Stylegan2Config } from '@deltaspace/models';
import { createRunner, examineProviders } from '@deltaspace/daemon';
import { bindParameters, countFlops, declareParameters, Graph, initializeParameters } from '@deltaspace/onnx-graph';
import { serializeModel, sizeOf, type ParameterScope, type Tensor } from '@deltaspace/onnx-graph';
import { fastestMs } from './measure.js';
import type { BenchmarkResult } from './report.js';

interface Subject {
  readonly name: string;
  readonly flops: number;
  readonly model: () => Uint8Array;
}

export async function benchProviders(): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  const subjects = [...(await packSubjects()), generatorSubject()];
  for (const { name: provider, usable, reason = '' } of await examineProviders()) {
    if (!usable) {
      results.push({ name: `networks on ${provider}`, value: `skipped: ${reason}` });
      continue;
    }
    for (const subject of subjects) results.push(await timeOn(provider, subject));
  }
  return results;
}

async function timeOn(provider: string, { name, flops, model }: Subject): Promise<BenchmarkResult> {
  const runner = await createRunner(model(), { provider });
  const feeds = Object.fromEntries(runner.inputs.map(({ name: input, shape }) => [input, waves(shape)]));
  const milliseconds = await fastestMs(() => runner.run(feeds), { rounds: 3, atLeastMs: 1000 });
  await runner.dispose();
  return { name: `${name} on ${provider}, ${(flops / 1e9).toFixed(2)} GFLOP`, value: `${milliseconds.toFixed(2)} ms` };
}

async function packSubjects(): Promise<Subject[]> {
  const [folder] = await packFolders();
  if (folder === undefined) return [];
  const pack = await loadPack(folder);
  return ['synthesis', 'inverter', 'mapper'].map((network) => ({
    name: `${network} of ${pack.manifest.id}`,
    flops: countFlops(buildGraph(pack, network, 1)),
    model: () => buildNetwork(pack, network, 1),
  }));
}

const reference: Stylegan2Config = {
  size: 256,
  styleDim: 512,
  channels: { 4: 512, 8: 512, 16: 512, 32: 512, 64: 512, 128: 256, 256: 128 },
  upsampling: 'transposed-fir',
  noise: true,
  demodulate: true,
  colourStyles: 'separate',
};

function generatorSubject(): Subject {
  const outline = new Graph('outline');
  const { scope, specs } = declareParameters(outline);
  addGenerator(outline, scope);
  let count = 0;
  const weights = initializeParameters(specs, () => Math.SQRT2 * Math.sin(++count * 1.7));
  const graph = new Graph('generator');
  addGenerator(graph, bindParameters(graph, weights));
  return { name: 'generator, 256 px', flops: countFlops(graph), model: () => serializeModel(graph) };
}

function addGenerator(graph: Graph, scope: ParameterScope): void {
  const { styleWidth, rgbWidth } = styleLayout(reference);
  const [s, rgb] = [graph.input('s', [1, styleWidth]), graph.input('rgb', [1, rgbWidth])];
  graph.output(synthesis(scope, reference, { s, rgb }), 'image');
}

function waves(shape: readonly number[]): Tensor {
  return { dtype: 'float32', shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i)) };
}
