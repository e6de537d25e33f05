/**
 * Progressive growing: the weights of an autoencoder at the base resolution as the start of one at the full resolution.
 *
 * All layers keep their values. New W+ rows begin as the last row of the small network, and the new toRGB layers at
 * zero: the grown generator first paints what the small one painted, twice as large. New convolutions are drawn.
 */
import { prefixed, declareParameters, Graph, type ParameterSpec, type Tensor } from '@deltaspace/onnx-graph';
import { affine, inverter, synthesis, type InverterConfig, type Stylegan2Config } from '@deltaspace/models';
import { baseGeneratorConfig, baseInverterConfig, generatorConfig, inverterConfig } from './settings.js';

type Weights = ReadonlyMap<string, Tensor>;

/** Parameters of the grown networks by name; those it leaves out are to be drawn. Throws when the small ones do not fit. */
export function grownWeights(small: Weights): Map<string, Tensor> {
  for (const { name } of parametersOf(baseGeneratorConfig, baseInverterConfig))
    if (!small.has(name)) throw new Error(`cannot grow: the small networks have no ${name}`);
  const grown = new Map<string, Tensor>();
  for (const spec of parametersOf(generatorConfig, inverterConfig)) {
    const known = small.get(spec.name);
    const start = known ? fitted(known, spec) : isNewColourLayer(spec.name) ? zeros(spec) : undefined;
    if (start) grown.set(spec.name, start);
  }
  return grown;
}

const isNewColourLayer = (name: string): boolean => /\.to_rgbs\.\d+\.(conv\.weight|bias)$/.test(name);

const zeros = ({ shape }: ParameterSpec): Tensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

function parametersOf(generatorSizes: Stylegan2Config, inverterSizes: InverterConfig): readonly ParameterSpec[] {
  const graph = new Graph('grown');
  const { scope, specs } = declareParameters(graph);
  const image = graph.input('image', [1, 3, inverterSizes.resolution, inverterSizes.resolution]);
  const generator = prefixed(scope, 'generator');
  const wPlus = inverter(prefixed(scope, 'inverter'), inverterSizes, image);
  synthesis(generator, generatorSizes, affine(generator, generatorSizes, wPlus));
  return specs;
}

/** The tensor itself, or with its last W+ row repeated where the grown network has more rows. */
function fitted(known: Tensor, { name, shape }: ParameterSpec): Tensor {
  const data = known.data as Float32Array;
  if (known.shape.join() === shape.join()) return known;
  const rest = shape.slice(1).join() === known.shape.slice(1).join();
  const [before, after] = [known.shape[0] as number, shape[0] as number];
  if (!/^inverter\.(deltas\.(weight|bias)|latent_avg)$/.test(name) || !rest || after < before) {
    throw new Error(`cannot grow ${name} from [${known.shape.join(', ')}] to [${shape.join(', ')}]`);
  }
  const row = name === 'inverter.latent_avg' ? 1 : inverterConfig.styleDim;
  const width = (data.length / before) * row;
  const grown = new Float32Array((data.length / before) * after);
  grown.set(data);
  for (let start = data.length; start < grown.length; start += width) grown.set(data.subarray(-width), start);
  return { dtype: 'float32', shape, data: grown };
}
