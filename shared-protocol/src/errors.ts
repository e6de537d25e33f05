/**
 * Errors that travel: one table of stable string codes, one class, one mapping to JSON-RPC error objects and back.
 *
 * Programs branch on `code`; people read `message`, which says what was wrong, what was expected and what to do.
 * Codes are never renamed or reused. The numbers are those of JSON-RPC 2.0 and of the language server protocol, so
 * that generic tools group them sensibly.
 */
import './without-eval.js';
import * as z from 'zod';

interface ErrorRow {
  /** JSON-RPC error number. */
  readonly number: number;
  /** Whether the same request can succeed later without being changed. */
  readonly retryable: boolean;
  readonly summary: string;
}

const requestFailed = -32803;

export const errorCodes = {
  invalid_request: row(-32600, 'The message is no request of this protocol.'),
  unknown_method: row(-32601, 'There is no method of that name.'),
  invalid_params: row(-32602, 'The parameters do not fit the schema; the message names the member.'),
  internal_error: row(-32603, 'A defect of the daemon. The daemon goes on; its log has the details.'),
  cancelled: row(-32800, 'The request was cancelled by `$/cancelRequest` or by the end of its connection.'),
  superseded: row(-32802, 'A newer request of the same lane took the place of this one.'),
  unsupported_protocol: row(requestFailed, 'The protocol ranges of both sides do not overlap.'),
  connection_lost: retryable(requestFailed, 'The socket closed before the answer came. Made by the client itself.'),
  too_many_requests: retryable(requestFailed, 'This connection has too many requests or uploads open.'),
  queue_full: retryable(requestFailed, 'Too many jobs wait for the worker.'),
  shutting_down: retryable(requestFailed, 'The daemon is stopping.'),
  unauthorized_scope: row(requestFailed, 'The token of this connection does not have the scope that the method needs.'),
  pairing_unknown: row(requestFailed, 'This connection made no pairing code of that id, or it is over.'),
  pairing_expired: row(requestFailed, 'Nobody used the pairing code in time.'),
  pairing_used_up: row(requestFailed, 'Wrong guesses used the pairing code up. Ask for another one.'),
  too_many_pairings: retryable(requestFailed, 'Too many pairing codes are open.'),
  too_many_clients: row(requestFailed, 'Too many clients are paired. Revoke one first.'),
  client_unknown: row(requestFailed, 'No client of that id is paired.'),
  job_unknown: row(requestFailed, 'There is no job of that id (any more). It was never accepted, or is forgotten.'),
  job_conflict: row(requestFailed, 'A job of that id exists, and its request was another one. Choose a new id.'),
  blob_missing: row(requestFailed, 'The daemon does not hold that blob (any more). Upload it again.'),
  blob_too_large: row(requestFailed, 'The blob exceeds the size limit.'),
  blob_empty: row(requestFailed, 'A blob of zero bytes.'),
  storage_full: retryable(requestFailed, 'No room for the blob, in the store or on the disk.'),
  storage_unavailable: retryable(
    requestFailed,
    'The data folder cannot be used: read-only, no permission, too many open files, or a failing disk.',
  ),
  digest_mismatch: row(requestFailed, 'The bytes received do not have the announced digest.'),
  upload_unknown: row(requestFailed, 'No upload of that id is open on this connection.'),
  upload_incomplete: row(requestFailed, 'The upload was committed before all bytes came, or a chunk left a gap.'),
  range_invalid: row(requestFailed, 'The range lies outside the blob.'),
  image_empty: row(requestFailed, 'The image has no bytes.'),
  image_format_unknown: row(requestFailed, 'The bytes are no image of a supported format.'),
  image_damaged: row(requestFailed, 'The image is truncated or damaged.'),
  image_too_large: row(requestFailed, 'The image has too many pixels or bytes, or decoding it needs too much memory.'),
  image_timeout: row(requestFailed, 'Decoding the image took too long and was ended.'),
  image_invalid: row(requestFailed, 'The image cannot be used: raw pixels against their declared size, or the like.'),
  tensor_invalid: row(requestFailed, 'A tensor is missing, unreadable, or has the wrong dtype or shape.'),
  pack_missing: row(requestFailed, 'No pack of that id is installed.'),
  pack_damaged: row(requestFailed, 'The pack failed its checks (size, digest, shape) and was not loaded.'),
  network_missing: row(requestFailed, 'The pack has no network of that name.'),
  pack_exists: row(requestFailed, 'A pack of that id is installed already. Choose another name, or remove it first.'),
  training_failed: row(requestFailed, 'The training diverged or cannot go on; the message says why.'),
  training_not_resumable: row(
    requestFailed,
    'That job trains nothing, has not ended, has succeeded, or its folder is gone; the message says which.',
  ),
  edit_failed: row(requestFailed, 'The method could not be applied; the message says why.'),
  worker_crashed: retryable(
    requestFailed,
    'The worker process ended during the job; the message has signal and stage.',
  ),
  worker_unavailable: retryable(requestFailed, 'The worker process does not start; the message says why.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorCodes;

function row(number: number, summary: string): ErrorRow {
  return { number, retryable: false, summary };
}

function retryable(number: number, summary: string): ErrorRow {
  return { number, retryable: true, summary };
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}

/** Facts about a failure for programs: sizes, names, signal, stage. Never prompts, tokens or paths. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** A failure with a stable code; the only error that crosses the wire with its own words. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/** The `error` member of a JSON-RPC answer. Unknown codes are kept as text: a newer daemon may have more of them. */
export const wireErrorSchema = z.object({
  code: z.int(),
  message: z.string(),
  data: z
    .object({
      code: z.string(),
      retryable: z.boolean(),
      details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).exactOptional(),
    })
    .exactOptional(),
});

export type WireError = z.output<typeof wireErrorSchema>;

/** Maps any thrown value to an answer. What is no ProtocolError becomes `internal_error` without its text. */
export function toWireError(thrown: unknown): WireError {
  const error =
    thrown instanceof ProtocolError
      ? thrown
      : new ProtocolError('internal_error', 'The daemon hit a defect of its own. Its log has the details.');
  return {
    code: errorCodes[error.code].number,
    message: error.message,
    data: {
      code: error.code,
      retryable: error.retryable,
      ...(error.details === undefined ? {} : { details: { ...error.details } }),
    },
  };
}

/** The error a client throws for an answer's `error` member. */
export function fromWireError(wire: WireError): ProtocolError {
  const code = wire.data?.code;
  const options = wire.data?.details === undefined ? {} : { details: wire.data.details };
  return isErrorCode(code)
    ? new ProtocolError(code, wire.message, options)
    : new ProtocolError('internal_error', `${wire.message} (code ${code ?? String(wire.code)})`, options);
}
