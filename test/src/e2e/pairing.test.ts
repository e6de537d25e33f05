/** Pairing over the wire: codes, tokens, scopes, revoking, and what outlives a restart. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import {
  closeCodes,
  pairPath,
  protocolLimits,
  type MessageSocket,
  type MethodName,
  type Scope,
} from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { connectWith, enterCode, pairPlugin, post } from '../fakes/plugin.js';

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startScriptedDaemon(undefined, { manualClock: true });
});
afterAll(() => daemon.dispose());
beforeEach(() => daemon.advance(600_000));

const clientsFile = (): string => path.join(daemon.dataRoot, 'clients.json');

describe('a pairing code', () => {
  it('gives a client a token of its own and tells the user who came', async () => {
    const user = await daemon.connect();
    const { code, pairingId, expiresInMs } = await user.call('pairing.begin', {});
    expect([code, expiresInMs]).toEqual([expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/), 120_000]);
    const wait = user.call('pairing.wait', { pairingId });
    const { token, client } = await enterCode(
      daemon.port,
      code.toLowerCase().replace('-', ' '),
      'Figma plugin',
      'null',
    );
    await expect(wait).resolves.toEqual({ client });
    expect(client).toMatchObject({ name: 'Figma plugin', scopes: ['edit'] });
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await post(daemon.port, pairPath, { code, name: 'again' })).toMatchObject({
      status: 403,
      error: 'pairing_refused',
    });
    const refused = await post(daemon.port, pairPath, { code, name: 'again' }, { origin: 'null' });
    expect(refused.headers.get('access-control-expose-headers')).toBe('Retry-After');
    expect((await stat(clientsFile())).mode & 0o777).toBe(0o600);
    expect(await readFile(clientsFile(), 'utf8')).not.toContain(token);
    user.close();
  });

  it('is void after two minutes', async () => {
    const user = await daemon.connect();
    const { code, pairingId } = await user.call('pairing.begin', {});
    const wait = user.call('pairing.wait', { pairingId }).catch((error: unknown) => error);
    await daemon.advance(120_000);
    await expect(wait).resolves.toMatchObject({ code: 'pairing_expired' });
    expect(await post(daemon.port, pairPath, { code, name: 'late' })).toMatchObject({ error: 'pairing_refused' });
    user.close();
  });

  it('is taken back by cancelling, and by hanging up', async () => {
    const user = await daemon.connect();
    const first = await user.call('pairing.begin', {});
    const interrupt = new AbortController();
    const wait = user.call('pairing.wait', { pairingId: first.pairingId }, { signal: interrupt.signal });
    interrupt.abort();
    await expect(wait).rejects.toMatchObject({ code: 'cancelled' });
    const second = await user.call('pairing.begin', {});
    user.close();
    const other = await daemon.connect();
    await expect.poll(async () => (await other.call('server.status', {})).connections, { timeout: 10_000 }).toBe(1);
    for (const { code } of [first, second]) {
      expect(await post(daemon.port, pairPath, { code, name: 'late' })).toMatchObject({ error: 'pairing_refused' });
    }
    await expect(other.call('pairing.wait', { pairingId: second.pairingId })).rejects.toMatchObject({
      code: 'pairing_unknown',
    });
    other.close();
  });

  it('lets a named web origin in, and no other one', async () => {
    const user = await daemon.connect();
    const origin = 'https://studio.example';
    const before = await post(daemon.port, pairPath, { code: 'ABCD-EFGH', name: 'page' }, { origin });
    expect([before.status, before.error]).toEqual([403, 'wrong_origin']);
    expect(before.body).toContain(`deltaspace pair --origin ${origin}`);
    const { code } = await user.call('pairing.begin', { origin });
    expect(await post(daemon.port, pairPath, { code, name: 'frame' }, { origin: 'null' })).toMatchObject({
      status: 403,
    });
    expect((await enterCode(daemon.port, code, 'page', origin)).client).toMatchObject({ origin });
    user.close();
  });
});

describe('scopes', () => {
  const cases: [MethodName, object, Scope][] = [
    ['edit', {}, 'edit'],
    ['interpolate', {}, 'edit'],
    ['mix', {}, 'edit'],
    ['invert', {}, 'edit'],
    ['models.run', {}, 'models'],
    ['pairing.begin', {}, 'admin'],
    ['pairing.wait', {}, 'admin'],
    ['clients.list', {}, 'admin'],
    ['clients.revoke', {}, 'admin'],
    ['server.shutdown', {}, 'admin'],
  ];
  it.each(cases)(
    '%s is refused without its scope, before its parameters are looked at',
    async (method, params, scope) => {
      const others = (['edit', 'train', 'models', 'admin'] as const).filter((one) => one !== scope);
      const { token, client } = await pairPlugin(daemon, { scopes: others });
      const connected = await connectWith(daemon.port, token);
      await expect(connected.client.call(method, params as never)).rejects.toMatchObject({
        code: 'unauthorized_scope',
        details: { scope },
      });
      connected.client.close();
      const user = await daemon.connect();
      await user.call('clients.revoke', { id: client.id });
      user.close();
    },
  );

  it('let their methods through', async () => {
    const { token } = await pairPlugin(daemon, { scopes: ['edit'] });
    const { client } = await connectWith(daemon.port, token);
    await expect(client.call('server.status', {})).resolves.toHaveProperty('pid');
    await expect(client.call('models.list', {})).resolves.toHaveProperty('models');
    await expect(client.call('edit', {} as never)).rejects.toMatchObject({ code: 'invalid_params' });
    client.close();
  });
});

describe('revoking', () => {
  it('closes the client’s sockets at once, refuses its token, and leaves others alone', async () => {
    const [one, two] = [await pairPlugin(daemon, { name: 'one' }), await pairPlugin(daemon, { name: 'two' })];
    const first = await connectWith(daemon.port, one.token);
    const second = await connectWith(daemon.port, one.token);
    const other = await connectWith(daemon.port, two.token);
    const user = await daemon.connect();
    const { clients } = await user.call('clients.list', {});
    expect(clients.find(({ id }) => id === one.client.id)).toEqual({ ...one.client, connections: 2 });
    await expect(user.call('clients.revoke', { id: one.client.id })).resolves.toEqual({ client: one.client });
    await expect(Promise.all([first.closed, second.closed])).resolves.toEqual([
      closeCodes.accessRevoked.code,
      closeCodes.accessRevoked.code,
    ]);
    await expect(connectWith(daemon.port, one.token)).rejects.toThrow('401');
    await expect(other.client.call('server.status', {})).resolves.toHaveProperty('pid');
    await expect(user.call('clients.revoke', { id: one.client.id })).rejects.toMatchObject({ code: 'client_unknown' });
    for (const client of [other.client, user]) client.close();
  });
});

describe('a client that takes all connections', () => {
  it('leaves some to the user, who can revoke it', async () => {
    const greedy = await pairPlugin(daemon, { name: 'greedy' });
    const sockets: MessageSocket[] = [];
    let refusal: unknown;
    while (refusal === undefined && sockets.length <= protocolLimits.connections) {
      await openSocket(daemon.port, greedy.token).then(
        (socket) => sockets.push(socket),
        (error: unknown) => (refusal = error),
      );
    }
    expect(String(refusal)).toContain('503');
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) => socket.listen({ text: () => undefined, binary: () => undefined, closed: resolve })),
    );
    const user = await daemon.connect();
    await user.call('clients.revoke', { id: greedy.client.id });
    user.close();
    expect(new Set(await Promise.all(closed))).toEqual(new Set([closeCodes.accessRevoked.code]));
  });
});

describe('a restart', () => {
  it('keeps the clients, not the codes', async () => {
    const { token } = await pairPlugin(daemon, { name: 'before' });
    const user = await daemon.connect();
    const { code } = await user.call('pairing.begin', {});
    const gone = new Promise((resolve) => daemon.process.once('exit', resolve));
    daemon.process.kill('SIGTERM');
    await gone;
    daemon = await startScriptedDaemon(daemon.dataRoot, { manualClock: true });
    const { client } = await connectWith(daemon.port, token);
    client.close();
    expect(await post(daemon.port, pairPath, { code, name: 'late' })).toMatchObject({ error: 'pairing_refused' });
  });
});

describe('the log', () => {
  it('holds no texts that people typed', async () => {
    const user = await daemon.connect();
    const digest = await user.upload(new Uint8Array(16).fill(255));
    const image = { encoding: 'rgba8', digest, width: 2, height: 2 } as const;
    await user.call('edit', { image, targets: ['a very private wish'] });
    // A defect of the engine is logged with its stack; it must not bring the texts along.
    await expect(user.call('edit', { image, targets: ['fail', 'private too'] })).rejects.toThrow('defect');
    user.close();
    const log = await readFile(path.join(daemon.dataRoot, 'logs', 'daemon.log'), 'utf8');
    expect(log).toContain('job ended');
    expect(log).not.toContain('private');
  });
});
