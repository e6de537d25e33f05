/** Numbers a pack carries besides weights: measured once over the recipe's images, used by every edit. */
import type { Tensor } from '@deltaspace/onnx-graph';
import { PackError } from './pack-error.js';

/** All float32. S is the style width of the generator, D the CLIP width. */
export interface PackStatistics {
  /** Mean and standard deviation of every style channel, [S]. */
  readonly styleMean: Float32Array;
  readonly styleStd: Float32Array;
  /** Low and high quantiles (1 % and 99 % in our recipes) of every style channel, [S]; edits can be clamped to them. */
  readonly styleLow: Float32Array;
  readonly styleHigh: Float32Array;
  /** Relevance matrix R_s [S, D]: how the CLIP embedding moves with each style channel. */
  readonly relevance: Float32Array;
}

const names = {
  styleMean: 'style.mean',
  styleStd: 'style.std',
  styleLow: 'style.low',
  styleHigh: 'style.high',
  relevance: 'relevance',
} as const satisfies Record<keyof PackStatistics, string>;

/** Statistics from the tensors of a pack's statistics file. Throws PackError when one is missing or has another shape. */
export function statisticsFromTensors(
  tensors: ReadonlyMap<string, Tensor>,
  styleWidth: number,
  embedDim: number,
): PackStatistics {
  const read = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = tensors.get(name);
    if (!(tensor?.data instanceof Float32Array) || tensor.shape.join() !== shape.join()) {
      throw new PackError('pack_damaged', `statistics: ${name} is not float32 [${shape.join(', ')}]`);
    }
    return tensor.data;
  };
  return {
    styleMean: read(names.styleMean, [styleWidth]),
    styleStd: read(names.styleStd, [styleWidth]),
    styleLow: read(names.styleLow, [styleWidth]),
    styleHigh: read(names.styleHigh, [styleWidth]),
    relevance: read(names.relevance, [styleWidth, embedDim]),
  };
}

/** The tensors of a statistics file. */
export function tensorsFromStatistics(statistics: PackStatistics): Map<string, Tensor> {
  const styleWidth = statistics.styleMean.length;
  return new Map(
    Object.entries(names).map(([key, name]) => {
      const data = statistics[key as keyof PackStatistics];
      const shape = name === 'relevance' ? [styleWidth, data.length / styleWidth] : [styleWidth];
      return [name, { dtype: 'float32', shape, data }];
    }),
  );
}
