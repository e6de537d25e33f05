import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PairedClient } from '@deltaspace/shared-protocol';
import { daemonSettings } from '../config/settings.js';
import { Access } from './access.js';
import { mayComeFrom, type Identity, type RequestOrigin } from './identity.js';
import { fingerprint, systemRandom } from './secrets.js';
import { ManualClock } from './testing/manual-clock.js';

const userToken = 'U'.repeat(43);
const none: RequestOrigin = { kind: 'none' };

let folder: string;
let clientsFile: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-access-'));
  clientsFile = path.join(folder, 'clients.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): Promise<Access> =>
  Access.open({ userToken, clientsFile, clock: new ManualClock(), random: systemRandom });

async function pair(
  access: Access,
  name = 'plugin',
  origin?: string,
): Promise<{ token: string; client: PairedClient }> {
  const { code } = access.offerPairing({ scopes: ['edit'], origin });
  const paired = await access.pair(code, name, origin === undefined ? none : { kind: 'other', text: origin });
  if (paired === undefined) throw new Error('expected the code to fit');
  return paired;
}

describe('a token', () => {
  it('is the user’s, a paired client’s, or nobody’s', async () => {
    const access = await open();
    const { token, client } = await pair(access);
    expect(access.identify(userToken)).toEqual({ kind: 'user' });
    expect(access.identify(token)).toEqual({ kind: 'client', id: client.id, scopes: ['edit'], origin: undefined });
    for (const wrong of ['', 'U', token.slice(1), token.toUpperCase(), fingerprint(token)]) {
      expect(access.identify(wrong)).toBeUndefined();
    }
  });

  it('outlives the daemon, as a hash in a private file', async () => {
    const { token, client } = await pair(await open());
    const text = await readFile(clientsFile, 'utf8');
    expect(text).not.toContain(token);
    expect(text).toContain(fingerprint(token));
    expect((await stat(clientsFile)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['clients.json']);
    expect((await open()).identify(token)).toMatchObject({ id: client.id });
  });

  it('is void once revoked, here and after a restart, with its tickets', async () => {
    const access = await open();
    const [one, two] = [await pair(access, 'one'), await pair(access, 'two')];
    const identity = access.identify(one.token) as Identity;
    const ticket = access.tickets.issue(identity, none)?.ticket ?? '';
    const heard: string[] = [];
    access.onRevoked((id) => heard.push(id));
    await expect(access.revoke(one.client.id)).resolves.toEqual(one.client);
    expect(heard).toEqual([one.client.id]);
    expect(access.tickets.redeem(ticket, none)).toBeUndefined();
    for (const opened of [access, await open()]) {
      expect(opened.identify(one.token)).toBeUndefined();
      expect(opened.identify(two.token)).toMatchObject({ id: two.client.id });
    }
    await expect(access.revoke(one.client.id)).rejects.toMatchObject({ code: 'client_unknown' });
  });
});

describe('clients', () => {
  it('that pair at once are all kept', async () => {
    const access = await open();
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => pair(access, name)));
    expect((await open()).clients().map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are limited in number, codes that are open included', async () => {
    const access = await open();
    for (let i = 1; i < daemonSettings.pairedClients; i++) await pair(access);
    const last = access.offerPairing({ scopes: ['edit'], origin: undefined });
    const tooMany = (): unknown => access.offerPairing({ scopes: ['edit'], origin: undefined });
    expect(tooMany).toThrow(expect.objectContaining({ code: 'too_many_clients' }) as Error);
    await access.pair(last.code, 'last', none);
    expect(tooMany).toThrow(expect.objectContaining({ code: 'too_many_clients' }) as Error);
  });

  it.each(['', '{', '[]', '{"version":2,"clients":[]}', '{"version":1,"clients":[{"id":"a"}]}'])(
    'are not guessed from a damaged file: %j',
    async (text) => {
      await writeFile(clientsFile, text);
      await expect(open()).rejects.toThrow(/does not hold the list of paired clients/);
    },
  );

  it('are not handed a token when they cannot be written down', async () => {
    const access = await open();
    const { code, outcome } = access.offerPairing({ scopes: ['edit'], origin: undefined });
    await rm(folder, { recursive: true });
    await expect(access.pair(code, 'plugin', none)).rejects.toThrow('ENOENT');
    await expect(outcome).rejects.toMatchObject({ code: 'internal_error' });
    expect(access.clients()).toEqual([]);
  });

  it('lose a mode of their file that lets others read it', async () => {
    const access = await open();
    await pair(access);
    await chmod(clientsFile, 0o644);
    await pair(access);
    expect((await stat(clientsFile)).mode & 0o777).toBe(0o600);
  });
});

describe('an origin', () => {
  it('is known while a code or a client lets it in', async () => {
    const access = await open();
    const origin = 'https://example.com';
    expect([access.knowsOrigin('null'), access.knowsOrigin(origin)]).toEqual([true, false]);
    const offer = access.offerPairing({ scopes: ['edit'], origin });
    expect(access.knowsOrigin(origin)).toBe(true);
    access.withdrawPairing(offer.id);
    expect(access.knowsOrigin(origin)).toBe(false);
    const { client } = await pair(access, 'page', origin);
    expect(access.knowsOrigin(origin)).toBe(true);
    await access.revoke(client.id);
    expect(access.knowsOrigin(origin)).toBe(false);
  });

  const user: Identity = { kind: 'user' };
  const plugin: Identity = { kind: 'client', id: 'a', scopes: ['edit'], origin: undefined };
  const page: Identity = { ...plugin, origin: 'https://example.com' };
  it.each<[string, RequestOrigin, Identity, boolean]>([
    ['none', none, user, true],
    ['none', none, plugin, true],
    ['the daemon’s own', { kind: 'own' }, user, true],
    ['an opaque one', { kind: 'other', text: 'null' }, user, false],
    ['an opaque one', { kind: 'other', text: 'null' }, plugin, true],
    ['a web page’s', { kind: 'other', text: 'https://example.com' }, user, false],
    ['a web page’s', { kind: 'other', text: 'https://example.com' }, plugin, false],
    ['a web page’s', { kind: 'other', text: 'https://example.com' }, page, true],
    ['another web page’s', { kind: 'other', text: 'https://example.com.evil.com' }, page, false],
  ])('%s fits whom it was granted to', (_name, origin, identity, fits) => {
    expect(mayComeFrom(identity, origin)).toBe(fits);
  });
});
