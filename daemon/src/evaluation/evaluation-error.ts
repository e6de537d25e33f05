/** The one error of evaluations that is no defect: a pack lacks what would be measured. */
export type EvaluationErrorCode = 'network_missing' | 'edit_failed';

/** A pack cannot be evaluated as asked. Codes are those of the wire. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';

  constructor(
    readonly code: EvaluationErrorCode,
    message: string,
  ) {
    super(message);
  }
}
