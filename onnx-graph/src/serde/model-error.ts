/**
 * The one error of reading models: the bytes are no model that we use. A domain failure, not a bug: thrown for anything that a
 * hostile or damaged file can hold, and for nothing else.
 */

/** Stable codes; callers and tests branch on these, never on the message. */
export type ModelErrorCode =
  /** Not the wire format at all, or cut off. */
  | 'model/damaged'
  /** Something that ONNX allows and we do not: functions, subgraphs, foreign domains, dynamic shapes, other opsets. */
  | 'model/unsupported'
  /** Contents outside the file. */
  | 'model/external-data'
  /** Beyond `ModelLimits`. */
  | 'model/too-large'
  /** Parts that contradict each other: names, order, shapes, sizes. */
  | 'model/inconsistent';

export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly code: ModelErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Shape inference and the graph throw plain errors, as they do for our own builders; here it is the model that is at fault. */
export function asModelError(thrown: unknown): unknown {
  const isPlain = thrown instanceof Error && Object.getPrototypeOf(thrown) === Error.prototype;
  return isPlain ? new ModelError('model/inconsistent', thrown.message, { cause: thrown }) : thrown;
}
