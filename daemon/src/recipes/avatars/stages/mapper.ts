/**
 * The Delta Mapper, trained without text (DeltaEdit, Eq. 3 and 6): from pairs of pictures, given s₁ and the condition
 * [i₁ ; Δi], predict Δs = s₂ − s₁. No caption, no attribute and no text embedding reaches this stage.
 *
 * The baseline of §3.1.1 ("straightforward") is the same network with the condition [i₁ ; i₂]: absolute embeddings instead
 * of their difference. It is trained here too, so that evaluations can show how it fails.
 */
import {
  add,
  cosineSimilarity,
  meanAll,
  meanSquaredError,
  sub,
  type Graph,
  type Objective,
  type ParameterScope,
  type TypedArray,
} from '@deltaspace/onnx-graph';
import { deltaMapper, styleLayout } from '@deltaspace/models';
import { dot, pairCondition, straightforwardCondition, unitDirection } from '../../../deltaedit/index.js';
import type { Random } from '../../../training/index.js';
import { embedDim, generatorConfig, mapperConfig, pairSettings, stageSettings } from '../settings.js';
import { factsOf, type StageResult, trainStage, warmupThenCosine, type Workspace } from '../workspace.js';
import { type Codes, encodePictures, loadCodes, styleWidth } from './codes.js';

type Condition = 'difference' | 'absolute';

export const trainMapper = (workspace: Workspace): Promise<StageResult> => trainOn(workspace, 'mapper', 'difference');

export const trainStraightforwardMapper = (workspace: Workspace): Promise<StageResult> =>
  trainOn(workspace, 'straightforward', 'absolute');

async function trainOn(
  workspace: Workspace,
  stage: 'mapper' | 'straightforward',
  condition: Condition,
): Promise<StageResult> {
  const done = await workspace.finished(stage);
  if (done) return done;
  const codes = await loadCodes(workspace);
  const settings = stageSettings[stage];
  const schedule = { warmupSteps: 50, decayFrom: 0, floor: 0.01 };
  const result = await trainStage(workspace, stage, {
    step: { optimizer: { beta1: 0.9, beta2: settings.beta2, epsilon: 1e-8 }, build: mapperObjective },
    fillBatch: fillPairs(codes, condition),
    validation: async () => fillPairs({ ...codes, ...(await encodePictures(workspace, 'validation')) }, condition),
    schedule: (stepIndex, progress) => settings.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: { mapper: JSON.stringify(mapperConfig), condition, ...pairSettings },
  });
  const statistics = { mean: codes.mean, std: codes.std };
  const weights = new Map(result.parameters);
  for (const [name, data] of Object.entries(statistics))
    weights.set(`statistics.${name}`, { dtype: 'float32', shape: [styleWidth], data });
  return workspace.finish(stage, { weights, facts: factsOf(result) });
}

/** Eq. 6: squared error plus one minus the cosine, on standardised codes (so the network is built without its own scaling). */
function mapperObjective(graph: Graph, scope: ParameterScope): Objective {
  const { batch } = stageSettings.mapper;
  const s = graph.input('s', [batch, styleWidth]);
  const condition = graph.input('condition', [batch, mapperConfig.conditionWidth]);
  const target = graph.input('target', [batch, styleWidth]);
  const config = { ...mapperConfig, standardize: false };
  const predicted = deltaMapper(scope, config, styleLayout(generatorConfig), s, condition);
  const squared = meanSquaredError(predicted, target);
  const cosine = meanAll(cosineSimilarity(predicted, target));
  return { loss: add(squared, sub(1, cosine)), metrics: { squared, cosine } };
}

function fillPairs(codes: Codes, condition: Condition) {
  return (data: Readonly<Record<string, TypedArray>>, random: Random): void => {
    const buffers = ['s', 'condition', 'target'].map((name) => data[name] as Float32Array);
    const [s, conditions, target] = buffers as [Float32Array, Float32Array, Float32Array];
    for (let slot = 0; slot < stageSettings.mapper.batch; slot++) {
      const from = random.int(codes.count);
      const to = random.next() < pairSettings.nearShare ? nearest(codes, from, random) : random.int(codes.count);
      for (let c = 0; c < styleWidth; c++) {
        const [here, there] = [codes.styles[from * styleWidth + c] ?? 0, codes.styles[to * styleWidth + c] ?? 0];
        const std = codes.std[c] ?? 1;
        s[slot * styleWidth + c] = (here - (codes.mean[c] ?? 0)) / std;
        target[slot * styleWidth + c] = (there - here) / std;
      }
      const row = conditions.subarray(slot * 2 * embedDim, (slot + 1) * 2 * embedDim);
      fillCondition(row, codes.embeddings, from, to, condition, random);
    }
  };
}

/** [i₁ ; Δi/‖Δi‖] or [i₁ ; i₂]. The difference can be made noisy: text differences never match image differences exactly. */
function fillCondition(
  row: Float32Array,
  embeddings: Float32Array,
  from: number,
  to: number,
  condition: Condition,
  random: Random,
): void {
  const [source, target] = [embeddingOf(embeddings, from), embeddingOf(embeddings, to)];
  if (condition === 'absolute') return row.set(straightforwardCondition(source, target));
  row.set(pairCondition(source, target));
  if (pairSettings.differenceNoise === 0) return;
  const deviation = (pairSettings.differenceNoise * (random.next() < 0.5 ? random.next() : 1)) / Math.sqrt(embedDim);
  const noisy = row.slice(embedDim).map((value) => value + deviation * random.normal());
  row.set(unitDirection(noisy), embedDim);
}

const embeddingOf = (embeddings: Float32Array, index: number): Float32Array =>
  embeddings.subarray(index * embedDim, (index + 1) * embedDim);

/** The picture whose embedding is nearest among a few random ones: pairs that differ in few things, found without labels. */
function nearest(codes: Codes, from: number, random: Random): number {
  let [best, bestCosine] = [from, -2];
  for (let k = 0; k < pairSettings.nearCandidates; k++) {
    const candidate = random.int(codes.count);
    if (candidate === from) continue;
    const cosine = dot(embeddingOf(codes.embeddings, from), embeddingOf(codes.embeddings, candidate));
    if (cosine > bestCosine) [best, bestCosine] = [candidate, cosine];
  }
  return best;
}
