/**
 * The daemon's listener: HTTP routes and WebSocket connections on one loopback port.
 *
 * Owns sockets and connections; knows nothing of jobs beyond handing `Services` to each connection. This folder is the
 * only importer of `ws` and `express`.
 */
import { protocolLimits, webSocketTransport } from '@deltaspace/shared-protocol';
import type { WebSocket } from 'ws';
import { daemonSettings } from '../config/settings.js';
import { Connection } from './connection.js';
import { createHttpRoutes } from './http-routes.js';
import { listenOnLoopback } from './listen.js';
import type { Services } from './services.js';
import { createUpgrade } from './upgrade.js';

export interface ServerOptions {
  readonly ports: readonly number[];
  readonly token: string;
  readonly instance: string;
  /** Called when a connection opened or closed, with how many there are now. */
  readonly onConnections?: (count: number) => void;
}

export interface RunningServer {
  readonly port: number;
  readonly connections: () => number;
  /** Says goodbye to all clients and closes the port. */
  close(): Promise<void>;
}

/** Time for the peers to answer the close frame before their sockets are cut. */
const farewellMs = 500;

export async function startServer(services: Services, options: ServerOptions): Promise<RunningServer> {
  let port = 0;
  const connections = new Set<Connection>();
  const { handle, sockets } = createUpgrade({
    token: options.token,
    port: () => port,
    refused: (status, reason) => services.log.warn({ status, reason }, 'upgrade refused'),
    accepted: (socket) => {
      keepAlive(socket);
      const connection = new Connection(guardText(socket), services, () => {
        connections.delete(connection);
        options.onConnections?.(connections.size);
      });
      connections.add(connection);
      options.onConnections?.(connections.size);
    },
  });
  const listening = await listenOnLoopback(
    options.ports,
    createHttpRoutes({ port: () => port, instance: options.instance }),
  );
  port = listening.port;
  for (const server of listening.servers) server.on('upgrade', handle);

  return {
    port,
    connections: () => connections.size,
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
