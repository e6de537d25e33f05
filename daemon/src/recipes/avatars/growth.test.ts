/** Growing the autoencoder: what the larger one paints before it is trained, and which weights it refuses. */
import { affine, inverter, synthesis, type InverterConfig, type Stylegan2Config } from '@deltaspace/models';
import {
  averagePool,
  bindParameters,
  declareParameters,
  Graph,
  prefixed,
  serializeModel,
  type ParameterScope,
  type ParameterSpec,
  type Tensor,
  type Value,
} from '@deltaspace/onnx-graph';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRunner } from '../../runtime/index.js';
import { Random } from '../../training/index.js';
import { grownWeights } from './growth.js';
import {
  baseGeneratorConfig,
  baseInverterConfig,
  baseResolution,
  generatorConfig,
  inverterConfig,
  resolution,
} from './settings.js';
import { differingTensors, drawWeights } from './testing/random-networks.js';

const small = { generator: baseGeneratorConfig, inverter: baseInverterConfig };
const grown = { generator: generatorConfig, inverter: inverterConfig };
interface Networks {
  readonly generator: Stylegan2Config;
  readonly inverter: InverterConfig;
}

/** image `[1, 3, resolution, resolution]` → W+ and reconstruction, at the side of the networks. */
function autoencode({ generator, inverter: config }: Networks, scope: ParameterScope, image: Value) {
  const side = averagePool(image, resolution / config.resolution);
  const wPlus = inverter(prefixed(scope, 'inverter'), config, config.resolution === resolution ? image : side);
  const inGenerator = prefixed(scope, 'generator');
  return { wPlus, picture: synthesis(inGenerator, generator, affine(inGenerator, generator, wPlus)) };
}

function parametersOf(networks: Networks): readonly ParameterSpec[] {
  const graph = new Graph('parameters');
  const { scope, specs } = declareParameters(graph);
  autoencode(networks, scope, graph.input('image', [1, 3, resolution, resolution]));
  return specs;
}

async function reconstruct(networks: Networks, weights: ReadonlyMap<string, Tensor>, image: Tensor) {
  const graph = new Graph('autoencoder');
  const outputs = autoencode(networks, bindParameters(graph, weights), graph.input('image', image.shape));
  for (const [name, value] of Object.entries(outputs)) graph.output(value, name);
  const runner = await createRunner(serializeModel(graph), { threads: 1 });
  const { wPlus, picture } = await runner.run({ image });
  await runner.dispose();
  return { wPlus: wPlus?.data as Float32Array, picture: picture?.data as Float32Array };
}

/** Planes `[3, side, side]` with every pixel as a square of 2 × 2. */
function doubled(planes: Float32Array, side: number): Float32Array {
  const twice = 2 * side;
  return Float32Array.from({ length: 3 * twice * twice }, (_, i) => {
    const [plane, y, x] = [Math.floor(i / twice ** 2), Math.floor(i / twice) % twice, i % twice];
    return planes[plane * side * side + Math.floor(y / 2) * side + Math.floor(x / 2)] as number;
  });
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);

let weights: ReadonlyMap<string, Tensor>;
beforeAll(() => {
  weights = drawWeights(parametersOf(small), new Random('small networks'));
});
const withWeight = (name: string, shape: readonly number[]): Map<string, Tensor> => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  return new Map(weights).set(name, { dtype: 'float32', shape, data });
};

describe('grownWeights', () => {
  it('makes a generator that paints the picture of the small one, twice as large', async () => {
    const random = new Random('picture');
    const data = Float32Array.from({ length: 3 * resolution * resolution }, () => 2 * random.next() - 1);
    const image: Tensor = { dtype: 'float32', shape: [1, 3, resolution, resolution], data };
    // What growth leaves out is drawn: the picture must not depend on it.
    const drawn = drawWeights(parametersOf(grown), new Random('new layers'));
    const [before, after] = [
      await reconstruct(small, weights, image),
      await reconstruct(grown, new Map([...drawn, ...grownWeights(weights)]), image),
    ];
    expect(before.picture.length).toBe(3 * baseResolution ** 2);
    expect(Math.max(...before.picture) - Math.min(...before.picture)).toBeGreaterThan(0.1);
    // The same float32 arithmetic on the same numbers; only the order of sums may differ between two sizes of graph.
    expect(largestDifference(after.picture, doubled(before.picture, baseResolution))).toBeLessThan(1e-5);

    const { rows, styleDim } = baseInverterConfig;
    const last = before.wPlus.slice((rows - 1) * styleDim);
    const expected = [...before.wPlus, ...Array.from({ length: inverterConfig.rows - rows }, () => [...last]).flat()];
    expect(largestDifference(after.wPlus, Float32Array.from(expected))).toBeLessThan(1e-5);
  });

  it('keeps all weights, begins new toRGB layers at zero, and leaves new convolutions and styles to be drawn', () => {
    const result = grownWeights(weights);
    expect(
      differingTensors(weights, result)
        .filter((name) => weights.has(name))
        .sort(),
    ).toEqual(['inverter.deltas.bias', 'inverter.deltas.weight', 'inverter.latent_avg']);
    const added = [...result.keys()].filter((name) => !weights.has(name));
    expect(added.map((name) => name.replace(/\.\d+\./, '.N.')).sort()).toEqual([
      'generator.to_rgbs.N.bias',
      'generator.to_rgbs.N.conv.weight',
    ]);
    for (const name of added) expect(result.get(name)?.data.every((value) => value === 0)).toBe(true);
    for (const { name, shape } of parametersOf(grown)) {
      if (result.has(name)) expect(result.get(name)?.shape, name).toEqual(shape);
      else expect(name).toMatch(/^generator\.(convs|to_rgbs)\.\d+\./);
    }
  });

  it('refuses weights that do not fit, with their name and both shapes', () => {
    const { rows, styleDim, hidden } = inverterConfig;
    const channels = generatorConfig.channels[4] as number;
    const refusals: [name: string, shape: number[], expected: number[]][] = [
      ['generator.conv1.conv.weight', [channels, channels, 1, 1], [channels, channels, 3, 3]],
      ['generator.conv1.activate.bias', [channels - 1], [channels]],
      ['inverter.latent_avg', [rows + 1, styleDim], [rows, styleDim]],
      ['inverter.latent_avg', [rows - 1, styleDim + 1], [rows, styleDim]],
      ['inverter.deltas.weight', [styleDim, hidden - 1], [(rows - 1) * styleDim, hidden]],
      ['inverter.deltas.bias', [rows * styleDim], [(rows - 1) * styleDim]],
    ];
    for (const [name, shape, expected] of refusals)
      expect(() => grownWeights(withWeight(name, shape))).toThrow(
        `cannot grow ${name} from [${shape.join(', ')}] to [${expected.join(', ')}]`,
      );
  });
});
