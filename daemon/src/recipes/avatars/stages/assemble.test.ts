/** The assembled pack: every stage's weights where they belong, and what is known of the stages in its provenance. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentParameters, loadPack, type ComponentName, type Pack } from '@deltaspace/models';
import { initializeParameters, type Tensor } from '@deltaspace/onnx-graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packAttributes } from '../prompts.js';
import {
  classifierConfig,
  clipImageConfig,
  clipTextConfig,
  dataSettings,
  embedDim,
  generatorConfig,
  inverterConfig,
  mapperConfig,
  pairSettings,
  resolution,
  stageSettings,
  straightforwardMapperConfig,
} from '../settings.js';
import { componentsOf } from '../testing/random-networks.js';
import { openWorkspace, type Workspace } from '../workspace.js';
import { assemblePack, packDirectory } from './assemble.js';
import { styleWidth, wPlusWidth } from './codes.js';

const words = ['face', 'hat', 'with'];
const components = componentsOf({
  generator: generatorConfig,
  inverter: inverterConfig,
  'clip-image': clipImageConfig,
  'clip-text': clipTextConfig(words.length),
  mapper: mapperConfig,
  'straightforward-mapper': straightforwardMapperConfig,
  'wplus-mapper': mapperConfig,
  'attribute-classifier': classifierConfig,
});

const filled = (shape: readonly number[], value: number): Tensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});
/** Weights of a component with one number everywhere, which tells the component. */
function weightsOf(component: ComponentName, value: number, prefix = ''): [string, Tensor][] {
  const specs = componentParameters(components, component).map(({ name, shape }) => {
    return { name: `${prefix}${name}`, shape, init: { kind: 'constant', value } as const };
  });
  return [...initializeParameters(specs, () => 0)];
}

/** Values that half precision holds exactly. */
const value = { generator: 1, inverter: 2, image: 3, text: 4, mapper: 5, straightforward: 6, wplus: 7, classifier: 8 };

async function finishStages(workspace: Workspace): Promise<void> {
  const finish = (stage: string, weights: [string, Tensor][], facts: Record<string, string> = {}) =>
    workspace.finish(stage, { weights: new Map(weights), facts });
  const trained = { steps: '12', minutes: '3.5', validation: '{"loss":0.25}' };
  await finish('autoencoder', [], { steps: '700', minutes: '15.8', from: 'small 1.2.3, digest abc' });
  await finish('clip', [], { steps: '9', minutes: '8.0', from: 'small 1.2.3, digest abc', note: 'towers of old' });
  const networks = [
    ...weightsOf('generator', value.generator, 'generator.'),
    ...weightsOf('inverter', value.inverter, 'inverter.'),
  ];
  await finish('growth', []);
  await finish('refinement', networks, { ...trained, note: 'ended by hand after a night' });
  const towers = [...weightsOf('clip-image', value.image), ...weightsOf('clip-text', value.text)];
  const scale: [string, Tensor] = ['logit_scale', filled([], 2)];
  await finish('alignment', [...towers, scale], { ...trained, vocabulary: JSON.stringify(words) });
  await finish('mapper', weightsOf('mapper', value.mapper), trained);
  await finish('straightforward', weightsOf('straightforward-mapper', value.straightforward), trained);
  await finish('wplus', weightsOf('wplus-mapper', value.wplus), trained);
  await finish('classifier', weightsOf('attribute-classifier', value.classifier), trained);
  await finish('relevance', [['relevance', filled([styleWidth, embedDim], 0.5)]]);
  const codes = Object.entries({ singles: 2, pairs: 4 }).flatMap(([set, count]): [string, Tensor][] => [
    [`${set}.styles`, filled([count, styleWidth], count)],
    [`${set}.wPlus`, filled([count, wPlusWidth], count)],
    [`${set}.embeddings`, filled([count, embedDim], count)],
  ]);
  await finish('codes', codes);
}

let directory = '';
let workspace: Workspace;
let pack: Pack;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'deltaspace-assemble-'));
  workspace = await openWorkspace({ directory, log: () => undefined });
  await finishStages(workspace);
  await assemblePack(workspace, { metrics: { floors: [1] } });
  pack = await loadPack(packDirectory(directory));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Provenance {
  readonly stages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
const stages = () => (pack.manifest.provenance as unknown as Provenance).stages;

describe('assemblePack', () => {
  it('writes a pack that loads, with the weights of each stage in its component', () => {
    expect(pack.manifest.resolution).toBe(resolution);
    expect(pack.words).toEqual(words);
    const valueOf = (component: ComponentName) => [...(pack.weights.get(component)?.values() ?? [])][0]?.data[0];
    const expected: Record<ComponentName, number> = {
      generator: value.generator,
      inverter: value.inverter,
      'clip-image': value.image,
      'clip-text': value.text,
      mapper: value.mapper,
      'straightforward-mapper': value.straightforward,
      'wplus-mapper': value.wplus,
      'attribute-classifier': value.classifier,
    };
    for (const [component, number] of Object.entries(expected))
      expect(valueOf(component as ComponentName), component).toBe(number);
  });

  it('carries the statistics of single pictures, the relevance matrix and the attributes', () => {
    const { styleMean, styleStd, relevance } = pack.statistics;
    expect([styleMean[0], styleStd[0], relevance.at(-1)]).toEqual([2, Math.fround(1e-4), 0.5]);
    expect(pack.manifest.text.attributes).toEqual(packAttributes());
  });

  it('states of every trained stage its settings, steps, minutes and validation figures', () => {
    expect(Object.keys(stages())).toEqual(Object.keys(stageSettings));
    const { seed, batch, learningRate, beta2 } = stageSettings.mapper;
    expect(stages()['mapper']).toEqual({
      ...{ seed, batch, learningRate, beta2 },
      ...{ steps: 12, minutes: 3.5, validation: { loss: 0.25 } },
    });
    expect(pack.manifest.provenance).toMatchObject({ data: dataSettings, pairs: pairSettings });
  });

  it('states where stages came from and what was noted of them, and nothing where nothing was', () => {
    expect(stages()['autoencoder']).toMatchObject({ steps: 700, minutes: 15.8, from: 'small 1.2.3, digest abc' });
    expect(stages()['autoencoder']).not.toHaveProperty('note');
    expect(stages()['clip']).toMatchObject({ from: 'small 1.2.3, digest abc', note: 'towers of old' });
    expect(stages()['refinement']).toMatchObject({ note: 'ended by hand after a night' });
    for (const stage of ['refinement', 'alignment', 'mapper']) expect(stages()[stage]).not.toHaveProperty('from');
  });

  it('takes what else is to be stated, and names a stage that has not finished', async () => {
    expect(pack.manifest.provenance['metrics']).toEqual({ floors: [1] });
    await rm(join(directory, 'stages', 'wplus.safetensors'));
    await expect(assemblePack(workspace)).rejects.toThrow('stage wplus has not finished');
  });
});
