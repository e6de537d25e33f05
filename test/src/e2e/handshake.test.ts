/** What a stranger, and then a clumsy client, gets from a real daemon: HTTP, the upgrade, the first messages. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import { closeCodes, protocolLimits, type MessageSocket } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startScriptedDaemon();
});
afterAll(() => daemon.dispose());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One HTTP exchange; a granted upgrade counts as status 101. */
function ask(pathname: string, headers: Record<string, string | string[]> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: daemon.port, path: pathname, method, headers },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' });
    });
    request.on('error', reject);
    request.end();
  });
}

/** An upgrade request that would be granted, with some headers changed. Undefined leaves one out. */
function upgrade(changes: Record<string, string | undefined> = {}, pathname = '/v1/socket'): Promise<Answer> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
    'sec-websocket-protocol': 'delta.v1',
    authorization: `Bearer ${daemon.token}`,
    ...changes,
  };
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return ask(pathname, Object.fromEntries(given));
}

describe('HTTP', () => {
  it('says that it is alive', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });

  it('introduces itself to every origin, without secrets', async () => {
    const { status, headers, body } = await ask('/v1/hello', { origin: 'https://www.figma.com' });
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(JSON.parse(body)).toMatchObject({ product: 'deltaspace', subprotocol: 'delta.v1', needsToken: true });
    expect(body).not.toContain(daemon.token);
    expect(body).not.toContain(daemon.dataRoot);
  });

  it('answers the preflight that browsers send before reaching a local address', async () => {
    const { status, headers } = await ask('/v1/hello', { origin: 'https://www.figma.com' }, 'OPTIONS');
    expect(status).toBe(204);
    expect(headers['access-control-allow-private-network']).toBe('true');
  });

  it.each(['/healthz', '/v1/hello', '/nothing'])('refuses %s under a foreign Host', async (pathname) => {
    const { status, body, headers } = await ask(pathname, { host: `evil.com:${daemon.port}` });
    expect(status).toBe(421);
    expect(body).toContain('wrong_host');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('has nothing anywhere else', async () => {
    expect((await ask('/')).status).toBe(404);
  });
});

describe('the upgrade', () => {
  it('is granted with token and subprotocol', async () => {
    const { status, headers } = await upgrade();
    expect(status).toBe(101);
    expect(headers['sec-websocket-protocol']).toBe('delta.v1');
  });

  it.each([
    ['no token', { authorization: undefined }, 401],
    ['an empty token', { authorization: 'Bearer ' }, 401],
    ['a wrong token', { authorization: `Bearer ${'A'.repeat(43)}` }, 401],
    ['the token under another scheme', { authorization: 'Basic abc' }, 401],
    ['a foreign Host', { host: 'evil.com' }, 421],
    ['a foreign Host that looks local', { host: '127.0.0.1.nip.io' }, 421],
    ['a web page of another site', { origin: 'https://evil.com' }, 403],
    ['no subprotocol', { 'sec-websocket-protocol': undefined }, 400],
    ['another subprotocol', { 'sec-websocket-protocol': 'chat, delta.v2' }, 400],
  ])('is refused with %s', async (_name, changes, status) => {
    const answer = await upgrade(changes);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain(daemon.token);
  });

  it('is refused elsewhere, and with the token in the address', async () => {
    expect((await upgrade({}, '/')).status).toBe(404);
    expect((await upgrade({ authorization: undefined }, `/v1/socket?token=${daemon.token}`)).status).toBe(404);
  });

  it('is refused to the origin of a sandboxed frame, also with the user’s token', async () => {
    expect((await upgrade({ origin: 'null', authorization: undefined })).status).toBe(401);
    expect((await upgrade({ origin: 'null' })).status).toBe(403);
  });
});

/** A raw authenticated socket, what it hears, and how it ends. */
async function raw(): Promise<{ socket: MessageSocket; heard: string[]; closed: Promise<number> }> {
  const socket = await openSocket(daemon.port, daemon.token);
  const heard: string[] = [];
  const closed = new Promise<number>((resolve) =>
    socket.listen({ text: (text) => heard.push(text), binary: () => undefined, closed: resolve }),
  );
  return { socket, heard, closed };
}

function initializeText(protocol: { minimum: number; maximum: number }): string {
  const params = { protocol, client: { name: 'raw', version: '0' } };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
}

describe('the first message', () => {
  it.each([
    ['another method', '{"jsonrpc":"2.0","id":1,"method":"server.status"}', closeCodes.notInitialized.code],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"nothing"}', closeCodes.notInitialized.code],
    ['no JSON', 'hello', closeCodes.protocolViolation.code],
    ['a batch', '[]', closeCodes.protocolViolation.code],
    ['more text than allowed', 'x'.repeat(protocolLimits.requestCharacters + 1), closeCodes.messageTooBig.code],
  ])('must not be %s', async (_name, text, code) => {
    const { socket, closed } = await raw();
    socket.sendText(text);
    await expect(closed).resolves.toBe(code);
  });

  it('must not be a binary frame', async () => {
    const { socket, closed } = await raw();
    socket.sendBinary(Uint8Array.of(1, 1, 0, 0, 2, 0, 0, 0, 0x7b, 0x7d, 0, 0, 0, 0, 0, 0, 1));
    await expect(closed).resolves.toBe(closeCodes.protocolViolation.code);
  });

  it('must not exceed what a message may have', async () => {
    const { socket, closed } = await raw();
    socket.sendBinary(new Uint8Array(protocolLimits.messageBytes + 1));
    await expect(closed).resolves.toBe(closeCodes.messageTooBig.code);
  });

  it('must not be initialize twice', async () => {
    const { socket, closed } = await raw();
    const text = initializeText({ minimum: 1, maximum: 1 });
    socket.sendText(text);
    socket.sendText(text.replace('"id":1', '"id":2'));
    await expect(closed).resolves.toBe(closeCodes.notInitialized.code);
  });

  it('must have a protocol number in common with the daemon', async () => {
    const { socket, heard, closed } = await raw();
    socket.sendText(initializeText({ minimum: 7, maximum: 9 }));
    await expect(closed).resolves.toBe(closeCodes.unsupportedProtocol.code);
    expect(JSON.parse(heard[0] ?? '')).toMatchObject({ error: { data: { code: 'unsupported_protocol' } } });
  });

  it('gets the limits, capabilities and packs', async () => {
    const client = await daemon.connect();
    expect(client.session).toMatchObject({ protocol: 1, server: { name: 'deltaspace' }, limits: protocolLimits });
    client.close();
  });
});

describe('after all that', () => {
  it('the daemon is well, its files are private, and its log holds no token', async () => {
    const client = await daemon.connect();
    // The sockets of the tests above are closed on this side; the daemon sees the last one a moment later.
    await vi.waitFor(
      async () => expect(await client.call('server.status', {})).toMatchObject({ connections: 1 }),
      10_000,
    );
    client.close();
    expect((await stat(path.join(daemon.dataRoot, 'token'))).mode & 0o777).toBe(0o600);
    const log = await readFile(path.join(daemon.dataRoot, 'logs', 'daemon.log'), 'utf8');
    expect(log).toContain('upgrade refused');
    expect(log).not.toContain(daemon.token);
  });
});
