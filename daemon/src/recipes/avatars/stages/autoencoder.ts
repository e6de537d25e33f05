/**
 * Generator and inverter, trained together as an autoencoder: image → W+ → S → image.
 *
 * Two stages. `autoencoder` works at the base resolution and compares pixels: absolute and squared differences weighted by
 * where pictures of the data set have edges, differences of image gradients, and a pull of W+ towards its mean; noise on W+
 * keeps the code smooth. `growth` adds the layers of the full resolution (`grownWeights`), trains all of them on, with
 * perceptual features of our own CLIP image tower added, and keeps a moving average. refinement.ts has the last touch.
 */
import {
  abs,
  add,
  averagePool,
  conv2d,
  leakyRelu,
  meanAll,
  mul,
  prefixed,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  type Graph,
  type ParameterScope,
  type TrainingStepOptions,
  type TypedArray,
  type Value,
} from '@deltaspace/onnx-graph';
import { affine, inverter, synthesis, type InverterConfig, type Stylegan2Config } from '@deltaspace/models';
import type { Random } from '../../../training/index.js';
import { fillImage, type RenderedAvatars } from '../dataset.js';
import { grownWeights } from '../growth.js';
import {
  baseGeneratorConfig,
  baseInverterConfig,
  clipImageConfig,
  generatorConfig,
  inverterConfig,
  resolution,
  stageSettings,
} from '../settings.js';
import { factsOf, type StageResult, trainStage, warmupThenCosine, type Workspace } from '../workspace.js';

/** Standard deviation of the noise on W+ in training. */
const codeNoise = 0.1;
const weights = { squared: 2, gradient: 0.5, code: 1e-4, perceptual: 0.15 } as const;
/** Convolutions of the CLIP image tower whose features are compared. */
const perceptualLayers = 3;
const emaDecay = 0.999;

interface Autoencoder {
  readonly generator: Stylegan2Config;
  readonly inverter: InverterConfig;
}

const base: Autoencoder = { generator: baseGeneratorConfig, inverter: baseInverterConfig };
export const grown: Autoencoder = { generator: generatorConfig, inverter: inverterConfig };

/** image `[N, 3, R, R]` → reconstruction, through W+ (plus noise) and S. */
function autoencode(networks: Autoencoder, scope: ParameterScope, image: Value, noise: Value) {
  const code = inverter(prefixed(scope, 'inverter'), networks.inverter, image);
  const generator = prefixed(scope, 'generator');
  const styles = affine(generator, networks.generator, add(code, noise));
  return { image: synthesis(generator, networks.generator, styles), code };
}

/** Trains at the base resolution, on pixels alone. */
export async function trainAutoencoder(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('autoencoder');
  if (done) return done;
  const images = await workspace.images('train');
  const schedule = { warmupSteps: 100, decayFrom: 0.5, floor: 0.15 };
  const settings = stageSettings.autoencoder;
  const result = await trainStage(workspace, 'autoencoder', {
    step: {
      optimizer: optimizer(settings.beta2),
      build: (graph, scope) => {
        const image = averagePool(
          graph.input('image', [settings.batch, 3, resolution, resolution]),
          resolution / base.generator.size,
        );
        const { loss, metrics } = autoencoderObjective(
          graph,
          scope,
          base,
          image,
          saliencyMap(images, base.generator.size),
        );
        return { loss, metrics };
      },
    },
    fillBatch: fillFrom(images),
    validation: async () => fillFrom(await workspace.images('validation')),
    schedule: (stepIndex, progress) => settings.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: { codeNoise, weights, ...described(base) },
  });
  return workspace.finish('autoencoder', { weights: result.parameters, facts: factsOf(result) });
}

/** Grows to the full resolution: more layers, perceptual features, and a moving average of the weights. */
export async function growAutoencoder(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('growth');
  if (done) return done;
  const images = await workspace.images('train');
  const [small, clip] = [await workspace.required('autoencoder'), await workspace.required('clip')];
  const schedule = { warmupSteps: 200, decayFrom: 0.3, floor: 0.02 };
  const settings = stageSettings.growth;
  const result = await trainStage(workspace, 'growth', {
    step: growthStep(saliencyMap(images, resolution)),
    initial: new Map([...grownWeights(small), ...clip]),
    fillBatch: fillFrom(images),
    validation: async () => fillFrom(await workspace.images('validation')),
    schedule: (stepIndex, progress) => settings.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: { codeNoise, weights, perceptualLayers, emaDecay, ...described(grown) },
  });
  const kept = [...result.parameters].filter(([name]) => !name.startsWith('visual.'));
  return workspace.finish('growth', { weights: new Map(kept), facts: factsOf(result) });
}

export const optimizer = (beta2: number) => ({ beta1: 0.9, beta2, epsilon: 1e-8 });

export const described = ({ generator, inverter }: Autoencoder) => ({
  generator: JSON.stringify(generator),
  inverter: JSON.stringify(inverter),
});

