/** The error of the method itself: a request that the networks cannot serve. Codes are those of the wire. */
export type EditErrorCode = 'edit_failed' | 'tensor_invalid' | 'pack_missing' | 'network_missing';

/** A request was refused, or its result is unusable. */
export class EditError extends Error {
  override readonly name = 'EditError';

  constructor(
    readonly code: EditErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
