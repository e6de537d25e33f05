import { describe, expect, it } from 'vitest';
import {
  declareParameters,
  gradients,
  Graph,
  meanAll,
  serializeModel,
  square,
  type ParameterScope,
  type Value,
} from '@deltaspace/onnx-graph';
import {
  affine,
  attributeClassifier,
  clipImageTower,
  clipTextTower,
  defaultAttributeClassifier,
  defaultClipImage,
  defaultClipText,
  defaultInverterStages,
  deltaMapper,
  inverter,
  mappingNetwork,
  referenceDeltaMapper,
  splitHeads,
  styleLayout,
  synthesis,
  unitNormalize,
  wordVectorsName,
  type DeltaMapperConfig,
  type Stylegan2Config,
} from './index.js';

const published1024: Stylegan2Config = {
  size: 1024,
  styleDim: 512,
  channels: { 4: 512, 8: 512, 16: 512, 32: 512, 64: 512, 128: 256, 256: 128, 512: 64, 1024: 32 },
  mappingLayers: 8,
  upsampling: 'transposed-fir',
  noise: true,
  demodulate: true,
  colourStyles: 'separate',
};
const small: Stylegan2Config = {
  size: 32,
  styleDim: 6,
  channels: { 4: 8, 8: 8, 16: 6, 32: 4 },
  upsampling: 'convolve-then-nearest',
  noise: false,
  demodulate: true,
  colourStyles: 'in-style-code',
};

/** Builds a network for training and returns its output, its parameters, and the gradients of the mean square of the output. */
function build(network: (scope: ParameterScope, graph: Graph) => Value) {
  const graph = new Graph('test');
  const { scope, specs, values } = declareParameters(graph);
  const output = network(scope, graph);
  const trained = specs
    .filter((spec) => spec.init.learningRateScale !== 0)
    .map((spec) => values.get(spec.name) as Value);
  const slopes = gradients(meanAll(square(output)), trained);
  slopes.forEach((slope, i) => graph.output(slope, `gradient${i}`));
  return { output, specs, trained, slopes, bytes: serializeModel(graph) };
}

describe('style layout', () => {
  it('has the published dimensions at 1024', () => {
    const layout = styleLayout(published1024);
    expect([layout.rows, layout.styleWidth, layout.rgbWidth]).toEqual([18, 6048, 3040]);
    expect(layout.levels.map(({ offset, width }) => [offset, width])).toEqual([
      [0, 1536],
      [1536, 2048],
      [3584, 2464],
    ]);
    expect(layout.styleSlots.map(({ layer }) => layer.name).slice(0, 3)).toEqual(['conv1', 'convs.0', 'convs.1']);
    expect(layout.styleSlots.map(({ offset }) => offset).slice(-3)).toEqual([5888, 5952, 6016]);
  });

  it('puts toRGB styles behind the convolutions of their level when they belong to S', () => {
    const layout = styleLayout(small);
    expect(layout.styleSlots.map(({ layer }) => layer.name)).toEqual([
      ...['conv1', 'convs.0', 'convs.1', 'to_rgb1', 'to_rgbs.0'],
      ...['convs.2', 'convs.3', 'convs.4', 'convs.5', 'to_rgbs.1', 'to_rgbs.2'],
    ]);
    expect(layout.rgbWidth).toBe(0);
    expect(layout.levels.map(({ level }) => level)).toEqual(['coarse', 'medium']);
  });

  it.each([
    ['a size that is no power of two', { ...small, size: 48 }],
    ['missing channels', { ...small, channels: { 4: 8, 8: 8, 16: 6 } }],
    ['fractional channels', { ...small, channels: { ...small.channels, 32: 2.5 } }],
    ['noise without FIR upsampling', { ...small, noise: true }],
  ])('refuses %s', (_, config) => {
    expect(() => styleLayout(config)).toThrow();
  });
});

