/**
 * The attribute classifier that scores edits: trained on real renders only, independent of our CLIP and of the generator.
 * Pictures are blurred, shifted in brightness and made noisy a little, since what it will judge comes out of a generator.
 */
import {
  add,
  logSoftmax,
  meanAll,
  mul,
  neg,
  reshape,
  slice,
  sum,
  type Graph,
  type Objective,
  type ParameterScope,
  type TypedArray,
} from '@deltaspace/onnx-graph';
import { attributeClassifier, splitHeads } from '@deltaspace/models';
import type { Random } from '../../../training/index.js';
import { ATTRIBUTE_KEYS, valueIndex } from '../attributes.js';
import { fillImage, type RenderedAvatars } from '../dataset.js';
import { classifierConfig, resolution, stageSettings } from '../settings.js';
import { visibleAttributes } from '../visibility.js';
import { factsOf, type StageResult, trainStage, warmupThenCosine, type Workspace } from '../workspace.js';

const labelWidth = classifierConfig.heads.reduce((total, head) => total + head.values, 0);
const augmentation = { blurChance: 0.5, noiseChance: 0.5, noise: 0.12 } as const;

export async function trainClassifier(workspace: Workspace): Promise<StageResult> {
  const done = await workspace.finished('classifier');
  if (done) return done;
  const images = await workspace.images('train');
  const settings = stageSettings.classifier;
  const schedule = { warmupSteps: 50, decayFrom: 0, floor: 0.01 };
  const result = await trainStage(workspace, 'classifier', {
    step: { optimizer: { beta1: 0.9, beta2: settings.beta2, epsilon: 1e-8 }, build: classifierObjective },
    fillBatch: fillLabelled(images),
    validation: async () => fillLabelled(await workspace.images('validation')),
    schedule: (stepIndex, progress) => settings.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: { augmentation, classifier: JSON.stringify(classifierConfig) },
  });
  return workspace.finish('classifier', { weights: result.parameters, facts: factsOf(result) });
}

/** Sum over attributes of the cross-entropy, over the pictures in which the attribute can be seen. */
function classifierObjective(graph: Graph, scope: ParameterScope): Objective {
  const { batch } = stageSettings.classifier;
  const image = graph.input('image', [batch, 3, resolution, resolution]);
  const labels = graph.input('labels', [batch, labelWidth]);
  const seen = graph.input('visible', [batch, classifierConfig.heads.length]);
  const logits = splitHeads(classifierConfig, attributeClassifier(scope, classifierConfig, image));
  let offset = 0;
  const losses = classifierConfig.heads.map(({ name, values }, k) => {
    const label = slice(labels, 1, offset, offset + values);
    offset += values;
    const head = logits.get(name);
    if (!head) throw new Error(`classifier head ${name} is missing`);
    const crossEntropy = neg(sum(mul(logSoftmax(head, 1), label), [1]));
    return meanAll(mul(crossEntropy, reshape(slice(seen, 1, k, k + 1), [batch])));
  });
  return { loss: losses.reduce((a, b) => add(a, b)) };
}

function fillLabelled(images: RenderedAvatars) {
  const pixels = 3 * resolution * resolution;
  return (data: Readonly<Record<string, TypedArray>>, random: Random): void => {
    const [image, labels, seen] = ['image', 'labels', 'visible'].map((name) => data[name] as Float32Array) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    labels.fill(0);
    for (let slot = 0; slot < stageSettings.classifier.batch; slot++) {
      const index = random.int(images.count);
      fillImage(images, index, image, slot);
      disturb(image.subarray(slot * pixels, (slot + 1) * pixels), random);
      const avatar = images.avatars[index];
      if (!avatar) throw new Error(`avatar ${index} is missing`);
      const visible = visibleAttributes(avatar);
      let offset = 0;
      ATTRIBUTE_KEYS.forEach((key, k) => {
        labels[slot * labelWidth + offset + valueIndex(avatar, key)] = 1;
        seen[slot * ATTRIBUTE_KEYS.length + k] = visible[key] ? 1 : 0;
        offset += classifierConfig.heads[k]?.values ?? 0;
      });
    }
  };
}

/** Blurs along rows and adds noise, each with its chance. */
function disturb(picture: Float32Array, random: Random): void {
  if (random.next() < augmentation.blurChance)
    for (let i = 0; i + 1 < picture.length; i++) picture[i] = 0.75 * (picture[i] ?? 0) + 0.25 * (picture[i + 1] ?? 0);
  if (random.next() >= augmentation.noiseChance) return;
  const amplitude = random.next() * augmentation.noise * Math.sqrt(12);
  for (let i = 0; i < picture.length; i++) picture[i] = (picture[i] ?? 0) + amplitude * (random.next() - 0.5);
}
