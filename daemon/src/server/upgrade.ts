/**
 * From HTTP to WebSocket: every check that a stranger meets happens here, before a socket exists.
 *
 * Order: Host, Origin, path, token, subprotocol, number of connections. Only then is the upgrade done, so that no frame
 * of an unauthenticated peer is ever parsed.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { protocolLimits, socketPath, subprotocol } from '@deltaspace/shared-protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import { tokensMatch } from '../config/token.js';
import { isHostAllowed, isOriginAllowed } from './host-check.js';
import { wrongHostMessage } from './http-routes.js';

export interface UpgradeParts {
  readonly token: string;
  readonly port: () => number;
  readonly refused: (status: number, reason: string) => void;
  readonly accepted: (socket: WebSocket) => void;
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly message: string;
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
  503: 'Service Unavailable',
};

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
    handleProtocols: () => subprotocol,
  });
  const handle = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const refusal = findRefusal(request, parts, sockets.clients.size);
    if (refusal !== undefined) {
      parts.refused(refusal.status, refusal.error);
      refuse(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, parts.accepted);
  };
  return { handle, sockets };
}

function findRefusal(request: IncomingMessage, parts: UpgradeParts, connections: number): Refusal | undefined {
  if (!isHostAllowed(request, parts.port())) return { status: 421, error: 'wrong_host', message: wrongHostMessage };
  if (!isOriginAllowed(request, parts.port())) {
    return { status: 403, error: 'wrong_origin', message: 'Web pages of other sites may not use the daemon.' };
  }
  if (request.url !== socketPath) {
    return { status: 404, error: 'not_found', message: `The WebSocket endpoint is ${socketPath}, without a query.` };
  }
  if (!hasToken(request, parts.token)) {
    const message = 'Send "Authorization: Bearer TOKEN" with the token from the file "token" in the data folder.';
    return { status: 401, error: 'unauthorized', message };
  }
  if (!offersSubprotocol(request)) {
    return { status: 400, error: 'wrong_subprotocol', message: `Offer the WebSocket subprotocol ${subprotocol}.` };
  }
  if (connections >= protocolLimits.connections) {
    return { status: 503, error: 'too_many_connections', message: 'Close another connection first.' };
  }
  return undefined;
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const match = /^Bearer ([A-Za-z0-9_-]{1,128})$/.exec(request.headers.authorization ?? '');
  return tokensMatch(match?.[1] ?? '', token);
}

function offersSubprotocol(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === subprotocol);
}

function refuse(socket: Duplex, refusal: Refusal): void {
  const body = JSON.stringify({ error: refusal.error, message: refusal.message });
  socket.on('error', () => undefined); // The stranger may hang up first; nothing is lost.
  socket.end(
    `HTTP/1.1 ${refusal.status} ${statusTexts[refusal.status] ?? ''}\r\n` +
      (refusal.status === 401 ? 'WWW-Authenticate: Bearer\r\n' : '') +
      'Content-Type: application/json\r\nConnection: close\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
