/**
 * The one error of the file readers in this folder: the file is not what it claims to be.
 *
 * Domain failure, not a bug: readers throw it for anything a hostile or damaged file can contain, and for nothing else.
 */

/** Stable codes; callers and tests branch on these, never on the message. */
export type FormatErrorCode =
  | 'format/not-this-format'
  | 'format/unsupported-version'
  | 'format/unsupported-dtype'
  | 'format/bad-header'
  | 'format/too-large'
  | 'format/truncated'
  | 'format/trailing-data'
  | 'format/inconsistent';

/** A file was rejected; `code` says why in a stable way, `message` says it for a person. */
export class FormatError extends Error {
  override readonly name = 'FormatError';

  constructor(
    readonly code: FormatErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
