import { describe, expect, it } from 'vitest';
import { ListenError, loadOutside, outsideArguments, planOutside, warningOf } from './outside-listening.js';

describe('--listen', () => {
  it('is off unless asked for', () => {
    expect(planOutside({})).toBeUndefined();
    expect(planOutside({ insecureListen: false })).toBeUndefined();
  });

  it('takes an address, names and the files of TLS', () => {
    const plan = planOutside({ listen: '192.0.2.7', listenName: ['Studio.lan'], tlsCert: 'c.pem', tlsKey: 'k.pem' });
    expect(plan).toEqual({
      address: '192.0.2.7',
      names: ['studio.lan'],
      tls: { certFile: 'c.pem', keyFile: 'k.pem' },
    });
    expect(plan && warningOf(plan)).toBeUndefined();
  });

  it('goes without TLS when told so, and warns', () => {
    const plan = planOutside({ listen: 'fd00::7', insecureListen: true });
    expect(plan && warningOf(plan)).toMatch(/^warning: fd00::7 is served without TLS/);
  });

  it.each([
    ['without TLS', { listen: '192.0.2.7' }, 'needs --tls-cert'],
    ['with half of TLS', { listen: '192.0.2.7', tlsCert: 'c.pem' }, 'needs --tls-cert'],
    ['with and without TLS', { listen: '192.0.2.7', tlsCert: 'c', tlsKey: 'k', insecureListen: true }, 'exclude'],
    ['on every address', { listen: '0.0.0.0', insecureListen: true }, 'wildcard'],
    ['on every IPv6 address', { listen: '::', insecureListen: true }, 'wildcard'],
    ['on every address, written out', { listen: '0:0:0:0:0:0:0:0', insecureListen: true }, 'wildcard'],
    ['on loopback', { listen: '127.0.0.1', insecureListen: true }, 'in any case'],
    ['on a name', { listen: 'studio.lan', insecureListen: true }, 'takes an IP address'],
    ['on nothing', { listen: '', insecureListen: true }, 'takes an IP address'],
    ['under a name with a port', { listen: '192.0.2.7', listenName: ['a:1'], insecureListen: true }, 'without port'],
    ['nowhere, but with TLS', { tlsCert: 'c', tlsKey: 'k' }, 'need --listen'],
    ['nowhere, but insecurely', { insecureListen: true }, 'need --listen'],
  ])('is refused %s', (_name, flags, words) => {
    expect(() => planOutside(flags)).toThrow(ListenError);
    expect(() => planOutside(flags)).toThrow(words);
  });

  it('reaches the daemon process as it was typed', () => {
    const plan = { address: '192.0.2.7', names: ['a.lan', 'b.lan'], tls: { certFile: 'c', keyFile: 'k' } };
    expect(outsideArguments(plan).join(' ')).toBe(
      '--listen 192.0.2.7 --listen-name a.lan --listen-name b.lan --tls-cert c --tls-key k',
    );
    expect(outsideArguments({ ...plan, names: [], tls: 'none' }).join(' ')).toBe(
      '--listen 192.0.2.7 --insecure-listen',
    );
  });

  it('names the file that cannot be read', async () => {
    const plan = { address: '192.0.2.7', names: [], tls: { certFile: '/nowhere/c', keyFile: '/nowhere/c' } };
    await expect(loadOutside(plan)).rejects.toThrow('/nowhere/c cannot be read: ENOENT');
  });
});
