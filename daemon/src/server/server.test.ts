import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isHostAllowed, originOf, ownNames } from './host-check.js';
import { listen } from './listen.js';

const names = ownNames(7411);
const withHeaders = (...rawHeaders: string[]): IncomingMessage => ({ rawHeaders }) as unknown as IncomingMessage;

describe('the Host check', () => {
  it.each(['127.0.0.1:7411', 'localhost:7411', 'LOCALHOST:7411', '[::1]:7411'])('lets %s in', (host) => {
    expect(isHostAllowed(withHeaders('Host', host), names)).toBe(true);
  });

  it.each([
    'evil.com',
    'evil.com:7411',
    '127.0.0.1.nip.io:7411',
    'localhost.:7411',
    'localhost',
    '127.0.0.1',
    '127.0.0.1:7412',
    '0.0.0.0:7411',
    '2130706433:7411',
    '[::ffff:127.0.0.1]:7411',
    '::1:7411',
    '',
  ])('keeps %j out', (host) => {
    expect(isHostAllowed(withHeaders('Host', host), names)).toBe(false);
  });

  it('lets the bare name in on port 80 only, where clients leave the port out', () => {
    expect(isHostAllowed(withHeaders('Host', '127.0.0.1'), ownNames(80))).toBe(true);
    expect(isHostAllowed(withHeaders('Host', 'evil.com'), ownNames(80))).toBe(false);
    expect(originOf(withHeaders('Origin', 'http://localhost'), ownNames(80))).toEqual({ kind: 'own' });
    expect(originOf(withHeaders('Origin', 'http://localhost'), names)).toMatchObject({ kind: 'other' });
  });

  it('keeps out a request without Host and one with two', () => {
    expect(isHostAllowed(withHeaders(), names)).toBe(false);
    expect(isHostAllowed(withHeaders('host', 'localhost:7411', 'HOST', 'localhost:7411'), names)).toBe(false);
  });

  it('lets the names of an outside address in, with the scheme that it is served by', () => {
    const tls = { cert: Buffer.of(), key: Buffer.of() };
    const far = ownNames(7411, { address: 'fd00::7', names: ['studio.lan'], tls });
    for (const host of ['[fd00::7]:7411', 'Studio.lan:7411', 'localhost:7411']) {
      expect(isHostAllowed(withHeaders('Host', host), far)).toBe(true);
    }
    expect(isHostAllowed(withHeaders('Host', 'studio.lan.evil.com:7411'), far)).toBe(false);
    expect(originOf(withHeaders('Origin', 'https://studio.lan:7411'), far)).toEqual({ kind: 'own' });
    expect(originOf(withHeaders('Origin', 'http://studio.lan:7411'), far)).toMatchObject({ kind: 'other' });
  });
});

describe('the Origin', () => {
  it('is none for native programs and own for pages of the daemon', () => {
    expect(originOf(withHeaders(), names)).toEqual({ kind: 'none' });
    expect(originOf(withHeaders('Origin', 'http://localhost:7411'), names)).toEqual({ kind: 'own' });
  });

  it.each([
    'null',
    'file://',
    '',
    'https://evil.com',
    'https://figma.com.evil.com',
    'http://localhost:3000',
    'https://localhost:7411',
    'HTTP://LOCALHOST:7411',
    'http://localhost:7411/',
  ])('%j is another one', (text) => {
    expect(originOf(withHeaders('Origin', text), names)).toEqual({ kind: 'other', text });
  });

  it('does not exist when there are two', () => {
    expect(originOf(withHeaders('Origin', 'null', 'Origin', 'null'), names)).toBeUndefined();
  });
});

describe('the port', () => {
  it('is the first of the list that is free', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const taken = (blocker.address() as { port: number }).port;
    const { port, servers } = await listen({ ports: [taken, 0], handler: () => undefined });
    expect(port).not.toBe(taken);
    await expect(listen({ ports: [taken], handler: () => undefined })).rejects.toThrow(`port ${taken} is in use`);
    for (const server of [...servers, blocker]) server.close();
  });

  it('is open on loopback addresses only', async () => {
    const { servers } = await listen({ ports: [0], handler: () => undefined });
    const addresses = servers.map((server) => (server.address() as { address: string }).address);
    expect(['127.0.0.1', '::1']).toEqual(expect.arrayContaining(addresses));
    for (const server of servers) server.close();
  });

  it('is not opened at all when the machine does not have the address that was asked for', async () => {
    const outside = { address: '192.0.2.1', names: [], tls: undefined }; // reserved for documentation
    await expect(listen({ ports: [0], handler: () => undefined, outside })).rejects.toThrow(
      'does not have the address',
    );
  });
});
