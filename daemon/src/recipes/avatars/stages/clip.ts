/**
 * The recipe's CLIP: image and text towers trained by InfoNCE with a learned temperature on (avatar, caption) pairs.
 *
 * A second stage, `alignment`, goes on from there and also asks for what DeltaEdit stands on (§3.1): that the difference of
 * two pictures and the difference of their captions point the same way. It widens the words by curated synonyms.
 *
 * A caption is written anew each time an avatar is drawn. The word vectors are frozen; they are disturbed a little in
 * training, so that the tower learns regions of the vector space and not single points: that is what lets it understand
 * synonyms it never saw.
 */
import {
  add,
  clamp,
  concat,
  cosineSimilarity,
  exp,
  logSoftmax,
  matmul,
  meanAll,
  mul,
  neg,
  reshape,
  slice,
  sub,
  sumAll,
  transpose,
  type Graph,
  type Objective,
  type ParameterScope,
  type Tensor,
  type TypedArray,
  type Value,
} from '@deltaspace/onnx-graph';
import {
  clipImageTower,
  createTokenizer,
  embedWords,
  textTowerOfVectors,
  tokenMask,
  unitNormalize,
  wordVectorsName,
  type ClipTextConfig,
} from '@deltaspace/models';
import { Random } from '../../../training/index.js';
import { captionAvatar } from '../captions.js';
import { fillImage, type RenderedAvatars } from '../dataset.js';
import { clipImageConfig, clipTextConfig, resolution, stageSettings } from '../settings.js';
import { buildVocabulary, type Vocabulary } from '../vocabulary.js';
import { factsOf, type StageResult, trainStage, warmupThenCosine, type Workspace } from '../workspace.js';

/** Half-width of the uniform disturbance of word vectors; their components have a standard deviation of about 0.5. */
const wordJitter = 0.15;
/** ln(1/0.07), CLIP's initial temperature; exp of it is kept at 100 or less. */
const initialLogScale = 2.66;
const maxLogScale = Math.log(100);
/** Disturbances are cut from a fixed table of this many numbers at random places: drawing them all would cost a step. */
const jitterTableSize = 2 ** 21;
/** How often a wording of a caption gets a curated synonym. */
const synonymShare = 0.35;
/** Weight of one minus the cosine of Δi and Δt, in the stage `alignment`. */
const deltaWeight = 3;

type ClipStage = 'clip' | 'alignment';

/** InfoNCE from nothing. */
export const trainClip = (workspace: Workspace): Promise<StageResult> =>
  trainTowers(workspace, 'clip', { delta: 0, decayFrom: 0.2, initial: () => Promise.resolve(new Map()) });

/** Goes on from `clip` with the alignment of differences. */
export const alignClip = (workspace: Workspace): Promise<StageResult> =>
  trainTowers(workspace, 'alignment', {
    delta: deltaWeight,
    decayFrom: 0,
    initial: () => workspace.required('clip'),
  });

interface TowerOptions {
  readonly delta: number;
  readonly decayFrom: number;
  readonly initial: () => Promise<ReadonlyMap<string, Tensor>>;
}

async function trainTowers(workspace: Workspace, stage: ClipStage, options: TowerOptions): Promise<StageResult> {
  const done = await workspace.finished(stage);
  if (done) return done;
  const [images, vocabulary] = [await workspace.images('train'), await buildVocabulary()];
  const settings = stageSettings[stage];
  const config = clipTextConfig(vocabulary.words.length);
  workspace.log(`${stage}: vocabulary of ${vocabulary.words.length} words`);
  const schedule = { warmupSteps: 50, decayFrom: options.decayFrom, floor: 0.01 };
  const result = await trainStage(workspace, stage, {
    step: {
      optimizer: { beta1: 0.9, beta2: settings.beta2, epsilon: 1e-8 },
      build: (graph, scope) => clipObjective(graph, scope, config, settings.batch, options.delta),
    },
    // The words may have changed since the earlier stage: the table is looked up anew.
    initial: new Map([...(await options.initial()), [wordVectorsName, wordTable(vocabulary)]]),
    fillBatch: fillPairs(images, vocabulary, stage),
    validation: async () => fillPairs(await workspace.images('validation'), vocabulary, stage),
    schedule: (stepIndex, progress) => settings.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: {
      wordJitter,
      synonymShare,
      deltaWeight: options.delta,
      image: JSON.stringify(clipImageConfig),
      text: JSON.stringify(config),
    },
  });
  return workspace.finish(stage, {
    weights: result.parameters,
    facts: { ...factsOf(result), vocabulary: JSON.stringify(vocabulary.words) },
  });
}

