/**
 * Inverter: image → W+ code, in the manner of e4e (Tov et al. 2021): a convolutional backbone predicts one base row and, for
 * every further row, a delta on top of the base; the mean latent is added last.
 *
 * Small and trained from scratch together with the generator; the published IR-SE-50 encoder is another network.
 */
import { add, averagePool, concat, expand, reshape, type ParameterScope, type Value } from '@deltaspace/onnx-graph';
import { constantInit, convolution, dense, expectShape, leaky } from './layers.js';

/** Architecture of the inverter. */
export interface InverterConfig {
  /** Side of the square input image, a power of two from 32. */
  resolution: number;
  /** The image is averaged over squares of this side first; default 1. What is seen is coarser, what is decoded is not. */
  pooling?: number;
  /** Length of one W+ row. */
  styleDim: number;
  /** W+ rows of the generator. */
  rows: number;
  /** Convolutions per stage; the first of every stage halves the side, and the stages end at 4×4. */
  stages: readonly (readonly number[])[];
  /** Width of the dense layer between the backbone and the heads. */
  hidden: number;
}

/** Stages that served 64 px well; larger images get further early stages. */
export function defaultInverterStages(resolution: number): number[][] {
  const stages = [[24], [48, 48], [96, 96], [128]];
  for (let side = 64; side < resolution; side *= 2) stages.unshift([24]);
  return stages.slice(-(Math.log2(resolution) - 2));
}

/** image [N, 3, R, R] in [-1, 1] → W+ [N, rows, styleDim]. */
export function inverter(scope: ParameterScope, config: InverterConfig, image: Value): Value {
  const { resolution, pooling = 1, styleDim, rows, stages, hidden } = config;
  const batch = image.shape[0] as number;
  expectShape(image, [batch, 3, resolution, resolution], 'inverter image');
  if (stages.length !== Math.log2(resolution / pooling) - 2)
    throw new Error(`inverter: ${stages.length} stages do not take ${resolution / pooling} px to 4`);

  let x = pooling === 1 ? image : averagePool(image, pooling);
  let index = 0;
  for (const stage of stages) {
    stage.forEach((channels, i) => {
      x = leaky(convolution(scope, `backbone.${index++}`, x, channels, { stride: i === 0 ? 2 : 1, gain: Math.SQRT2 }));
    });
  }
  const feature = leaky(dense(scope, 'linear', reshape(x, [batch, -1]), hidden, { gain: Math.SQRT2 }));
  const base = dense(scope, 'base', feature, styleDim, { gain: Math.SQRT1_2 });
  const deltas = dense(scope, 'deltas', feature, (rows - 1) * styleDim, { gain: Math.SQRT1_2 });
  const baseRow = reshape(base, [batch, 1, styleDim]);
  const furtherRows = add(expand(baseRow, [batch, rows - 1, styleDim]), reshape(deltas, [batch, rows - 1, styleDim]));
  const mean = scope('latent_avg', [rows, styleDim], constantInit(0));
  return add(concat([baseRow, furtherRows], 1), reshape(mean, [1, rows, styleDim]));
}
