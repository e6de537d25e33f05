/**
 * The one place where failures of imaging, files, runtime and method become codes of the protocol.
 *
 * Those folders know nothing of the wire; they throw errors with their own stable `code`. A code that is not in the
 * table is a defect and is answered as `internal_error`.
 */
import { isErrorCode, ProtocolError, type ErrorCode } from '@deltaspace/shared-protocol';

/** Own code, or its part before the slash for a whole family → code on the wire. */
const wireCodes: Readonly<Record<string, ErrorCode>> = {
  format: 'tensor_invalid',
  'runtime/input-rejected': 'tensor_invalid',
  'runtime/model-rejected': 'pack_damaged',
  'runtime/run-failed': 'edit_failed',
  features_wrong_rank: 'tensor_invalid',
  features_not_float: 'tensor_invalid',
  features_not_finite: 'tensor_invalid',
  features_zero_row: 'tensor_invalid',
  features_mismatch: 'tensor_invalid',
  features_too_few: 'tensor_invalid',
  features_too_large: 'tensor_invalid',
  training: 'training_failed',
};

export function explainFailure(thrown: unknown): ProtocolError | undefined {
  if (thrown instanceof ProtocolError) return thrown;
  if (!(thrown instanceof Error)) return undefined;
  const code = (thrown as { code?: unknown }).code;
  if (typeof code !== 'string') return undefined;
  const wire = isErrorCode(code) ? code : (wireCodes[code] ?? wireCodes[code.split('/')[0] as string]);
  return wire === undefined ? undefined : new ProtocolError(wire, thrown.message, { cause: thrown });
}
