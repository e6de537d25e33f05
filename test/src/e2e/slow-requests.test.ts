/** Peers that take their time on purpose. The daemon of these tests is less patient than others. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import { closeCodes, pairPath, socketPath } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { exchange, head, upgradeHeaders } from '../fakes/raw-http.js';

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startScriptedDaemon(undefined, { patience: { requestMs: 300, handshakeMs: 300 } });
});
afterAll(() => daemon.dispose());

const host = (): [string, string] => ['Host', `127.0.0.1:${daemon.port}`];

describe('a peer that does not get to the point', () => {
  it.each<[string, () => string]>([
    ['sends nothing', () => ''],
    ['sends half a line', () => 'GET /heal'],
    ['never ends its headers', () => head('GET /healthz HTTP/1.1', [host()]).slice(0, -2)],
    [
      'never ends the headers of an upgrade',
      () => head(`GET ${socketPath} HTTP/1.1`, [host(), ...upgradeHeaders]).slice(0, -2),
    ],
    [
      'never sends its body',
      () => head(`POST ${pairPath} HTTP/1.1`, [host(), ['Content-Type', 'application/json'], ['Content-Length', '9']]),
    ],
  ])('and %s is told so and let go', async (_name, bytes) => {
    expect(await exchange(daemon.port, bytes())).toMatchObject({ status: 408, error: 'request_timeout' });
  });

  it('and sends a header now and then is let go all the same', async () => {
    const socket = connect(daemon.port, '127.0.0.1');
    socket.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\n`);
    const drip = setInterval(() => socket.write('X: x\r\n'), 50);
    socket.on('error', () => undefined); // writing into a closed connection
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let heard = '';
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
    await closed;
    clearInterval(drip);
    expect(heard).toMatch(/^HTTP\/1.1 408 /);
  });

  it('and is silent after the upgrade is let go with a close code', async () => {
    const socket = await openSocket(daemon.port, daemon.token);
    const closed = new Promise<number>((resolve) =>
      socket.listen({ text: () => undefined, binary: () => undefined, closed: resolve }),
    );
    await expect(closed).resolves.toBe(closeCodes.handshakeTimeout.code);
  });

  it('and refuses to hang up after a refusal is cut off', async () => {
    const socket = connect({ port: daemon.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write(head(`GET ${socketPath} HTTP/1.1`, [host(), ...upgradeHeaders]));
    const drip = setInterval(() => socket.write('x'), 50);
    const cut = new Promise<string>((resolve) =>
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? '')),
    );
    socket.resume();
    expect(['ECONNRESET', 'EPIPE']).toContain(await cut);
    clearInterval(drip);
  });
});

describe('after all that', () => {
  it('the daemon is well', async () => {
    const client = await daemon.connect();
    await expect
      .poll(async () => await client.call('server.status', {}), { timeout: 10_000 })
      .toMatchObject({ connections: 1, worker: { restarts: 0 } });
    client.close();
  });
});
