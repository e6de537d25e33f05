/**
 * Opening the port: loopback, IPv4 and IPv6 alike, and one outside address if the user asked for it; the first port of a
 * list that is free on all of them.
 */
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { daemonSettings } from '../config/settings.js';
import type { OutsideAddress } from '../config/outside-listening.js';
import { HttpRefusal, refuseOnSocket } from './refusal.js';

const loopback = ['127.0.0.1', '::1'] as const;

export interface ListenOptions {
  readonly ports: readonly number[];
  readonly handler: RequestListener;
  readonly outside?: OutsideAddress;
  /** Longest time for a request to come in; the settings' own when left out. */
  readonly requestMs?: number;
  /** Connections per address; the settings' own when left out. */
  readonly connections?: number;
}

/**
 * Listens on the first port of the list that is free on every address. A machine without IPv6 is served on IPv4 alone.
 * Port 0 means any.
 * @throws Error naming the ports when all are taken, or the outside address when the machine does not have it.
 */
export async function listen(options: ListenOptions): Promise<{ port: number; servers: Server[] }> {
  const { ports, outside } = options;
  for (const wanted of ports) {
    const servers: Server[] = [];
    let port = wanted;
    try {
      for (const address of loopback) {
        const server = await tryListen(createHardServer(options), address, port);
        if (server !== undefined) servers.push(server);
        port = portOf(servers[0]) ?? port;
      }
      if (outside !== undefined) servers.push(await listenOutside(options, outside, port));
      if (servers.length > 0) return { port, servers };
    } catch (error) {
      for (const server of servers) server.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(
    `port ${ports.join(', ')} ${ports.length === 1 ? 'is' : 'are all'} in use by other programs; ` +
      'choose another with --port',
  );
}

async function listenOutside(options: ListenOptions, outside: OutsideAddress, port: number): Promise<Server> {
  const server = await tryListen(createHardServer(options, outside.tls), outside.address, port);
  if (server === undefined) throw new Error(`--listen: this machine does not have the address ${outside.address}`);
  return server;
}

/** A server that listens there and nowhere else, or undefined when the machine does not have that address. */
function tryListen(server: Server, address: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(undefined);
      else reject(error);
    });
    server.listen({ host: address, port, exclusive: true, ipv6Only: address.includes(':') }, () => resolve(server));
  });
}

/** A server whose every request is bounded in time and size. @throws Error for a certificate that cannot be used. */
function createHardServer({ handler, requestMs, connections }: ListenOptions, tls?: OutsideAddress['tls']): Server {
  const bounds: ServerOptions = {
    headersTimeout: requestMs ?? daemonSettings.headersTimeoutMs,
    requestTimeout: requestMs ?? daemonSettings.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestMs ?? Infinity, daemonSettings.connectionsCheckMs),
    keepAliveTimeout: daemonSettings.keepAliveTimeoutMs,
    maxHeaderSize: daemonSettings.httpHeaderBytes,
    requireHostHeader: false, // The gate answers that, the same way for a missing Host as for a wrong one.
  };
  const server =
    tls === undefined
      ? createServer(bounds, handler)
      : createTlsServer({ ...bounds, ...tls, handshakeTimeout: bounds.headersTimeout }, handler);
  server.maxConnections = connections ?? daemonSettings.httpConnections;
  server.maxHeadersCount = daemonSettings.httpHeaders + 1; // One more than allowed, so that the gate sees the excess.
  server.on('clientError', refuseUnreadable());
  return server;
}

/** Answers what Node's parser refuses. It complains again for every further piece; one answer is enough. */
function refuseUnreadable(): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  const answered = new WeakSet<Duplex>();
  return (error, socket) => {
    if (answered.has(socket)) return;
    answered.add(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuseOnSocket(socket, explainParserError(error));
  };
}

function explainParserError({ code }: NodeJS.ErrnoException): HttpRefusal {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HttpRefusal('headers_too_large', `A head may have ${daemonSettings.httpHeaderBytes} bytes at most.`);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new HttpRefusal('request_timeout', 'The request did not come in time.');
  return new HttpRefusal('bad_request', 'The request cannot be read.');
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
