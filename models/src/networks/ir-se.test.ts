import { declareParameters, Graph, sizeOf, type ParameterSpec } from '@deltaspace/onnx-graph';
import { evaluate } from '@deltaspace/onnx-graph/testing';
import { describe, expect, it } from 'vitest';
import { identityEmbedding, identityView, irSe50, irSeBody, type IrSeConfig } from './ir-se.js';

const tiny: IrSeConfig = {
  resolution: 16,
  stages: [2, 2, 3, 4].map((channels, k) => ({ channels, units: 1 + (k % 2) })),
  squeezeReduction: 2,
  embedding: 5,
};

/** Builds the network on [batch, 3, R, R]. */
function build(config: IrSeConfig, batch = 1) {
  const graph = new Graph('test');
  const { scope, specs } = declareParameters(graph);
  const image = graph.input('image', [batch, 3, config.resolution, config.resolution]);
  return { graph, scope, specs, image, embedding: identityEmbedding(scope, config, image) };
}

/** Different numbers for every parameter; variances are positive. */
const feedsOf = (specs: readonly ParameterSpec[]): Record<string, number[]> =>
  Object.fromEntries(
    specs.map(({ name, shape }, k) => [
      `parameter/${name}`,
      Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(3 * i + k) + (name.endsWith('_var') ? 1.5 : 0.1)),
    ]),
  );

describe('IR-SE network', () => {
  it('has the parameters of the published IR-SE-50', () => {
    const { specs } = build(irSe50);
    const learned = specs.filter(({ name }) => !/running_(mean|var)$/.test(name));
    expect((learned.reduce((total, { shape }) => total + sizeOf(shape), 0) / 1e6).toFixed(2)).toBe('43.80');
    const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
    expect(shapes.get('body.23.res_layer.5.fc1.weight')).toEqual([32, 512, 1, 1]);
    expect(shapes.get('output_layer.3.weight')).toEqual([512, 512 * 7 * 7]);
    // Only the first units of the stages that widen project their shortcut.
    const projected = specs.filter(({ name }) => name.endsWith('shortcut_layer.0.weight')).map(({ name }) => name);
    expect(projected).toEqual([3, 7, 21].map((unit) => `body.${unit}.shortcut_layer.0.weight`));
  });

  it('gives one feature map per stage, each half as large as the one before', () => {
    const { scope, image } = build(tiny, 2);
    expect(irSeBody(scope, tiny, image).map(({ shape }) => shape)).toEqual([
      [2, 2, 8, 8],
      [2, 2, 4, 4],
      [2, 3, 2, 2],
      [2, 4, 1, 1],
    ]);
  });

  it('scales embeddings to unit length', () => {
    const { specs, embedding } = build(tiny, 2);
    const feeds = { ...feedsOf(specs), image: Array.from({ length: 2 * 3 * 16 * 16 }, (_, i) => Math.cos(i)) };
    const [raw, unit] = evaluate([embedding.raw, embedding.unit], feeds);
    for (const row of [0, 1]) {
      const part = (data: Float64Array): number[] => [...data.subarray(5 * row, 5 * (row + 1))];
      const length = Math.hypot(...part(raw!.data));
      part(unit!.data).forEach((value, k) => expect(value).toBeCloseTo(part(raw!.data)[k]! / length, 12));
    }
  });

  it('looks at the middle of a face, whatever the size of its picture', () => {
    const config = { ...tiny, resolution: 4 };
    const graph = new Graph('test');
    const view = identityView(config, graph.input('image', [1, 3, 256, 256]));
    expect(view.shape).toEqual([1, 3, 4, 4]);
    // Red holds the row of every pixel, green the column: 188 rows from 35 and 188 columns from 32, in four bands of 47.
    const image = Array.from({ length: 3 * 256 * 256 }, (_, i) => {
      const [channel, row, column] = [i >> 16, (i >> 8) & 255, i & 255];
      return [row, column, 1][channel]!;
    });
    const [result] = evaluate([view], { image });
    // Pooling weights are float32: seven digits.
    for (let band = 0; band < 4; band++) {
      expect(result!.data[4 * band]).toBeCloseTo(35 + 47 * band + 23, 4);
      expect(result!.data[16 + band]).toBeCloseTo(32 + 47 * band + 23, 4);
    }
    expect(identityView(config, new Graph('small').input('image', [2, 3, 64, 64])).shape).toEqual([2, 3, 4, 4]);
  });

  it('refuses sizes that do not halve four times, and other images', () => {
    expect(() => build({ ...tiny, resolution: 24 })).toThrow('24 px');
    expect(() => build({ ...tiny, stages: tiny.stages.slice(1) })).toThrow('3 stages');
    const { scope, graph } = build(tiny);
    expect(() => irSeBody(scope, tiny, graph.input('other', [1, 3, 32, 32]))).toThrow('expected shape');
  });
});