describe('networks', () => {
  it('generator: W+ to image, with a gradient for every parameter', () => {
    const { output, slopes, trained } = build((scope, graph) => {
      const wPlus = graph.input('wPlus', [2, styleLayout(small).rows, small.styleDim]);
      return synthesis(scope, small, affine(scope, small, wPlus));
    });
    expect(output.shape).toEqual([2, 3, 32, 32]);
    expect(slopes.map(({ shape }) => shape)).toEqual(trained.map(({ shape }) => shape));
  });

  it('generator: the published architecture has 30 370 060 parameters with its mapping network', () => {
    const graph = new Graph('count');
    const { scope, specs } = declareParameters(graph);
    mappingNetwork(scope, published1024, graph.input('z', [1, 512]));
    synthesis(scope, published1024, affine(scope, published1024, graph.input('wPlus', [1, 18, 512])));
    const counted = specs
      .filter(({ name }) => !name.startsWith('noises.'))
      .reduce((total, { shape }) => total + sizeOf(shape), 0);
    expect(counted).toBe(30_370_060);
  });

  it('inverter: image to W+ at several resolutions', () => {
    for (const resolution of [32, 64, 128]) {
      const config = { resolution, styleDim: 6, rows: 8, stages: defaultInverterStages(resolution), hidden: 16 };
      const { output } = build((scope, graph) =>
        inverter(scope, config, graph.input('image', [2, 3, resolution, resolution])),
      );
      expect(output.shape).toEqual([2, 8, 6]);
    }
  });

  it('clip: both towers end in the same space, and word vectors are frozen', () => {
    const image = build((scope, graph) =>
      unitNormalize(clipImageTower(scope, defaultClipImage(64, 16), graph.input('image', [2, 3, 64, 64]))),
    );
    const textConfig = { ...defaultClipText(50, 16), contextLength: 7 };
    const text = build((scope, graph) =>
      unitNormalize(clipTextTower(scope, textConfig, graph.input('ids', [2, 7], 'int64'))),
    );
    expect([image.output.shape, text.output.shape]).toEqual([
      [2, 16],
      [2, 16],
    ]);
    expect(text.specs.find(({ name }) => name === wordVectorsName)?.init.learningRateScale).toBe(0);
  });

  it('mapper: the published sizes have 82 760 576 parameters', () => {
    const graph = new Graph('count');
    const { scope, specs } = declareParameters(graph);
    const layout = styleLayout(published1024);
    deltaMapper(
      scope,
      referenceDeltaMapper(1024),
      layout,
      graph.input('s', [1, 6048]),
      graph.input('condition', [1, 1024]),
    );
    expect(specs.reduce((total, { shape }) => total + sizeOf(shape), 0)).toBe(82_760_576);
    expect(specs.map(({ name }) => name)).toContain('fm_fine.mapping.0.weight');
    expect(specs.map(({ name }) => name)).toContain('sm_coarse.mapping.1.bias');
  });

  it('mapper: every switch yields a change of the size of s', () => {
    const layout = styleLayout(small);
    const base: DeltaMapperConfig = { ...referenceDeltaMapper(10), hidden: 12, output: 'linear', standardize: true };
    for (const config of [
      base,
      { ...base, shareLayers: false },
      { ...base, hidden: null, weights: 'equalised' as const },
    ]) {
      const { output } = build((scope, graph) =>
        deltaMapper(scope, config, layout, graph.input('s', [3, layout.styleWidth]), graph.input('condition', [3, 10])),
      );
      expect(output.shape).toEqual([3, layout.styleWidth]);
    }
  });

  it('classifier: one block of logits per attribute', () => {
    const heads = [
      { name: 'hair', values: 7 },
      { name: 'eyes', values: 5 },
    ];
    const config = defaultAttributeClassifier(32, heads);
    const graph = new Graph('test');
    const logits = attributeClassifier(declareParameters(graph).scope, config, graph.input('image', [2, 3, 32, 32]));
    expect([...splitHeads(config, logits)].map(([name, { shape }]) => [name, shape])).toEqual([
      ['hair', [2, 7]],
      ['eyes', [2, 5]],
    ]);
  });
});

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
