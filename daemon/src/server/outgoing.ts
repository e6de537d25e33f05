/**
 * The other end: how the command line reaches a daemon. Here because only this folder knows `ws`.
 */
import { get } from 'node:http';
import {
  helloPath,
  parseHello,
  ProtocolError,
  socketPath,
  subprotocol,
  webSocketTransport,
  type Hello,
  type MessageSocket,
} from '@deltaspace/shared-protocol';
import WebSocket from 'ws';

/** Asks a port whether a deltaspace daemon is behind it. Undefined when not, or when it does not answer in time. */
export function probe(port: number, timeoutMs = 1000): Promise<Hello | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: helloPath, timeout: timeoutMs, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > 4096) request.destroy();
      });
      response.on('end', () => resolve(parseHello(body)));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}

/**
 * Opens an authenticated socket to a daemon on this machine.
 * @throws ProtocolError `connection_lost` with the daemon's own words when it refuses.
 */
export function openSocket(port: number, token: string): Promise<MessageSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${socketPath}`, [subprotocol], {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: 5000,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(webSocketTransport(socket)));
    socket.on('error', (cause) => {
      reject(new ProtocolError('connection_lost', `the daemon on port ${port} does not answer: ${cause.message}`));
    });
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      const why = response.statusCode === 401 ? 'it does not accept the token of this data folder' : 'it refused';
      reject(
        new ProtocolError('connection_lost', `the daemon on port ${port}: ${why} (HTTP ${response.statusCode ?? '?'})`),
      );
    });
  });
}
