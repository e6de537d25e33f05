/**
 * The last touch to the generator: its synthesis layers alone are trained on, with structural similarity in the loss.
 *
 * Inverter and affine layers stand still, so codes stay what they are and stages that read codes can run beside this one.
 * It makes flat areas flat: what is left of noise there costs little in squared error and much in SSIM.
 */
import {
  add,
  averagePool,
  div,
  meanAll,
  mul,
  square,
  sub,
  type TrainingStepOptions,
  type Value,
} from '@deltaspace/onnx-graph';
import { resolution, stageSettings } from '../settings.js';
import { factsOf, type StageResult, trainStage, warmupThenCosine, type Workspace } from '../workspace.js';
import { autoencoderObjective, described, fillFrom, grown, optimizer, saliencyMap } from './autoencoder.js';

const emaDecay = 0.995;
const structureWeight = 2;
/** Standard deviation of the noise on W+; what is decoded later has none. */
const codeNoise = 0.03;
/** Sides of the windows that structure is compared in, in pixels; SSIM's own Gaussian covers about 5. */
const windows = [4, 8] as const;
/** Constants of SSIM on a range of 1. */
const [luminanceFloor, contrastFloor] = [1e-4, 9e-4];

/** Whether a parameter stands still: whatever a code depends on. */
export const isCodeParameter = (name: string): boolean => name.startsWith('inverter.') || name.includes('.modulation.');

export async function refineSynthesis(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('refinement');
  if (done) return done;
  const images = await workspace.images('train');
  const schedule = { warmupSteps: 50, decayFrom: 0.1, floor: 0.01 };
  const settings = stageSettings.refinement;
  const result = await trainStage(workspace, 'refinement', {
    step: refinementStep(saliencyMap(images, resolution)),
    initial: await workspace.required('growth'),
    fillBatch: fillFrom(images),
    validation: async () => fillFrom(await workspace.images('validation')),
    schedule: (stepIndex, progress) => settings.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: { structureWeight, codeNoise, windows: [...windows], emaDecay, ...described(grown) },
  });
  return workspace.finish('refinement', { weights: result.parameters, facts: factsOf(result) });
}

function refinementStep(saliency: Float32Array): TrainingStepOptions {
  const { batch, beta2 } = stageSettings.refinement;
  return {
    optimizer: optimizer(beta2),
    ema: { decay: emaDecay },
    frozen: isCodeParameter,
    build: (graph, scope) => {
      const image = graph.input('image', [batch, 3, resolution, resolution]);
      const pixels = autoencoderObjective(graph, scope, grown, image, saliency, codeNoise);
      const structure = windows
        .map((side) => dissimilarity(pixels.output, image, side))
        .reduce((sum, value) => add(sum, value));
      return {
        loss: add(pixels.loss, mul(structure, structureWeight / windows.length)),
        metrics: { ...pixels.metrics, structure },
      };
    },
  };
}

/** One minus SSIM over windows of `side` pixels that do not overlap. Images `[N, 3, R, R]` in [-1, 1]. */
export function dissimilarity(a: Value, b: Value, side: number): Value {
  const unit = (x: Value): Value => add(mul(x, 0.5), 0.5);
  const mean = (x: Value): Value => averagePool(x, side);
  const [x, y] = [unit(a), unit(b)];
  const [mx, my] = [mean(x), mean(y)];
  const [squaresX, squaresY, both] = [square(mx), square(my), mul(mx, my)];
  const variances = add(sub(mean(square(x)), squaresX), sub(mean(square(y)), squaresY));
  const covariance = sub(mean(mul(x, y)), both);
  const numerator = mul(add(mul(both, 2), luminanceFloor), add(mul(covariance, 2), contrastFloor));
  const denominator = mul(add(add(squaresX, squaresY), luminanceFloor), add(variances, contrastFloor));
  return sub(1, meanAll(div(numerator, denominator)));
}
