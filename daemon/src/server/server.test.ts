import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isHostAllowed, isOriginAllowed } from './host-check.js';
import { listenOnLoopback } from './listen.js';

const withHeaders = (...rawHeaders: string[]): IncomingMessage => ({ rawHeaders }) as unknown as IncomingMessage;

describe('the Host check', () => {
  it.each(['127.0.0.1:7411', 'localhost:7411', 'LOCALHOST:7411', '[::1]:7411'])('lets %s in', (host) => {
    expect(isHostAllowed(withHeaders('Host', host), 7411)).toBe(true);
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
    expect(isHostAllowed(withHeaders('Host', host), 7411)).toBe(false);
  });

  it('lets the bare name in on port 80 only, where clients leave the port out', () => {
    expect(isHostAllowed(withHeaders('Host', '127.0.0.1'), 80)).toBe(true);
    expect(isHostAllowed(withHeaders('Host', 'evil.com'), 80)).toBe(false);
    expect(isOriginAllowed(withHeaders('Origin', 'http://localhost'), 80)).toBe(true);
    expect(isOriginAllowed(withHeaders('Origin', 'http://localhost'), 7411)).toBe(false);
  });

  it('keeps out a request without Host and one with two', () => {
    expect(isHostAllowed(withHeaders(), 7411)).toBe(false);
    expect(isHostAllowed(withHeaders('host', 'localhost:7411', 'HOST', 'localhost:7411'), 7411)).toBe(false);
  });
});

describe('the Origin check', () => {
  it.each([[[]], [['Origin', 'null']], [['Origin', 'file://']], [['Origin', 'http://localhost:7411']]])(
    'leaves %j to the token',
    (headers) => {
      expect(isOriginAllowed(withHeaders(...headers), 7411)).toBe(true);
    },
  );

  it.each(['https://evil.com', 'https://figma.com.evil.com', 'http://localhost:3000', 'HTTPS://EVIL.COM'])(
    'keeps %s out whatever its token',
    (origin) => {
      expect(isOriginAllowed(withHeaders('Origin', origin), 7411)).toBe(false);
    },
  );

  it('keeps out two origins', () => {
    expect(isOriginAllowed(withHeaders('Origin', 'null', 'Origin', 'null'), 7411)).toBe(false);
  });
});

describe('the port', () => {
  it('is the first of the list that is free', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const taken = (blocker.address() as { port: number }).port;
    const { port, servers } = await listenOnLoopback([taken, 0], () => undefined);
    expect(port).not.toBe(taken);
    await expect(listenOnLoopback([taken], () => undefined)).rejects.toThrow(`port ${taken} is in use`);
    for (const server of [...servers, blocker]) server.close();
  });

  it('is open on loopback addresses only', async () => {
    const { servers } = await listenOnLoopback([0], () => undefined);
    const addresses = servers.map((server) => (server.address() as { address: string }).address);
    expect(['127.0.0.1', '::1']).toEqual(expect.arrayContaining(addresses));
    for (const server of servers) server.close();
  });
});
