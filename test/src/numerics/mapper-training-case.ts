/**
 * Case 05, "DeltaMapper training, 30 Adam steps": the stored pool of style codes and image embeddings, the pairs of every
 * step, and the reference loss. Sizes come from the manifest and the arrays.
 */
import { deltaMapper, type LevelRange, referenceDeltaMapper } from '@deltaspace/models';
import {
  add,
  cosineSimilarity,
  type Graph,
  meanAll,
  meanSquaredError,
  mul,
  type Objective,
  type ParameterScope,
  sub,
  type Tensor,
  toNumbers,
  type Value,
} from '@deltaspace/onnx-graph';
import { goldenCase, type GoldenCase } from '../golden/golden-files.js';
import { stateDict } from '../golden/torch-reader.js';

/** Reference floor of the norm of a difference of embeddings. */
const differenceFloor = 1e-5;
/** Style layers per level in the reference network: 3 coarse, 4 medium, then the fine part as one vector. */
const levelLayers = { coarse: 3, medium: 4 } as const;

export interface MapperTrainingConfig {
  readonly style_layer_dim: number;
  readonly fine: number;
  readonly s_total: number;
  readonly clip_dim: number;
  readonly steps: number;
  readonly batch: number;
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly l2_lambda: number;
  readonly cos_lambda: number;
}

/** One batch by input name: s `[B, S]`, condition `[B, 2·D]`, deltaStyle `[B, S]`, row-major. */
export interface PairBatch extends Readonly<Record<string, readonly number[]>> {
  readonly s: number[];
  readonly condition: number[];
  readonly deltaStyle: number[];
}

export interface MapperTrainingCase {
  readonly golden: GoldenCase;
  readonly config: MapperTrainingConfig;
  readonly initial: ReadonlyMap<string, Tensor>;
  /** The batch of a 0-based step. */
  readonly batchOf: (step: number) => PairBatch;
  /** First number in the text of a tolerance. */
  readonly tolerance: (name: string) => number;
}

/** The case, or null when no fixture folder holds it. */
export function mapperTrainingCase(): MapperTrainingCase | null {
  const golden = goldenCase('05_training_delta_mapper');
  if (golden === null) return null;
  const config = golden.config as unknown as MapperTrainingConfig;
  const [styles, embeddings] = [toNumbers(golden.npy('pool_s.npy')), toNumbers(golden.npy('pool_c.npy'))];
  const [starts, ends] = [toNumbers(golden.npy('index1.npy')), toNumbers(golden.npy('index2.npy'))];
  const rowOf = (pool: readonly number[], width: number, row: number) => pool.slice(row * width, (row + 1) * width);
  const pairAt = (position: number): PairBatch => {
    const [from, to] = [starts[position] ?? 0, ends[position] ?? 0];
    const style = (row: number) => rowOf(styles, config.s_total, row);
    const embedding = (row: number) => scaledToUnit(rowOf(embeddings, config.clip_dim, row), 0);
    return {
      s: style(from),
      condition: [...embedding(from), ...scaledToUnit(minus(embedding(to), embedding(from)), differenceFloor)],
      deltaStyle: minus(style(to), style(from)),
    };
  };
  return {
    golden,
    config,
    initial: stateDict(golden.torch('initial.pt')),
    batchOf: (step) => joinPairs(Array.from({ length: config.batch }, (_, k) => pairAt(step * config.batch + k))),
    tolerance: (name) => Number(/\d+(\.\d+)?(e[-+]?\d+)?/.exec(String(golden.tolerance[name]))?.[0] ?? NaN),
  };
}

function joinPairs(pairs: readonly PairBatch[]): PairBatch {
  return {
    s: pairs.flatMap((pair) => pair.s),
    condition: pairs.flatMap((pair) => pair.condition),
    deltaStyle: pairs.flatMap((pair) => pair.deltaStyle),
  };
}

const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, k) => value - (b[k] ?? NaN));

function scaledToUnit(vector: readonly number[], floor: number): number[] {
  const norm = Math.max(Math.hypot(...vector), floor);
  return vector.map((value) => value / norm);
}

function levelsOf({ style_layer_dim: width, fine }: MapperTrainingConfig): LevelRange[] {
  const widths: [LevelRange['level'], number[]][] = [
    ['coarse', new Array<number>(levelLayers.coarse).fill(width)],
    ['medium', new Array<number>(levelLayers.medium).fill(width)],
    ['fine', [fine]],
  ];
  let end = 0;
  return widths.map(([level, layerWidths]) => {
    const total = layerWidths.reduce((sum, size) => sum + size, 0);
    end += total;
    return { level, offset: end - total, width: total, layerWidths };
  });
}

/** Δŝ `[B, S]` of the reference network, with weights as its checkpoints store them. */
export function predictDelta(scope: ParameterScope, config: MapperTrainingConfig, s: Value, condition: Value): Value {
  const layout = { levels: levelsOf(config), styleWidth: config.s_total };
  const network = { ...referenceDeltaMapper(2 * config.clip_dim), weights: 'equalised' as const };
  return deltaMapper(scope, network, layout, s, condition);
}

/** The reference loss: mean squared error plus one minus the mean cosine, each with its weight. */
export function mapperObjective(
  graph: Graph,
  scope: ParameterScope,
  config: MapperTrainingConfig,
  dtype: 'float32' | 'float64' = 'float32',
): Objective & { readonly prediction: Value } {
  const { batch, s_total: width, clip_dim: embedding } = config;
  const s = graph.input('s', [batch, width], dtype);
  const condition = graph.input('condition', [batch, 2 * embedding], dtype);
  const target = graph.input('deltaStyle', [batch, width], dtype);
  const prediction = predictDelta(scope, config, s, condition);
  const squared = meanSquaredError(prediction, target);
  const direction = sub(1, meanAll(cosineSimilarity(prediction, target)));
  const loss = add(mul(squared, config.l2_lambda), mul(direction, config.cos_lambda));
  return { loss, metrics: { squared, direction }, prediction };
}
