/** What a model may ask for, whatever its size: far above every network of this project, far below what exhausts a machine. */
import { formatShape, sizeOf, type Shape } from '../ir/shape.js';
import { ModelError } from './model-error.js';

export interface ModelLimits {
  readonly maxNodes: number;
  readonly maxInitializers: number;
  /** Inputs and outputs of the graph, each. */
  readonly maxPorts: number;
  /** Inputs, results and attributes of one node, each. */
  readonly maxPartsPerNode: number;
  readonly maxRank: number;
  /** Elements of one tensor, stored or computed. */
  readonly maxElements: number;
}

export const defaultModelLimits: ModelLimits = {
  maxNodes: 100_000,
  maxInitializers: 100_000,
  maxPorts: 10_000,
  maxPartsPerNode: 1000,
  maxRank: 8,
  maxElements: 2 ** 31,
};

/** Throws ModelError `model/too-large` when there are more than `most`. */
export function checkCount(what: string, count: number, most: number): void {
  if (count > most) throw new ModelError('model/too-large', `the model has ${count} ${what}, at most ${most} are read`);
}

/** Throws ModelError unless a shape is one: few axes, no negative ones, and a product within the limit. */
export function checkDimensions(what: string, shape: Shape, { maxRank, maxElements }: ModelLimits): void {
  const tooLarge = shape.length > maxRank || sizeOf(shape) > maxElements || shape.some((size) => size > maxElements);
  const code = tooLarge ? 'model/too-large' : 'model/inconsistent';
  if (tooLarge || shape.some((size) => !Number.isSafeInteger(size) || size < 0))
    throw new ModelError(
      code,
      `${what} declares shape ${formatShape(shape.slice(0, maxRank + 1))}, which is out of range`,
    );
}
