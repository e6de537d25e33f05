/**
 * The one error of reading and using packs: the folder is not a sound pack, or it lacks what was asked for.
 */

/** Stable codes; callers map these to answers on the wire. */
export type PackErrorCode = 'pack_missing' | 'pack_damaged' | 'network_missing';

/** A pack was refused; `code` is stable, `message` says what is wrong and where. */
export class PackError extends Error {
  override readonly name = 'PackError';

  constructor(
    readonly code: PackErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
