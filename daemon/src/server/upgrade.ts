/**
 * From HTTP to WebSocket: every check that a stranger meets happens here, before a socket exists.
 *
 * Order: head, Host, Origin, path, version of HTTP, credentials, subprotocol, number of connections. Only then is the upgrade
 * done, so that no frame of an unauthenticated peer is ever parsed.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { protocolLimits, socketPath, subprotocol } from '@deltaspace/shared-protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Identity } from '../access/index.js';
import { daemonSettings } from '../config/settings.js';
import { offeredProtocols, type Gate } from './gate.js';
import { HttpRefusal, refuseOnSocket } from './refusal.js';

export interface UpgradeParts {
  readonly gate: Gate;
  /** Sockets at most. */
  readonly connections: number;
  readonly refused: (refusal: HttpRefusal) => void;
  readonly accepted: (socket: WebSocket, identity: Identity) => void;
}

/** The handler for an HTTP server's 'upgrade' event, and the ws server behind it. */
export function createUpgrade(parts: UpgradeParts): {
  handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  sockets: WebSocketServer;
} {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: protocolLimits.messageBytes,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: () => subprotocol, // Never the ticket: the answer would repeat it.
  });
  const handle = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    let identity: Identity;
    try {
      identity = admit(request, parts, sockets.clients.size);
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      parts.refused(error);
      refuseOnSocket(socket, error);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => parts.accepted(webSocket, identity));
  };
  return { handle, sockets };
}

/** Who may upgrade. @throws HttpRefusal. */
function admit(request: IncomingMessage, { gate, connections: most }: UpgradeParts, connections: number): Identity {
  gate.admitHead(request);
  const origin = gate.admitOrigin(request);
  if (request.url !== socketPath) {
    throw new HttpRefusal('not_found', `The WebSocket endpoint is ${socketPath}, without a query.`);
  }
  if (request.httpVersion !== '1.1') throw new HttpRefusal('wrong_http_version', 'An upgrade needs HTTP/1.1.');
  const identity = gate.identifyUpgrade(request, origin);
  if (!offeredProtocols(request).includes(subprotocol)) {
    throw new HttpRefusal('wrong_subprotocol', `Offer the WebSocket subprotocol ${subprotocol}.`);
  }
  const reserved = identity.kind === 'user' ? 0 : daemonSettings.connectionsForUser;
  if (connections >= most - reserved) {
    throw new HttpRefusal('too_many_connections', 'Close another connection first.');
  }
  return identity;
}
