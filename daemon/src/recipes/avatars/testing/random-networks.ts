/**
 * Networks with random weights in the recipe's own sizes, for tests of what the stages hand on to each other. They mean nothing,
 * but no tensor is constant: biases and mean latents, which training begins at one value, are disturbed.
 */
import {
  componentParameters,
  savePack,
  styleLayout,
  wPlusRows,
  defaultInverterStages,
  type ComponentConfigs,
  type ComponentName,
  type Components,
  type PackContents,
  type PackManifest,
} from '@deltaspace/models';
import { initializeParameters, type ParameterSpec, type Tensor } from '@deltaspace/onnx-graph';
import { Random } from '../../../training/index.js';
import {
  baseGeneratorConfig,
  baseInverterConfig,
  classifierConfig,
  clipImageConfig,
  clipTextConfig,
  embedDim,
  mapperConfig,
} from '../settings.js';

const disturbance = 0.1;

/** Weights as training begins with them, constants disturbed. */
export function drawWeights(specs: readonly ParameterSpec[], random: Random): Map<string, Tensor> {
  const weights = initializeParameters(specs, () => random.normal());
  for (const { name, init } of specs)
    if (init.kind === 'constant') {
      const data = weights.get(name)?.data as Float32Array;
      data.forEach((value, i) => (data[i] = value + disturbance * random.normal()));
    }
  return weights;
}

/** Names of tensors that only one set has, or that differ in shape or bytes. Matchers take minutes for millions of numbers. */
export function differingTensors(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>): string[] {
  const bytes = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => {
    const [ours, theirs] = [a.get(name), b.get(name)];
    if (!ours || !theirs || ours.shape.join() !== theirs.shape.join()) return true;
    return !bytes(ours).equals(bytes(theirs));
  });
}

/** Configurations as a manifest lists them, for `componentParameters`. */
export function componentsOf(configs: ComponentConfigs): Components {
  const entries = Object.entries(configs as unknown as Readonly<Record<ComponentName, object>>);
  return Object.fromEntries(entries.map(([name, config]) => [name, { config, weights: '' }])) as unknown as Components;
}

/** Words of the packs that `saveSmallPack` writes. */
export const smallPackWords: readonly string[] = ['face', 'with', 'a', 'hat'];

export interface SmallPackOptions extends Partial<Pick<PackContents, 'id' | 'version' | 'provenance'>> {
  /** Whether it has a classifier; default yes. */
  readonly classifier?: boolean;
}

/** A pack of one square resolution, with the recipe's base networks cut to it and a narrow mapper. */
export async function saveSmallPack(
  directory: string,
  resolution: number,
  { classifier = true, ...facts }: SmallPackOptions = {},
): Promise<PackManifest> {
  const mapper = { ...mapperConfig, hidden: 2 };
  const generator = { ...baseGeneratorConfig, size: resolution };
  const stages = defaultInverterStages(resolution);
  const configs = {
    generator,
    inverter: { ...baseInverterConfig, resolution, rows: wPlusRows(resolution), stages },
    'clip-image': { ...clipImageConfig, resolution, pooling: 1 },
    'clip-text': clipTextConfig(smallPackWords.length),
    mapper,
    'straightforward-mapper': mapper,
    'wplus-mapper': mapper,
    'attribute-classifier': { ...classifierConfig, resolution, pooling: 1 },
  };
  const random = new Random('small pack');
  const contents = <Name extends keyof typeof configs>(name: Name) => ({
    config: configs[name],
    weights: drawWeights(componentParameters(componentsOf(configs), name satisfies ComponentName), random),
  });
  const { styleWidth } = styleLayout(generator);
  const channels = () => new Float32Array(styleWidth);
  return savePack(directory, {
    id: 'small',
    version: '1.2.3',
    provenance: {},
    ...facts,
    domain: 'face',
    resolution,
    components: {
      generator: contents('generator'),
      inverter: contents('inverter'),
      'clip-image': contents('clip-image'),
      'clip-text': contents('clip-text'),
      mapper: contents('mapper'),
      ...(classifier ? { 'attribute-classifier': contents('attribute-classifier') } : {}),
    },
    statistics: {
      ...{ styleMean: channels(), styleStd: channels(), styleLow: channels(), styleHigh: channels() },
      relevance: new Float32Array(styleWidth * embedDim),
    },
    words: smallPackWords,
    templates: ['{}'],
    defaults: { strength: 1, threshold: 0 },
    licence: 'MIT',
  });
}
