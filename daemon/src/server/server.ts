/**
 * The daemon's listener: HTTP routes and WebSocket connections on one port.
 *
 * Owns sockets and connections; knows nothing of jobs beyond handing `Services` to each connection. This folder is the
 * only importer of `ws` and `express`.
 */
import {
  protocolLimits,
  webSocketTransport,
  type NotificationName,
  type NotificationParams,
} from '@deltaspace/shared-protocol';
import type { WebSocket } from 'ws';
import { RateLimit, systemClock } from '../access/index.js';
import type { OutsideAddress } from '../config/outside-listening.js';
import { daemonSettings } from '../config/settings.js';
import { Connection } from './connection.js';
import { Gate } from './gate.js';
import { ownNames } from './host-check.js';
import { createHttpRoutes } from './http-routes.js';
import { listen } from './listen.js';
import type { HttpRefusal } from './refusal.js';
import type { Services } from './services.js';
import { createUpgrade } from './upgrade.js';

export interface ServerOptions {
  readonly ports: readonly number[];
  readonly instance: string;
  /** An address besides loopback. */
  readonly outside?: OutsideAddress;
  readonly patience?: Patience;
  /** Sockets at most, for measurements; `protocolLimits.connections` when left out. */
  readonly connections?: number;
  /** Called when a connection opened or closed, with how many there are now. */
  readonly onConnections?: (count: number) => void;
}

/** How long strangers may take; tests are in more of a hurry than the defaults. */
export interface Patience {
  /** Until a request has come in. */
  readonly requestMs: number;
  /** From the upgrade to `initialize`. */
  readonly handshakeMs: number;
}

export interface RunningServer {
  readonly port: number;
  readonly connections: () => number;
  /** Notifies every connection that is initialized. */
  tellAll<Name extends NotificationName>(name: Name, params: NotificationParams<Name>): void;
  /** Says goodbye to all clients and closes the port. */
  close(): Promise<void>;
}

/** Time for the peers to answer the close frame before their sockets are cut. */
const farewellMs = 500;

export async function startServer(services: Services, options: ServerOptions): Promise<RunningServer> {
  let port = 0;
  const connections = new Connections();
  const { patience, outside } = options;
  const { access } = services;
  const gate = new Gate(access, () => ownNames(port, outside));
  const { handle, sockets } = createUpgrade({
    gate,
    connections: options.connections ?? protocolLimits.connections,
    refused: noteRefusals(services, 'upgrade refused'),
    accepted: (socket, identity) => {
      keepAlive(socket);
      const connection = new Connection(guardText(socket), {
        services,
        identity,
        connectionsOf: (clientId) => connections.of(clientId).length,
        handshakeMs: patience?.handshakeMs ?? protocolLimits.handshakeMs,
        onClosed: () => {
          connections.delete(connection);
          options.onConnections?.(connections.size);
        },
        cut: () => socket.terminate(),
      });
      connections.add(connection);
      options.onConnections?.(connections.size);
    },
  });
  access.onRevoked((clientId) => {
    for (const connection of connections.of(clientId)) connection.revoke();
  });
  const listening = await listen({
    ports: options.ports,
    handler: createHttpRoutes({
      gate,
      access,
      operation: services.operation,
      instance: options.instance,
      refused: noteRefusals(services, 'request refused'),
      defect: (err) => services.log.error({ err }, 'request hit a defect'),
    }),
    ...(outside === undefined ? {} : { outside }),
    ...(patience === undefined ? {} : { requestMs: patience.requestMs }),
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  });
  port = listening.port;
  for (const server of listening.servers) server.on('upgrade', handle);

  return {
    port,
    connections: () => connections.size,
    tellAll(name, params) {
      for (const connection of connections) connection.tell(name, params);
    },
    async close() {
      const closed = listening.servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      for (const connection of connections) connection.leave();
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        for (const server of listening.servers) server.closeAllConnections();
      }, farewellMs);
      for (const server of listening.servers) server.closeIdleConnections();
      await Promise.all(closed);
      clearTimeout(cut);
    },
  };
}

class Connections extends Set<Connection> {
  /** Those of one paired client. */
  of(clientId: string): Connection[] {
    return [...this].filter(({ identity }) => identity.kind === 'client' && identity.id === clientId);
  }
}

/** Logs the code of a refusal, never what was sent; and no more lines than fit, whoever knocks how often. */
function noteRefusals({ log, operation }: Services, message: string): (refusal: HttpRefusal) => void {
  const lines = new RateLimit(daemonSettings.refusalsLogged, systemClock);
  return ({ status, code }) => {
    operation.metrics.refused(code);
    if (lines.spend()) log.warn({ status, reason: code }, message);
  };
}

/** The transport of a socket, closed when a text exceeds its limit (ws itself only bounds whole messages). */
function guardText(socket: WebSocket): ReturnType<typeof webSocketTransport> {
  const transport = webSocketTransport(socket);
  return {
    ...transport,
    get bufferedBytes() {
      return transport.bufferedBytes;
    },
    listen(listener) {
      transport.listen({
        ...listener,
        text: (text) => {
          if (text.length <= protocolLimits.requestCharacters) listener.text(text);
          else socket.close(1009, `text above ${protocolLimits.requestCharacters} characters`);
        },
      });
    },
  };
}

/** Pings; a peer that missed a whole interval is cut. Errors of the socket end it too: 'close' follows. */
function keepAlive(socket: WebSocket): void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  socket.on('error', () => socket.terminate());
  const timer = setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, daemonSettings.pingIntervalMs);
  socket.on('close', () => clearInterval(timer));
}
