/**
 * Opening the port: loopback only, IPv4 and IPv6 alike, the first free one of a list.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { daemonSettings } from '../config/settings.js';

const addresses = ['127.0.0.1', '::1'] as const;

/**
 * Listens on the first port of the list that is free on both loopback addresses. A machine without IPv6 is served on
 * IPv4 alone. Port 0 means any.
 * @throws Error naming the ports when all are taken.
 */
export async function listenOnLoopback(
  ports: readonly number[],
  handler: RequestListener,
): Promise<{ port: number; servers: Server[] }> {
  for (const wanted of ports) {
    const servers: Server[] = [];
    let port = wanted;
    try {
      for (const address of addresses) {
        const server = await tryListen(handler, address, port);
        if (server !== undefined) servers.push(server);
        port = portOf(servers[0]) ?? port;
      }
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

/** A listening server, or undefined when the machine does not have that address. */
function tryListen(handler: RequestListener, address: string, port: number): Promise<Server | undefined> {
  const server = createServer(
    { headersTimeout: daemonSettings.headersTimeoutMs, keepAliveTimeout: daemonSettings.keepAliveTimeoutMs },
    handler,
  );
  server.maxConnections = daemonSettings.httpConnections;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(undefined);
      else reject(error);
    });
    server.listen({ host: address, port, exclusive: true, ipv6Only: address === '::1' }, () => resolve(server));
  });
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