function growthStep(saliency: Float32Array): TrainingStepOptions {
  const { batch, beta2 } = stageSettings.growth;
  return {
    optimizer: optimizer(beta2),
    ema: { decay: emaDecay },
    frozen: (name) => name.startsWith('visual.'),
    build: (graph, scope) => {
      const image = graph.input('image', [batch, 3, resolution, resolution]);
      const pixels = autoencoderObjective(graph, scope, grown, image, saliency);
      const perceptual = perceptualLoss(scope, pixels.output, image);
      return {
        loss: add(pixels.loss, mul(perceptual, weights.perceptual)),
        metrics: { ...pixels.metrics, perceptual },
      };
    },
  };
}

/** Loss of an autoencoder on pixels; its output is `[N, 3, R, R]`. */
export function autoencoderObjective(
  graph: Graph,
  scope: ParameterScope,
  networks: Autoencoder,
  image: Value,
  saliency: Float32Array,
  noiseDeviation = codeNoise,
) {
  const { rows, styleDim } = networks.inverter;
  const noise = graph.input('noise', [image.shape[0] as number, rows, styleDim]);
  const output = autoencode(networks, scope, image, mul(noise, noiseDeviation));
  const pixels = pixelLoss(graph, output.image, image, saliency);
  const spread = meanAll(square(sub(output.code, centre(scope, networks.inverter))));
  return {
    output: output.image,
    loss: add(pixels.loss, mul(spread, weights.code)),
    metrics: { squared: pixels.squared, spread },
  };
}

/** The mean latent that the inverter adds last, as `[1, rows, D]`. */
function centre(scope: ParameterScope, { rows, styleDim }: InverterConfig): Value {
  const shape = [rows, styleDim];
  return reshape(scope('inverter.latent_avg', shape, { kind: 'constant', value: 0, learningRateScale: 0.1 }), [
    1,
    ...shape,
  ]);
}

/** |x|, smooth at 0 so that its derivative exists there. */
const smoothAbs = (x: Value): Value => sqrt(add(square(x), 1e-6));

function pixelLoss(graph: Graph, output: Value, target: Value, saliency: Float32Array) {
  const side = target.shape[3] as number;
  const weight = graph.constant(saliency, [1, 1, side, side]);
  const difference = sub(output, target);
  const along = (axis: number) => sub(slice(difference, axis, 1, side), slice(difference, axis, 0, side - 1));
  const absolute = meanAll(mul(smoothAbs(difference), weight));
  const weightedSquares = meanAll(mul(square(difference), weight));
  const gradient = add(meanAll(smoothAbs(along(3))), meanAll(smoothAbs(along(2))));
  const loss = add(add(absolute, mul(weightedSquares, weights.squared)), mul(gradient, weights.gradient));
  return { loss, squared: meanAll(square(difference)) };
}

/** Mean absolute difference of the first feature maps of the frozen CLIP image tower. */
function perceptualLoss(scope: ParameterScope, output: Value, target: Value): Value {
  const features = (image: Value): Value[] => {
    let x = averagePool(image, clipImageConfig.pooling ?? 1);
    return clipImageConfig.layers.slice(0, perceptualLayers).map(({ channels, stride }, i) => {
      const shape = [channels, x.shape[1] as number, 3, 3];
      const init = { kind: 'constant', value: 0 } as const;
      const weight = scope(`visual.conv${i}.weight`, shape, init);
      const bias = scope(`visual.conv${i}.bias`, [channels], init);
      x = leakyRelu(conv2d(x, weight, { stride, padding: 1, bias }), 0.2);
      return x;
    });
  };
  const [ours, theirs] = [features(output), features(target)];
  return ours.map((x, i) => meanAll(abs(sub(x, theirs[i] as Value)))).reduce((a, b) => add(a, b));
}

export function fillFrom(images: RenderedAvatars) {
  return (data: Readonly<Record<string, TypedArray>>, random: Random): void => {
    const [image, noise] = [data['image'] as Float32Array, data['noise'] as Float32Array];
    const batch = image.length / (3 * images.size * images.size);
    for (let slot = 0; slot < batch; slot++) fillImage(images, random.int(images.count), image, slot);
    random.fillNormal(noise);
  };
}

/**
 * Where the pictures have edges, at `side` × `side`: mean absolute image gradient per pixel, scaled to mean 1 and mixed with
 * a flat 0.4. Smaller sides are averages of the pictures' own.
 */
export function saliencyMap(images: RenderedAvatars, side: number, samples = 1500): Float32Array {
  const full = images.size;
  const map = new Float32Array(side * side);
  const picture = new Float32Array(3 * full * full);
  const block = full / side;
  for (let k = 0; k < Math.min(samples, images.count); k++) {
    fillImage(images, k, picture, 0);
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < full - 1; y++)
        for (let x = 0; x < full - 1; x++) {
          const at = channel * full * full + y * full + x;
          const here = picture[at] ?? 0;
          const change = Math.abs(here - (picture[at + 1] ?? 0)) + Math.abs(here - (picture[at + full] ?? 0));
          const target = Math.floor(y / block) * side + Math.floor(x / block);
          map[target] = (map[target] ?? 0) + change;
        }
  }
  const mean = map.reduce((a, b) => a + b, 0) / map.length;
  return map.map((value) => 0.4 + (0.6 * value) / mean);
}
