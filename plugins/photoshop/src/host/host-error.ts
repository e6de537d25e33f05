/**
 * What the editor refused, with a stable code. The words are those of `words.ts`; nothing here is a bug of ours.
 */

export type HostErrorCode =
  /** Another plugin, a dialog or a tool keeps the host modal. */
  | 'busy'
  /** The user pressed Esc or cancelled in the progress dialog. */
  | 'cancelled'
  /** A command was answered with an error; `message` has the host's own words. */
  | 'refused';

export class HostError extends Error {
  readonly code: HostErrorCode;

  constructor(code: HostErrorCode, message: string, options?: { cause?: unknown }) {
    super(message);
    this.name = 'HostError';
    this.code = code;
    // Error.cause is missing in some UXP versions.
    if (options?.cause !== undefined) this.cause = options.cause;
  }
}
