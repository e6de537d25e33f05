import { beforeEach, describe, expect, it } from 'vitest';
import type { PairedClient } from '@deltaspace/shared-protocol';
import { daemonSettings } from '../config/settings.js';
import type { RequestOrigin } from './identity.js';
import { PairingDesk, type Grant } from './pairing.js';
import { systemRandom } from './secrets.js';
import { ManualClock } from './testing/manual-clock.js';

const none: RequestOrigin = { kind: 'none' };
const opaque: RequestOrigin = { kind: 'other', text: 'null' };
const page: RequestOrigin = { kind: 'other', text: 'https://example.com' };
const grant: Grant = { scopes: ['edit'], origin: undefined };
const client: PairedClient = { id: 'a', name: 'plugin', scopes: ['edit'], createdAt: '' };

let clock: ManualClock;
let desk: PairingDesk;
beforeEach(() => {
  clock = new ManualClock();
  desk = new PairingDesk(clock, systemRandom);
});

describe('a pairing code', () => {
  it('is good once, and tells who used it', async () => {
    const { code, outcome } = desk.offer(grant);
    const redemption = desk.redeem(code.toLowerCase(), none);
    expect(redemption?.grant).toEqual(grant);
    redemption?.succeed(client);
    await expect(outcome).resolves.toBe(client);
    expect(desk.redeem(code, none)).toBeUndefined();
  });

  it('is over after two minutes, not before', async () => {
    const { code, outcome, expiresInMs } = desk.offer(grant);
    expect(expiresInMs).toBe(120_000);
    clock.advance(119_999);
    const second = desk.offer(grant);
    clock.advance(1);
    await expect(outcome).rejects.toMatchObject({ code: 'pairing_expired' });
    expect(desk.redeem(code, none)).toBeUndefined();
    expect(desk.redeem(second.code, none)).toBeDefined();
  });

  it('survives four wrong guesses and not the fifth', async () => {
    const guess = (times: number): void => {
      for (let i = 0; i < times; i++) expect(desk.redeem('WRONG000', none)).toBeUndefined();
    };
    const first = desk.offer(grant);
    guess(4);
    expect(desk.redeem(first.code, none)).toBeDefined();
    const second = desk.offer(grant);
    guess(5);
    await expect(second.outcome).rejects.toMatchObject({ code: 'pairing_used_up' });
    expect(desk.redeem(second.code, none)).toBeUndefined();
  });

  it('counts wrong guesses against every open code, so that more codes give no more guesses', () => {
    const codes = [desk.offer(grant).code, desk.offer(grant).code];
    for (let i = 0; i < 5; i++) desk.redeem('WRONG000', none);
    expect(codes.map((code) => desk.redeem(code, none))).toEqual([undefined, undefined]);
  });

  it('can be taken back', async () => {
    const { id, code, outcome } = desk.offer(grant);
    desk.withdraw(id);
    await expect(outcome).rejects.toMatchObject({ code: 'cancelled' });
    expect(desk.redeem(code, none)).toBeUndefined();
  });

  it('is one of a few', () => {
    for (let i = 0; i < daemonSettings.pairingCodes; i++) desk.offer(grant);
    expect(() => desk.offer(grant)).toThrow(expect.objectContaining({ code: 'too_many_pairings' }) as Error);
  });

  it.each([
    ['no origin', grant, none, true],
    ['an opaque origin', grant, opaque, true],
    ['a web origin that nobody named', grant, page, false],
    ['the web origin that was named', { ...grant, origin: 'https://example.com' }, page, true],
    ['none, where a web origin was named', { ...grant, origin: 'https://example.com' }, none, false],
    ['an opaque one, where a web origin was named', { ...grant, origin: 'https://example.com' }, opaque, false],
  ])('from %s is looked at as granted', (_name, granted, origin, fits) => {
    const { code } = desk.offer(granted);
    expect(desk.redeem(code, origin) !== undefined).toBe(fits);
  });
});
