/**
 * How a command fails: exit codes, and errors of the command line's own.
 */
import { ProtocolError } from '@deltaspace/shared-protocol';

/** 0 done, 1 the operation failed, 2 wrong usage, 130 cancelled (as a shell reports Ctrl-C). */
export const exitCodes = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

/** A failure before or after the daemon's part, with a stable code like the protocol's. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly code: 'usage' | 'input_missing' | 'input_unreadable' | 'output_unwritable' | 'daemon_unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function usageError(message: string): CommandError {
  return new CommandError('usage', message);
}

/** Exit code, stable code and words of anything a command threw. */
export function describeFailure(thrown: unknown): { exitCode: number; code: string; message: string } {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof CommandError) {
    return { exitCode: thrown.code === 'usage' ? exitCodes.usage : exitCodes.failed, code: thrown.code, message };
  }
  if (thrown instanceof ProtocolError) {
    const cancelled = thrown.code === 'cancelled';
    return { exitCode: cancelled ? exitCodes.cancelled : exitCodes.failed, code: thrown.code, message };
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return { exitCode: exitCodes.cancelled, code: 'cancelled', message: 'cancelled' };
  }
  const code = (thrown as { code?: unknown } | null)?.code;
  return { exitCode: exitCodes.failed, code: typeof code === 'string' ? code : 'internal_error', message };
}
