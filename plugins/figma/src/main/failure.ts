/** Failures that the user can cause or meet: a stable code and words of the table. Anything else thrown is a bug. */
import { type BridgeFailure, type FailureCode } from '../bridge/index.js';
import { failureWords, words } from './words.js';

export class MainFailure extends Error {
  readonly code: FailureCode;

  constructor(code: keyof typeof failureWords) {
    super(failureWords[code]);
    this.name = 'MainFailure';
    this.code = code;
  }
}

/** What the UI is told of anything that was thrown. */
export function toFailure(error: unknown): BridgeFailure {
  if (error instanceof MainFailure) return { code: error.code, message: error.message };
  const problem = error instanceof Error ? error.message : String(error);
  return { code: 'internal_error', message: words.internal(problem) };
}
