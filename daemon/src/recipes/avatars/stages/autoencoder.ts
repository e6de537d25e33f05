/**
 * Generator and inverter, trained together as an autoencoder: image → W+ → S → image.
 *
 * Two stages. `autoencoder` compares pixels: absolute and squared differences weighted by where pictures of the data set
 * have edges, differences of image gradients, and a pull of W+ towards its mean; noise on W+ keeps the code smooth.
 * `refinement` continues from it with perceptual features of our own CLIP image tower added, and keeps a moving average.
 */
import {
  abs,
  add,
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
import { affine, inverter, synthesis } from '@deltaspace/models';
import type { Random } from '../../../training/index.js';
import { fillImage, type RenderedAvatars } from '../dataset.js';
import { clipImageConfig, generatorConfig, inverterConfig, resolution, stageSettings } from '../settings.js';
import { factsOf, type StageResult, trainStage, warmupThenCosine, type Workspace } from '../workspace.js';

/** Standard deviation of the noise on W+ in training. */
const codeNoise = 0.1;
const weights = { squared: 2, gradient: 0.5, code: 1e-4, perceptual: 0.15 } as const;
/** Convolutions of the CLIP image tower whose features are compared. */
const perceptualLayers = 3;
const emaDecay = 0.999;

/** image `[N, 3, R, R]` → reconstruction, through W+ (plus noise) and S. */
export function autoencode(scope: ParameterScope, image: Value, noise: Value | null): { image: Value; code: Value } {
  const code = inverter(prefixed(scope, 'inverter'), inverterConfig, image);
  const noisy = noise ? add(code, mul(noise, codeNoise)) : code;
  const generator = prefixed(scope, 'generator');
  return { image: synthesis(generator, generatorConfig, affine(generator, generatorConfig, noisy)), code };
}

/** Trains on pixels alone. */
export async function trainAutoencoder(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('autoencoder');
  if (done) return done;
  const images = await workspace.images('train');
  const schedule = { warmupSteps: 100, decayFrom: 0.5, floor: 0.15 };
  const result = await trainStage(workspace, 'autoencoder', {
    step: autoencoderStep(stageSettings.autoencoder, saliencyMap(images), null),
    fillBatch: fillFrom(images),
    validation: async () => fillFrom(await workspace.images('validation')),
    schedule: (stepIndex, progress) =>
      stageSettings.autoencoder.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: {
      codeNoise,
      weights,
      generator: JSON.stringify(generatorConfig),
      inverter: JSON.stringify(inverterConfig),
    },
  });
  return workspace.finish('autoencoder', { weights: result.parameters, facts: factsOf(result) });
}

/** Continues from the pixel stage with perceptual features and a moving average of the weights. */
export async function refineAutoencoder(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('refinement');
  if (done) return done;
  const images = await workspace.images('train');
  const [pixels, clip] = [await workspace.required('autoencoder'), await workspace.required('clip')];
  const schedule = { warmupSteps: 200, decayFrom: 0, floor: 0.02 };
  const result = await trainStage(workspace, 'refinement', {
    step: autoencoderStep(stageSettings.refinement, saliencyMap(images), emaDecay),
    initial: new Map([...pixels, ...clip]),
    fillBatch: fillFrom(images),
    validation: async () => fillFrom(await workspace.images('validation')),
    schedule: (stepIndex, progress) =>
      stageSettings.refinement.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: { codeNoise, weights, perceptualLayers, emaDecay },
  });
  const kept = [...result.parameters].filter(([name]) => !name.startsWith('visual.'));
  return workspace.finish('refinement', { weights: new Map(kept), facts: factsOf(result) });
}

function autoencoderStep(
  settings: { readonly batch: number; readonly beta2: number },
  saliency: Float32Array,
  ema: number | null,
): TrainingStepOptions {
  const { batch, beta2 } = settings;
  return {
    optimizer: { beta1: 0.9, beta2, epsilon: 1e-8 },
    ...(ema === null ? {} : { ema: { decay: ema } }),
    frozen: (name) => name.startsWith('visual.'),
    build: (graph, scope) => {
      const image = graph.input('image', [batch, 3, resolution, resolution]);
      const noise = graph.input('noise', [batch, inverterConfig.rows, inverterConfig.styleDim]);
      const output = autoencode(scope, image, noise);
      const pixels = pixelLoss(graph, output.image, image, saliency);
      const spread = meanAll(square(sub(output.code, centre(scope))));
      const loss = add(pixels.loss, mul(spread, weights.code));
      const metrics = { squared: pixels.squared, spread };
      if (ema === null) return { loss, metrics };
      const perceptual = perceptualLoss(scope, output.image, image);
      return { loss: add(loss, mul(perceptual, weights.perceptual)), metrics: { ...metrics, perceptual } };
    },
  };
}

/** The mean latent that the inverter adds last, as `[1, rows, D]`. */
function centre(scope: ParameterScope): Value {
  const shape = [inverterConfig.rows, inverterConfig.styleDim];
  return reshape(scope('inverter.latent_avg', shape, { kind: 'constant', value: 0, learningRateScale: 0.1 }), [
    1,
    ...shape,
  ]);
}

/** |x|, smooth at 0 so that its derivative exists there. */
const smoothAbs = (x: Value): Value => sqrt(add(square(x), 1e-6));

function pixelLoss(graph: Graph, output: Value, target: Value, saliency: Float32Array) {
  const weight = graph.constant(saliency, [1, 1, resolution, resolution]);
  const difference = sub(output, target);
  const along = (axis: number) =>
    sub(slice(difference, axis, 1, resolution), slice(difference, axis, 0, resolution - 1));
  const absolute = meanAll(mul(smoothAbs(difference), weight));
  const weightedSquares = meanAll(mul(square(difference), weight));
  const gradient = add(meanAll(smoothAbs(along(3))), meanAll(smoothAbs(along(2))));
  const loss = add(add(absolute, mul(weightedSquares, weights.squared)), mul(gradient, weights.gradient));
  return { loss, squared: meanAll(square(difference)) };
}

/** Mean absolute difference of the first feature maps of the frozen CLIP image tower. */
function perceptualLoss(scope: ParameterScope, output: Value, target: Value): Value {
  const features = (image: Value): Value[] => {
    let x = image;
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

function fillFrom(images: RenderedAvatars) {
  return (data: Readonly<Record<string, TypedArray>>, random: Random): void => {
    const [image, noise] = [data['image'] as Float32Array, data['noise'] as Float32Array];
    const batch = image.length / (3 * resolution * resolution);
    for (let slot = 0; slot < batch; slot++) fillImage(images, random.int(images.count), image, slot);
    random.fillNormal(noise);
  };
}

/** Where the pictures have edges: mean absolute image gradient per pixel, scaled to mean 1 and mixed with a flat 0.4. */
export function saliencyMap(images: RenderedAvatars, samples = 1500): Float32Array {
  const side = images.size;
  const map = new Float32Array(side * side);
  const picture = new Float32Array(3 * side * side);
  for (let k = 0; k < Math.min(samples, images.count); k++) {
    fillImage(images, k, picture, 0);
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < side - 1; y++)
        for (let x = 0; x < side - 1; x++) {
          const at = channel * side * side + y * side + x;
          const here = picture[at] ?? 0;
          const change = Math.abs(here - (picture[at + 1] ?? 0)) + Math.abs(here - (picture[at + side] ?? 0));
          map[y * side + x] = (map[y * side + x] ?? 0) + change;
        }
  }
  const mean = map.reduce((a, b) => a + b, 0) / map.length;
  return map.map((value) => 0.4 + (0.6 * value) / mean);
}
