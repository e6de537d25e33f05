/**
 * What editing needs of the connection: a client now or soon. `Connection` fits; tests pass their own.
 */
import type { CancelSignal, DeltaClient } from '@deltaspace/shared-protocol';
import type { Platform } from '../platform.js';

/** The part of the client that edits use. */
export type EditingClient = Pick<DeltaClient, 'call' | 'upload' | 'download' | 'session'>;

export interface DaemonLink {
  /** @throws ProtocolError `connection_lost` when there is none in time, `cancelled`. */
  whenConnected(signal?: CancelSignal): Promise<EditingClient>;
}

/** The part of the platform that edits use. */
export type EditingPlatform = Pick<Platform, 'after' | 'nowMs' | 'randomId'>;
