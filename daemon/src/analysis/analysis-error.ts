/**
 * The one error of the analysis: feature arrays that cannot be analysed. Files that are no arrays at all are FormatErrors.
 */

/** Stable codes; callers branch on these, never on the message. */
export type AnalysisErrorCode =
  | 'features_wrong_rank'
  | 'features_not_float'
  | 'features_not_finite'
  | 'features_zero_row'
  | 'features_mismatch'
  | 'features_too_few'
  | 'features_too_large';

/** Features were refused. */
export class AnalysisError extends Error {
  override readonly name = 'AnalysisError';

  constructor(
    readonly code: AnalysisErrorCode,
    message: string,
  ) {
    super(message);
  }
}
