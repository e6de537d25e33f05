/** Failures of training, each with a stable code. */

export type TrainingErrorCode =
  /** The loss or a weight became NaN or infinite; the newest checkpoint is from before that. */
  | 'training/diverged'
  /** The folder holds checkpoints of another configuration; the message says what differs. */
  | 'training/configuration-changed'
  /** No checkpoint of the folder can be read. */
  | 'training/checkpoint-unreadable'
  /** The caller asked for something that cannot be done, e.g. no stop condition. */
  | 'training/invalid-options';

export class TrainingError extends Error {
  override readonly name = 'TrainingError';

  constructor(
    readonly code: TrainingErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
