/**
 * The states of the connection. Every one but `connected` has a problem that says why, in words to show.
 */
import type { DeltaClient, PackSummary } from '@deltaspace/shared-protocol';
import type { Problem } from './problems.js';

export type ConnectionState =
  /** Before `start` and after `close`. */
  | { readonly kind: 'off'; readonly problem: Problem }
  /** Ports are being asked. The problem is that of the last attempt, if there was one. */
  | { readonly kind: 'searching'; readonly problem: Problem }
  /** A daemon was found and the socket opens. */
  | { readonly kind: 'connecting'; readonly port: number; readonly problem: Problem }
  /** The daemon needs a code from the user: call `pair`. */
  | { readonly kind: 'unpaired'; readonly problem: Problem }
  /** A code is being tried. */
  | { readonly kind: 'pairing'; readonly problem: Problem }
  /** It did not work, and is tried again at `retryAtMs` of the platform's clock. */
  | { readonly kind: 'waiting'; readonly problem: Problem; readonly retryAtMs: number }
  | ConnectedState;

export interface ConnectedState {
  readonly kind: 'connected';
  readonly port: number;
  readonly client: DeltaClient;
  /** Empty while the daemon loads them; `notice` says so then. */
  readonly packs: readonly PackSummary[];
  /** What keeps the daemon from editing although it answers: `daemon_loading`, `no_packs`, `daemon_broken`. */
  readonly notice: Problem | undefined;
}
