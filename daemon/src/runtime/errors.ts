/**
 * Failures of the runtime, each with a stable code that callers may branch on and that the server maps to the wire.
 * The message carries onnxruntime's own words. Broken invariants of ours are plain Errors, not these.
 */

export type RuntimeErrorCode =
  /** The fast path cannot be used here; the message is the reason. */
  | 'runtime/native-unavailable'
  /** onnxruntime refused the model. */
  | 'runtime/model-rejected'
  /** A feed is missing, unknown, or has the wrong type or shape. */
  | 'runtime/input-rejected'
  /** onnxruntime failed while running the model. */
  | 'runtime/run-failed'
  /** The object was used after `dispose`. */
  | 'runtime/disposed';

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';

  constructor(
    readonly code: RuntimeErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
