/**
 * Delta Mapper: (s, condition) → predicted change Δŝ of the style code (DeltaEdit, Eqs. 3–5).
 *
 * Per level (coarse, medium, fine) a style module embeds s, a condition module embeds [image embedding ; delta embedding],
 * and a fusion module turns both into the level's part of Δŝ. Each module is four dense layers with the fused leaky ReLU;
 * style and condition modules start with pixel norm over axis 1. The names and, with the default switches, the arithmetic
 * are those of the reference code, not only of the paper: pixel norm over axis 1 means over the *layers* of a level whose
 * layers share weights, and the last layer too ends in the fused leaky ReLU.
 *
 * Deviations a configuration can ask for, all needed by small generators: a `hidden` width, a linear last layer, and
 * standardised style codes. A level whose layers differ in width is treated as one flat vector, like the fine level.
 */
import {
  add,
  concat,
  div,
  expand,
  linear,
  mul,
  pixelNorm,
  reshape,
  slice,
  sub,
  type ParameterScope,
  type Value,
} from '@deltaspace/onnx-graph';
import { expectShape, fusedLeaky } from './layers.js';
import type { LevelRange, StyleLayout } from './style-layout.js';

/** Dense layers per module (reference). */
const moduleDepth = 4;
/** Learning-rate multiplier of the reference; with it the reference's Adam rate of 0.5 applies to folded weights as well. */
const lrMultiplier = 0.01;

/** Architecture of the mapper; the dimensions of s come from the style layout. */
export interface DeltaMapperConfig {
  /** Length of the condition [image embedding ; delta embedding], twice the CLIP width. */
  conditionWidth: number;
  /** Width of all inner layers; null: the width of the level (or of one of its layers), as in the reference. */
  hidden: number | null;
  /** `leaky` ends in the fused leaky ReLU (reference); `linear` leaves the last layer's sum as it is. */
  output: 'leaky' | 'linear';
  /** Whether s is standardised by `statistics.mean` and `statistics.std` [S] first, and Δŝ is scaled back at the end. */
  standardize: boolean;
  /** Whether the layers of a level of equal widths share one network over [N, layers, width] (reference: yes). */
  shareLayers: boolean;
  /** `folded` as everywhere in this folder; `equalised` keeps weights as reference checkpoints store them. */
  weights: 'folded' | 'equalised';
}

/** The reference network for a condition of this width. */
export function referenceDeltaMapper(conditionWidth: number): DeltaMapperConfig {
  return { conditionWidth, hidden: null, output: 'leaky', standardize: false, shareLayers: true, weights: 'folded' };
}

/**
 * Δŝ [N, S] for style codes s [N, S] and conditions [N, conditionWidth] (unit image embedding, then unit delta embedding).
 * `layout` supplies the levels; S is its style width.
 */
export function deltaMapper(
  scope: ParameterScope,
  config: DeltaMapperConfig,
  layout: Pick<StyleLayout, 'levels' | 'styleWidth'>,
  s: Value,
  condition: Value,
): Value {
  const batch = s.shape[0] as number;
  expectShape(s, [batch, layout.styleWidth], 'mapper s');
  expectShape(condition, [batch, config.conditionWidth], 'mapper condition');
  if (!config.standardize) return mapLevels(scope, config, layout.levels, s, condition);
  const mean = scope('statistics.mean', [layout.styleWidth], { kind: 'constant', value: 0, learningRateScale: 0 });
  const std = scope('statistics.std', [layout.styleWidth], { kind: 'constant', value: 1, learningRateScale: 0 });
  return mul(mapLevels(scope, config, layout.levels, div(sub(s, mean), std), condition), std);
}

function mapLevels(
  scope: ParameterScope,
  config: DeltaMapperConfig,
  levels: readonly LevelRange[],
  s: Value,
  condition: Value,
): Value {
  const parts = levels.map((range) =>
    mapLevel(scope, config, range, slice(s, 1, range.offset, range.offset + range.width), condition),
  );
  return concat(parts, 1);
}

/** One level: s [N, width] → Δŝ [N, width]. */
function mapLevel(
  scope: ParameterScope,
  config: DeltaMapperConfig,
  range: LevelRange,
  s: Value,
  condition: Value,
): Value {
  const batch = s.shape[0] as number;
  const shared = config.shareLayers && range.level !== 'fine' && new Set(range.layerWidths).size === 1;
  const width = shared ? (range.layerWidths[0] as number) : range.width;
  const hidden = config.hidden ?? width;
  const style = shared ? reshape(s, [batch, range.layerWidths.length, width]) : s;
  const { level } = range;

  const styleEmbedding = mapperModule(scope, config, `sm_${level}`, style, hidden, hidden, true);
  let conditionEmbedding = mapperModule(scope, config, `cm_${level}`, condition, hidden, hidden, true);
  if (shared) {
    conditionEmbedding = expand(reshape(conditionEmbedding, [batch, 1, hidden]), [
      batch,
      range.layerWidths.length,
      hidden,
    ]);
  }
  const both = concat([styleEmbedding, conditionEmbedding], -1);
  const delta = mapperModule(scope, config, `fm_${level}`, both, hidden, width, false);
  return reshape(delta, [batch, range.width]);
}

/** Four dense layers on the last axis. Parameter numbers start at 1 behind a pixel norm, as in the reference's Sequential. */
function mapperModule(
  scope: ParameterScope,
  config: DeltaMapperConfig,
  name: string,
  x: Value,
  hidden: number,
  outWidth: number,
  normalise: boolean,
): Value {
  let h = normalise ? pixelNorm(x, 1e-8) : x;
  for (let layer = 0; layer < moduleDepth; layer++) {
    const last = layer === moduleDepth - 1;
    const y = mapperDense(scope, config, `${name}.mapping.${layer + (normalise ? 1 : 0)}`, h, last ? outWidth : hidden);
    h = last && !normalise && config.output === 'linear' ? y : fusedLeaky(y);
  }
  return h;
}

/** Dense layer whose learning rates are those of the reference's equalised layers with multiplier 0.01. */
function mapperDense(
  scope: ParameterScope,
  config: DeltaMapperConfig,
  name: string,
  x: Value,
  outFeatures: number,
): Value {
  const inFeatures = x.shape.at(-1) as number;
  const scale = lrMultiplier / Math.sqrt(inFeatures);
  const shape = [outFeatures, inFeatures];
  if (config.weights === 'equalised') {
    const weight = scope(`${name}.weight`, shape, { kind: 'normal', std: 1 / lrMultiplier });
    const bias = scope(`${name}.bias`, [outFeatures], { kind: 'constant', value: 0 });
    return add(linear(x, mul(weight, scale)), mul(bias, lrMultiplier));
  }
  const weight = scope(`${name}.weight`, shape, {
    kind: 'normal',
    std: 1 / Math.sqrt(inFeatures),
    learningRateScale: scale,
  });
  const bias = scope(`${name}.bias`, [outFeatures], { kind: 'constant', value: 0, learningRateScale: lrMultiplier });
  return linear(x, weight, bias);
}
