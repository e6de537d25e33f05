/**
 * Why an edit has no result, in words to show: one table for all plugins. Codes without a row keep the daemon's own words.
 */
import { ProtocolError, type ErrorCode } from '@deltaspace/shared-protocol';

export interface Failure {
  /** A code of the protocol, or `plugin_failed` for what the plugin itself could not do. */
  readonly code: ErrorCode | 'plugin_failed';
  readonly title: string;
  readonly explanation: string;
  /** Whether the same edit can succeed when it is tried again. */
  readonly canRetry: boolean;
}

const rows: Partial<Record<ErrorCode, readonly [title: string, explanation?: string]>> = {
  cancelled: ['Cancelled', 'The edit was cancelled.'],
  superseded: ['Replaced by a newer edit', 'A newer edit of the same layer took its place.'],
  connection_lost: ['The connection was lost', 'deltaspace did not come back in time. Try again when it runs.'],
  shutting_down: ['deltaspace is stopping', 'Start it again, then try again.'],
  too_many_requests: ['Too much at once', 'Wait for an edit to end, then try again.'],
  queue_full: ['Too much at once', 'deltaspace has too many edits waiting. Try again in a moment.'],
  unauthorized_scope: ['Not allowed', 'This plugin was paired without the right to edit. Pair it again.'],
  storage_full: [
    'No room',
    'There is no room for the picture. Free some on the disk, or run "deltaspace gc" in a terminal.',
  ],
  storage_unavailable: ['The disk cannot be used'],
  blob_too_large: ['The layer is too large'],
  image_empty: ['The layer is empty', 'There are no pixels to edit.'],
  image_too_large: ['The layer is too large'],
  image_format_unknown: ['The layer cannot be read'],
  image_damaged: ['The layer cannot be read'],
  image_invalid: ['The layer cannot be read'],
  image_timeout: ['The layer cannot be read'],
  pack_missing: ['The pack is not installed'],
  pack_damaged: ['The pack is damaged', 'Run "deltaspace models" in a terminal to see which file.'],
  network_missing: ['The pack cannot do this'],
  edit_failed: ['This edit is not possible'],
  worker_crashed: [
    'deltaspace failed twice at this edit',
    'It goes on with other edits. If it happens again, please report it.',
  ],
  worker_unavailable: ['deltaspace cannot edit', 'Run "deltaspace doctor" in a terminal and do what it says.'],
  internal_error: ['A defect of deltaspace'],
};

/** Words for anything thrown while editing. */
export function explainFailure(thrown: unknown): Failure {
  if (!(thrown instanceof ProtocolError)) {
    const explanation = thrown instanceof Error ? thrown.message : String(thrown);
    return { code: 'plugin_failed', title: 'The plugin could not do this', explanation, canRetry: true };
  }
  const [title = 'The edit failed', explanation = sentence(thrown.message)] = rows[thrown.code] ?? [];
  return { code: thrown.code, title, explanation, canRetry: thrown.retryable };
}

/** Whether nobody needs to be told: the user or a newer edit ended it. */
export function isQuiet({ code }: Failure): boolean {
  return code === 'cancelled' || code === 'superseded';
}

function sentence(message: string): string {
  const text = message.trim();
  const closed = /[.!?…]$/.test(text) ? text : `${text}.`;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
