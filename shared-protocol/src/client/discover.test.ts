import { describe, expect, it } from 'vitest';
import { daemonPorts, productName } from '../version.js';
import { openSession, pairWithCode, ticketProtocols } from './access.js';
import { askPort, discoverDaemon, parseHello } from './discover.js';
import { httpLimits, type FetchLike, type HttpPlatform } from './http.js';

type Answer = { status?: number; body: string; retryAfter?: string } | 'closed' | 'silent';

/** A machine whose ports answer as the test says; timers run out only when `late` is called. */
function machine(answers: Record<number, Answer>): {
  platform: HttpPlatform;
  requests: { url: string; init: Parameters<FetchLike>[1] }[];
  late: () => void;
} {
  const timers: { delayMs: number; callback: () => void }[] = [];
  const requests: { url: string; init: Parameters<FetchLike>[1] }[] = [];
  const platform: HttpPlatform = {
    fetch: (url, init) => {
      requests.push({ url, init });
      const answer = answers[Number(/:(\d+)\//.exec(url)?.[1])] ?? 'closed';
      if (answer === 'closed') return Promise.reject(new TypeError('Failed to fetch'));
      if (answer === 'silent') return new Promise(() => undefined);
      const { status = 200, body, retryAfter = null } = answer;
      return Promise.resolve({ status, headers: { get: () => retryAfter }, text: () => Promise.resolve(body) });
    },
    after: (delayMs, callback) => {
      timers.push({ delayMs, callback });
      return () => undefined;
    },
  };
  const late = (): void => timers.sort((a, b) => a.delayMs - b.delayMs).forEach(({ callback }) => callback());
  return { platform, requests, late };
}

const hello = (version = '1'): Answer => ({
  body: JSON.stringify({ product: productName, version, protocol: { minimum: 1, maximum: 1 }, instance: 'i', more: 1 }),
});
const host = '127.0.0.1';

describe('discovery', () => {
  it('asks every port and takes the first daemon in order', async () => {
    const { platform, requests } = machine({ 7412: { body: '<html>' }, 7413: hello('a'), 7415: hello('b') });
    await expect(discoverDaemon(platform, { host })).resolves.toMatchObject({ port: 7413, hello: { version: 'a' } });
    expect(requests.map(({ url }) => url)).toEqual(daemonPorts.map((port) => `http://127.0.0.1:${port}/v1/hello`));
  });

  it('prefers the port of the last time', async () => {
    const { platform } = machine({ 7411: hello('a'), 7415: hello('b') });
    await expect(discoverDaemon(platform, { host, preferred: 7415 })).resolves.toMatchObject({ port: 7415 });
  });

  it.each([
    ['closed', 'closed'],
    [{ body: 'hi' }, 'other'],
    [{ body: '{"product":"else"}' }, 'other'],
    [{ body: 'x'.repeat(httpLimits.answerCharacters + 1) }, 'other'],
    [hello(), 'daemon'],
  ] as const)('takes %j for %s', async (answer, kind) => {
    const { platform } = machine({ 7411: answer });
    await expect(askPort(platform, { host, port: 7411 })).resolves.toMatchObject({ kind });
  });

  it('does not wait for a port that says nothing', async () => {
    const { platform, late } = machine({ 7411: 'silent' });
    const asked = askPort(platform, { host, port: 7411 });
    late();
    await expect(asked).resolves.toEqual({ kind: 'silent', port: 7411 });
  });

  it('reads hello tolerantly, and nothing else', () => {
    expect(parseHello('{')).toBeUndefined();
    expect(parseHello((hello('9') as { body: string }).body)).toMatchObject({ version: '9' });
  });
});

describe('getting in', () => {
  const client = { id: 'c', name: 'n', scopes: ['edit'], createdAt: 'now' };

  it('sends the code in the body and the token in a header, never in the address', async () => {
    const { platform, requests } = machine({
      7411: { status: 201, body: JSON.stringify({ token: 't', client }) },
      7412: { status: 201, body: JSON.stringify({ ticket: 'x', expiresInMs: 30_000 }) },
    });
    await expect(pairWithCode(platform, { host, port: 7411 }, { code: 'AAAA-BBBB', name: 'me' })).resolves.toEqual({
      token: 't',
      client,
    });
    await expect(openSession(platform, { host, port: 7412 }, 'secret')).resolves.toMatchObject({ ticket: 'x' });
    expect(requests.map(({ url }) => url).join()).not.toMatch(/AAAA|secret/);
    expect(requests[1]?.init.headers).toMatchObject({ Authorization: 'Bearer secret' });
    expect(ticketProtocols('x')).toEqual(['delta.v1', 'ticket.x']);
  });

  it.each([
    [
      { status: 403, body: '{"error":"pairing_refused","message":"no"}' },
      { code: 'pairing_refused', message: 'no' },
    ],
    [
      { status: 429, body: '{"error":"rate_limited","message":"later"}', retryAfter: '6' },
      { code: 'rate_limited', retryAfterMs: 6000 },
    ],
    [{ status: 500, body: 'oops' }, { code: 'unexpected_answer' }],
    [{ status: 201, body: '{"token":1}' }, { code: 'unexpected_answer' }],
    ['closed', { code: 'unreachable' }],
  ] as const)('tells of %j', async (answer, error) => {
    const { platform } = machine({ 7411: answer });
    const pairing = pairWithCode(platform, { host, port: 7411 }, { code: 'AAAA-BBBB', name: 'me' });
    await expect(pairing).rejects.toMatchObject(error);
  });

  it('does not send a code that cannot be one', async () => {
    const { platform, requests } = machine({});
    await expect(pairWithCode(platform, { host, port: 7411 }, { code: '', name: 'me' })).rejects.toMatchObject({
      code: 'bad_request',
    });
    expect(requests).toEqual([]);
  });
});
