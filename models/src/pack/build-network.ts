/**
 * The networks of a pack as ONNX models: component + weights → graph with named inputs and outputs.
 *
 * Names and tensors are stable (scripts run them through `models run`):
 * `mapping` z → w · `affine` wplus → s, rgb · `synthesis` s, rgb → image · `inverter` image → wplus ·
 * `clip-image` image → features · `clip-text` ids → features · `mapper` s, condition → delta.
 * `rgb` exists only when the pack keeps toRGB styles outside S. `straightforward-mapper` and `wplus-mapper` (wplus, condition
 * → delta, of W+) are the baselines' mappers; `attribute-classifier` (image → logits) only scores edits.
 */
import {
  bindParameters,
  declareParameters,
  Graph,
  reshape,
  serializeModel,
  type ParameterScope,
  type ParameterSpec,
  type Value,
} from '@deltaspace/onnx-graph';
import { attributeClassifier } from '../networks/attribute-classifier.js';
import { clipImageTower, clipTextTower } from '../networks/clip.js';
import { deltaMapper } from '../networks/delta-mapper.js';
import { inverter } from '../networks/inverter.js';
import { styleLayout, wPlusLayout } from '../networks/style-layout.js';
import { affine, mappingNetwork, synthesis } from '../networks/stylegan2.js';
import type { Pack } from './load-pack.js';
import type { ComponentName, Components } from './manifest.js';
import { PackError } from './pack-error.js';

/** Networks a pack can have. */
export type NetworkName =
  | 'mapping'
  | 'affine'
  | 'synthesis'
  | 'inverter'
  | 'clip-image'
  | 'clip-text'
  | 'mapper'
  | 'straightforward-mapper'
  | 'wplus-mapper'
  | 'attribute-classifier';

const componentOf: Record<NetworkName, ComponentName> = {
  mapping: 'generator',
  affine: 'generator',
  synthesis: 'generator',
  inverter: 'inverter',
  'clip-image': 'clip-image',
  'clip-text': 'clip-text',
  mapper: 'mapper',
  'straightforward-mapper': 'straightforward-mapper',
  'wplus-mapper': 'wplus-mapper',
  'attribute-classifier': 'attribute-classifier',
};

/** Networks that this pack has. */
export function networkNames({ components }: Pick<Pack['manifest'], 'components'>): NetworkName[] {
  return (Object.keys(componentOf) as NetworkName[]).filter((name) => {
    if (name === 'mapping') return (components.generator.config.mappingLayers ?? 0) > 0;
    return components[componentOf[name]] !== undefined;
  });
}

/** ONNX bytes of one network for a fixed batch. Throws PackError `network_missing` when the pack has no such network. */
export function buildNetwork(pack: Pack, name: string, batch: number): Uint8Array {
  return serializeModel(buildGraph(pack, name, batch));
}

/** The same network as a graph, for those who want to know more of it than its bytes. */
export function buildGraph(pack: Pack, name: string, batch: number): Graph {
  const known = networkNames(pack.manifest).find((candidate) => candidate === name);
  if (known === undefined) {
    const choices = networkNames(pack.manifest).join(', ');
    throw new PackError('network_missing', `pack ${pack.manifest.id} has no network ${name}; it has ${choices}`);
  }
  const graph = new Graph(known);
  const scope = bindParameters(graph, pack.weights.get(componentOf[known]) ?? new Map());
  const outputs = addNetwork(graph, scope, pack.manifest.components, known, batch);
  for (const [output, value] of Object.entries(outputs)) graph.output(value, output);
  return graph;
}

/** Names and shapes of the weights that a component needs, over all networks made from it. */
export function componentParameters(components: Components, component: ComponentName): ParameterSpec[] {
  const graph = new Graph(component);
  const { scope, specs } = declareParameters(graph);
  const networks = networkNames({ components }).filter((name) => componentOf[name] === component);
  networks.forEach((name) => {
    const inner = new Graph(name);
    const { scope: innerScope, specs: innerSpecs } = declareParameters(inner);
    addNetwork(inner, innerScope, components, name, 1);
    innerSpecs.forEach(({ name: parameter, shape, init }) => scope(parameter, shape, init));
  });
  return specs;
}

function addNetwork(
  graph: Graph,
  scope: ParameterScope,
  components: Components,
  name: NetworkName,
  batch: number,
): Record<string, Value> {
  const generator = components.generator.config;
  const layout = styleLayout(generator);
  const image = (side: number): Value => graph.input('image', [batch, 3, side, side]);
  switch (name) {
    case 'mapping':
      return { w: mappingNetwork(scope, generator, graph.input('z', [batch, generator.styleDim])) };
    case 'affine': {
      const { s, rgb } = affine(scope, generator, graph.input('wplus', [batch, layout.rows, generator.styleDim]));
      return { s, ...(rgb === null ? {} : { rgb }) };
    }
    case 'synthesis': {
      const s = graph.input('s', [batch, layout.styleWidth]);
      const rgb = layout.rgbWidth > 0 ? graph.input('rgb', [batch, layout.rgbWidth]) : null;
      return { image: synthesis(scope, generator, { s, rgb }) };
    }
    case 'inverter':
      return { wplus: inverter(scope, components.inverter.config, image(components.inverter.config.resolution)) };
    case 'clip-image': {
      const { config } = components['clip-image'];
      return { features: clipImageTower(scope, config, image(config.resolution)) };
    }
    case 'clip-text': {
      const { config } = components['clip-text'];
      return { features: clipTextTower(scope, config, graph.input('ids', [batch, config.contextLength], 'int64')) };
    }
    case 'attribute-classifier': {
      const config = components['attribute-classifier']?.config;
      if (!config) throw new PackError('network_missing', 'the pack has no attribute classifier');
      return { logits: attributeClassifier(scope, config, image(config.resolution)) };
    }
    case 'wplus-mapper': {
      const { config } = components[name] ?? components.mapper;
      const shape = [batch, layout.rows, generator.styleDim];
      const flat = reshape(graph.input('wplus', shape), [batch, layout.rows * generator.styleDim]);
      const condition = graph.input('condition', [batch, config.conditionWidth]);
      const change = deltaMapper(scope, config, wPlusLayout(layout.rows, generator.styleDim), flat, condition);
      return { delta: reshape(change, shape) };
    }
    case 'mapper':
    case 'straightforward-mapper': {
      const { config } = components[name] ?? components.mapper;
      const s = graph.input('s', [batch, layout.styleWidth]);
      return { delta: deltaMapper(scope, config, layout, s, graph.input('condition', [batch, config.conditionWidth])) };
    }
  }
}