function clipObjective(
  graph: Graph,
  scope: ParameterScope,
  text: ClipTextConfig,
  batch: number,
  deltaWeight: number,
): Objective {
  const image = graph.input('image', [batch, 3, resolution, resolution]);
  const ids = graph.input('ids', [batch, text.contextLength], 'int64');
  const jitter = graph.input('jitter', [batch, text.contextLength, text.wordDim]);
  const imageEmbedding = unitNormalize(clipImageTower(scope, clipImageConfig, image));
  const vectors = add(embedWords(scope, text, ids), jitter);
  const textEmbedding = unitNormalize(textTowerOfVectors(scope, text, vectors, tokenMask(ids)));
  const logScale = scope('logit_scale', [], { kind: 'constant', value: initialLogScale, learningRateScale: 0.1 });
  const contrastive = contrastiveLoss(imageEmbedding, textEmbedding, exp(clamp(logScale, 0, maxLogScale)));
  const misalignment = sub(1, deltaCosine(imageEmbedding, textEmbedding));
  if (deltaWeight === 0) return { loss: contrastive.loss, metrics: { ...contrastive.metrics, misalignment } };
  return {
    loss: add(contrastive.loss, mul(misalignment, deltaWeight)),
    metrics: { ...contrastive.metrics, misalignment },
  };
}

/** Mean cosine of Δi and Δt, each item against its neighbour in the batch. Embeddings `[N, D]`. */
export function deltaCosine(image: Value, text: Value): Value {
  const batch = image.shape[0] as number;
  const toNeighbour = (x: Value): Value => sub(concat([slice(x, 0, 1, batch), slice(x, 0, 0, 1)], 0), x);
  return meanAll(cosineSimilarity(toNeighbour(image), toNeighbour(text)));
}

/** Symmetric InfoNCE (Radford et al. 2021, Fig. 3): each image against all texts of the batch and the other way round. */
export function contrastiveLoss(image: Value, text: Value, scale: Value): Objective {
  const batch = image.shape[0] as number;
  const logits = mul(matmul(image, transpose(text, [1, 0])), scale);
  const diagonal = Float32Array.from({ length: batch * batch }, (_, k) => (k % (batch + 1) === 0 ? 1 / batch : 0));
  const picked = image.graph.constant(diagonal, [batch, batch]);
  const crossEntropy = (axis: number) => neg(sumAll(mul(logSoftmax(logits, axis), picked)));
  const [toText, toImage] = [crossEntropy(1), crossEntropy(0)];
  return { loss: mul(add(toText, toImage), 0.5), metrics: { toText, toImage, scale: meanAll(reshape(scale, [1])) } };
}

/** Row 0 is padding, row i + 1 the vector of word i. */
export function wordTable(vocabulary: Vocabulary): Tensor {
  const dimensions = vocabulary.vectors.length / vocabulary.words.length;
  const data = new Float32Array(vocabulary.vectors.length + dimensions);
  data.set(vocabulary.vectors, dimensions);
  return { dtype: 'float32', shape: [vocabulary.words.length + 1, dimensions], data };
}

/** Fills batches: `image` `[N, 3, R, R]`, the `ids` of a fresh caption of each, and the `jitter` of its word vectors. */
export function fillPairs(images: RenderedAvatars, vocabulary: Vocabulary, stage: ClipStage) {
  const { contextLength } = clipTextConfig(vocabulary.words.length);
  const encode = createTokenizer(vocabulary.words, contextLength);
  const disturbances = new Float32Array(jitterTableSize);
  const tableRandom = new Random(stageSettings[stage].seed);
  for (let i = 0; i < jitterTableSize; i++) disturbances[i] = (2 * tableRandom.next() - 1) * wordJitter;
  return (data: Readonly<Record<string, TypedArray>>, random: Random): void => {
    const [image, ids, jitter] = [
      data['image'] as Float32Array,
      data['ids'] as BigInt64Array,
      data['jitter'] as Float32Array,
    ];
    for (let slot = 0; slot < stageSettings[stage].batch; slot++) {
      const index = random.int(images.count);
      fillImage(images, index, image, slot);
      const avatar = images.avatars[index];
      if (avatar)
        ids.set(encode(captionAvatar(avatar, random, { richness: 'mixed', synonymShare })).ids, slot * contextLength);
    }
    const start = random.int(jitterTableSize - jitter.length);
    jitter.set(disturbances.subarray(start, start + jitter.length));
  };
}
