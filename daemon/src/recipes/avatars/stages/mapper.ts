/**
 * The Delta Mapper, trained without text (DeltaEdit, Eq. 3 and 6): from pairs of pictures, given s₁ and the condition
 * [i₁ ; Δi], predict Δs = s₂ − s₁. No caption, no label and no text embedding reaches this stage.
 *
 * Two baselines are the same network on the same pairs, so that evaluations can show what they lack: `straightforward`
 * (§3.1.1) has the condition [i₁ ; i₂], absolute embeddings; `wplus` (Fig. 19) predicts the change of W+ instead of S.
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
import { deltaMapper, styleLayout, wPlusLayout, type DeltaMapperConfig, type StyleLayout } from '@deltaspace/models';
import { pairCondition, straightforwardCondition, unitDirection } from '../../../deltaedit/index.js';
import type { Random } from '../../../training/index.js';
import {
  embedDim,
  generatorConfig,
  inverterConfig,
  mapperConfig,
  pairSettings,
  stageSettings,
  straightforwardMapperConfig,
} from '../settings.js';
import { factsOf, type StageResult, trainStage, warmupThenCosine, type Workspace } from '../workspace.js';
import { type Codes, type EncodedPictures, loadCodes, validationPictures } from './codes.js';

type MapperStage = 'mapper' | 'straightforward' | 'wplus';

/** What one of the mappers learns. */
export interface MapperTask {
  readonly network: DeltaMapperConfig;
  readonly layout: Pick<StyleLayout, 'levels' | 'styleWidth'>;
  readonly code: 'styles' | 'wPlus';
  readonly condition: 'difference' | 'absolute';
}

const inStyles = { layout: styleLayout(generatorConfig), code: 'styles' } as const;
export const mapperTasks: Readonly<Record<MapperStage, MapperTask>> = {
  mapper: { network: mapperConfig, ...inStyles, condition: 'difference' },
  straightforward: { network: straightforwardMapperConfig, ...inStyles, condition: 'absolute' },
  wplus: {
    network: mapperConfig,
    layout: wPlusLayout(inverterConfig.rows, inverterConfig.styleDim),
    code: 'wPlus',
    condition: 'difference',
  },
};

export const trainMapper = (workspace: Workspace): Promise<StageResult> => trainOn(workspace, 'mapper');
export const trainStraightforwardMapper = (workspace: Workspace): Promise<StageResult> =>
  trainOn(workspace, 'straightforward');
export const trainWPlusMapper = (workspace: Workspace): Promise<StageResult> => trainOn(workspace, 'wplus');

async function trainOn(workspace: Workspace, stage: MapperStage): Promise<StageResult> {
  const done = await workspace.finished(stage);
  if (done) return done;
  const codes = await loadCodes(workspace);
  const [settings, task] = [stageSettings[stage], mapperTasks[stage]];
  const schedule = { warmupSteps: 50, decayFrom: 0, floor: 0.01 };
  const result = await trainStage(workspace, stage, {
    step: {
      optimizer: { beta1: 0.9, beta2: settings.beta2, epsilon: 1e-8 },
      build: (graph, scope) => mapperObjective(graph, scope, task, settings.batch),
    },
    fillBatch: fillPairs(codes, task),
    validation: async () => fillPairs({ ...codes, ...(await validationPictures(workspace)) }, task),
    schedule: (stepIndex, progress) => settings.learningRate * warmupThenCosine(stepIndex, progress, schedule),
    configuration: { mapper: JSON.stringify(task.network), condition: task.condition, ...pairSettings },
  });
  const { mean, std } = statisticsOf(codes, task);
  const weights = new Map(result.parameters);
  for (const [name, data] of Object.entries({ mean, std }))
    weights.set(`statistics.${name}`, { dtype: 'float32', shape: [task.layout.styleWidth], data });
  return workspace.finish(stage, { weights, facts: factsOf(result) });
}

const statisticsOf = (codes: Codes, { code }: MapperTask) =>
  code === 'styles' ? codes.statistics : codes.wPlusStatistics;

/** Eq. 6: squared error plus one minus the cosine, on standardised codes (so the network is built without its own scaling). */
export function mapperObjective(
  graph: Graph,
  scope: ParameterScope,
  { layout, network }: Pick<MapperTask, 'layout' | 'network'>,
  batch: number,
): Objective {
  const s = graph.input('s', [batch, layout.styleWidth]);
  const condition = graph.input('condition', [batch, network.conditionWidth]);
  const target = graph.input('target', [batch, layout.styleWidth]);
  const config = { ...network, standardize: false };
  const predicted = deltaMapper(scope, config, layout, s, condition);
  const squared = meanSquaredError(predicted, target);
  const cosine = meanAll(cosineSimilarity(predicted, target));
  return { loss: add(squared, sub(1, cosine)), metrics: { squared, cosine } };
}

/** One picture and what it turns into. */
export interface Pair {
  readonly set: EncodedPictures;
  readonly from: number;
  readonly to: number;
}

/** Two random pictures, or one before and after a change, as often as `pairSettings` says. */
export function drawPair({ singles, pairs }: Pick<Codes, 'singles' | 'pairs'>, random: Random): Pair {
  if (random.next() >= pairSettings.changedShare)
    return { set: singles, from: random.int(singles.count), to: random.int(singles.count) };
  const from = 2 * random.int(pairs.count / 2);
  return { set: pairs, from, to: from + 1 };
}

/** Fills batches: `s` and `target` `[N, width]`, standardised, and `condition` `[N, 2D]`. */
export function fillPairs(codes: Codes, task: MapperTask) {
  const { mean, std } = statisticsOf(codes, task);
  const width = task.layout.styleWidth;
  return (data: Readonly<Record<string, TypedArray>>, random: Random): void => {
    const buffers = ['s', 'condition', 'target'].map((name) => data[name] as Float32Array);
    const [s, conditions, target] = buffers as [Float32Array, Float32Array, Float32Array];
    for (let slot = 0; slot < s.length / width; slot++) {
      const { set, from, to } = drawPair(codes, random);
      const rows = set[task.code];
      for (let c = 0; c < width; c++) {
        const [here, there] = [rows[from * width + c] as number, rows[to * width + c] as number];
        s[slot * width + c] = (here - (mean[c] as number)) / (std[c] as number);
        target[slot * width + c] = (there - here) / (std[c] as number);
      }
      const row = conditions.subarray(slot * 2 * embedDim, (slot + 1) * 2 * embedDim);
      row.set(conditionOf({ set, from, to }, task, random));
    }
  };
}

/** [i₁ ; Δi/‖Δi‖] or [i₁ ; i₂]. The difference can be made noisy: text differences never match image differences exactly. */
function conditionOf({ set, from, to }: Pair, { condition }: MapperTask, random: Random): Float32Array {
  const embedding = (index: number) => set.embeddings.subarray(index * embedDim, (index + 1) * embedDim);
  const [source, target] = [embedding(from), embedding(to)];
  if (condition === 'absolute') return straightforwardCondition(source, target);
  const row = pairCondition(source, target);
  if (pairSettings.differenceNoise === 0) return row;
  const deviation = (pairSettings.differenceNoise * (random.next() < 0.5 ? random.next() : 1)) / Math.sqrt(embedDim);
  const noisy = row.slice(embedDim).map((value) => value + deviation * random.normal());
  row.set(unitDirection(noisy), embedDim);
  return row;
}
