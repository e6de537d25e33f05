/**
 * Everything that a stranger can send before there is a socket, as bytes, to a real daemon: each gets its specific answer, and
 * the daemon is well afterwards. Time stands still unless a test moves it. Long, because most of it is tables.
 */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pairPath, sessionPath, socketPath } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { askTicket, enterCode, pairPlugin, post, type Paired } from '../fakes/plugin.js';
import { exchange, head, upgradeHeaders, type Header, type RawAnswer } from '../fakes/raw-http.js';

const pageOrigin = 'https://example.com';
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some((one) => one.address === '::1'));
const wrongToken = 'A'.repeat(43);

let daemon: TestDaemon;
let plugin: Paired;
let page: Paired;
beforeAll(async () => {
  daemon = await startScriptedDaemon(undefined, { manualClock: true });
  plugin = await pairPlugin(daemon, { name: 'plugin' });
  page = await pairPlugin(daemon, { name: 'page', origin: pageOrigin });
});
afterAll(() => daemon.dispose());

/** Fills the budgets of attempts up again. */
beforeEach(() => daemon.advance(600_000));

const ownHost = (): Header => ['Host', `127.0.0.1:${daemon.port}`];
const bearer = (token: string): Header => ['Authorization', `Bearer ${token}`];
const protocol: Header = ['Sec-WebSocket-Protocol', 'delta.v1'];

/** An upgrade with exactly these headers besides those of every upgrade. */
const upgrade = (...headers: Header[]): Promise<RawAnswer> =>
  exchange(daemon.port, head(`GET ${socketPath} HTTP/1.1`, [...headers, ...upgradeHeaders]));

/** An upgrade with tickets among the subprotocols. */
const upgradeByTicket = (tickets: string[], ...headers: Header[]): Promise<RawAnswer> =>
  upgrade(
    ownHost(),
    ['Sec-WebSocket-Protocol', ['delta.v1', ...tickets.map((one) => `ticket.${one}`)].join(', ')],
    ...headers,
  );

const tokenOf = (whose: string): Header[] => {
  const tokens: Record<string, string> = {
    wrong: wrongToken,
    'the user’s': daemon.token,
    'the plugin’s': plugin.token,
    'the page’s': page.token,
  };
  return whose === 'no' ? [] : [bearer(tokens[whose] as string)];
};

describe('Host', () => {
  const foreign: [string, (port: number) => string[]][] = [
    ['evil.com', () => ['evil.com']],
    ['evil.com with the port', (port) => [`evil.com:${port}`]],
    ['a name that resolves to loopback', (port) => [`127.0.0.1.nip.io:${port}`]],
    ['localhost with a trailing dot', (port) => [`localhost.:${port}`]],
    ['localhost without the port', () => ['localhost']],
    ['another port', (port) => [`127.0.0.1:${port + 1}`]],
    ['nothing', () => ['']],
    ['no header', () => []],
    ['two headers, both right', (port) => [`127.0.0.1:${port}`, `127.0.0.1:${port}`]],
    ['a right one and a foreign one', (port) => [`127.0.0.1:${port}`, 'evil.com']],
    ['every address', (port) => [`0.0.0.0:${port}`]],
    ['loopback as a decimal number', (port) => [`2130706433:${port}`]],
    ['loopback as a hexadecimal number', (port) => [`0x7f000001:${port}`]],
    ['loopback in short', (port) => [`127.1:${port}`]],
    ['another address of loopback', (port) => [`127.0.0.2:${port}`]],
    ['IPv6 without brackets', (port) => [`::1:${port}`]],
    ['IPv6 written out', (port) => [`[0:0:0:0:0:0:0:1]:${port}`]],
    ['IPv4 inside IPv6', (port) => [`[::ffff:127.0.0.1]:${port}`]],
    ['every IPv6 address', (port) => [`[::]:${port}`]],
    ['a user before the name', (port) => [`127.0.0.1:${port}@evil.com`]],
  ];
  it.each(foreign)('that is %s is answered 421, on routes and at the upgrade', async (_name, hosts) => {
    const headers = hosts(daemon.port).map((host): Header => ['Host', host]);
    for (const route of ['GET /healthz', 'GET /v1/hello', 'OPTIONS /v1/hello', 'GET /nothing', `POST ${pairPath}`]) {
      const answer = await exchange(daemon.port, head(`${route} HTTP/1.1`, headers));
      expect([route, answer.status, answer.error]).toEqual([route, 421, 'wrong_host']);
      expect(answer.headers.has('access-control-allow-origin')).toBe(false);
    }
    expect(await upgrade(...headers, bearer(daemon.token), protocol)).toMatchObject({
      status: 421,
      error: 'wrong_host',
    });
  });

  it.each(['127.0.0.1', 'localhost', 'LocalHost', '[::1]'])('%s with the port is let in', async (name) => {
    const host: Header = ['Host', `${name}:${daemon.port}`];
    expect((await upgrade(host, bearer(daemon.token), protocol)).status).toBe(101);
    expect((await exchange(daemon.port, head('GET /healthz HTTP/1.1', [host]))).status).toBe(200);
  });

  it.skipIf(!hasIpv6)('is looked at on IPv6 as on IPv4', async () => {
    const ask = (host: string): Promise<RawAnswer> =>
      exchange(daemon.port, head('GET /healthz HTTP/1.1', [['Host', host]]), '::1');
    expect([(await ask(`[::1]:${daemon.port}`)).status, (await ask('evil.com')).status]).toEqual([200, 421]);
  });
});

describe('Origin', () => {
  const rows: [string, string[], string, number, string | undefined][] = [
    ['none', [], 'no', 401, 'unauthorized'],
    ['none', [], 'wrong', 401, 'unauthorized'],
    ['none', [], 'the user’s', 101, undefined],
    ['none', [], 'the plugin’s', 101, undefined],
    ['null', ['null'], 'no', 401, 'unauthorized'],
    ['null', ['null'], 'wrong', 401, 'unauthorized'],
    ['null', ['null'], 'the plugin’s', 101, undefined],
    ['null', ['null'], 'the user’s', 403, 'wrong_origin'],
    ['NULL', ['NULL'], 'the plugin’s', 403, 'wrong_origin'],
    ['evil.com', ['https://evil.com'], 'no', 403, 'wrong_origin'],
    ['evil.com', ['https://evil.com'], 'the user’s', 403, 'wrong_origin'],
    ['evil.com', ['https://evil.com'], 'the plugin’s', 403, 'wrong_origin'],
    ['evil.com', ['https://evil.com'], 'the page’s', 403, 'wrong_origin'],
    ['the page’s', [pageOrigin], 'the page’s', 101, undefined],
    ['the page’s', [pageOrigin], 'no', 401, 'unauthorized'],
    ['the page’s', [pageOrigin], 'the plugin’s', 403, 'wrong_origin'],
    ['the page’s', [pageOrigin], 'the user’s', 403, 'wrong_origin'],
    ['the page’s in upper case', [pageOrigin.toUpperCase()], 'the page’s', 403, 'wrong_origin'],
    ['one that starts like the page’s', [`${pageOrigin}.evil.com`], 'the page’s', 403, 'wrong_origin'],
    ['one that ends like the page’s', ['https://evil-example.com'], 'the page’s', 403, 'wrong_origin'],
    ['the page’s over http', ['http://example.com'], 'the page’s', 403, 'wrong_origin'],
    ['figma.com.evil.com', ['https://figma.com.evil.com'], 'the plugin’s', 403, 'wrong_origin'],
    ['upper case', ['HTTPS://EVIL.COM'], 'the plugin’s', 403, 'wrong_origin'],
    ['another local server', ['http://localhost:3000'], 'the plugin’s', 403, 'wrong_origin'],
    ['a file', ['file://'], 'the plugin’s', 403, 'wrong_origin'],
    ['two', ['null', 'null'], 'the plugin’s', 403, 'wrong_origin'],
    ['two, one foreign', ['null', 'https://evil.com'], 'the plugin’s', 403, 'wrong_origin'],
  ];
  it.each(rows)('%s (%j) with %s token is answered %i', async (_name, origins, whose, status, error) => {
    const headers = [ownHost(), ...origins.map((origin): Header => ['Origin', origin]), ...tokenOf(whose)];
    const atUpgrade = await upgrade(...headers, protocol);
    expect([atUpgrade.status, atUpgrade.error]).toEqual([status, error]);
    const json: Header[] = [
      ['Content-Type', 'application/json'],
      ['Content-Length', '2'],
    ];
    const atSession = await exchange(daemon.port, `${head(`POST ${sessionPath} HTTP/1.1`, [...headers, ...json])}{}`);
    expect([atSession.status, atSession.error]).toEqual([status === 101 ? 201 : status, error]);
    if (status === 403 && origins.length === 1) {
      expect(atUpgrade.body).toContain('deltaspace pair');
      expect(atSession.body).toContain('deltaspace pair');
    }
    // Only an origin that was let in may read an answer, also one that refuses.
    const mayRead = origins.length === 1 && ['null', pageOrigin].includes(origins[0] as string);
    expect(atSession.headers.get('access-control-allow-origin')).toBe(mayRead ? origins[0] : undefined);
  });

  it('that is the daemon’s own is let in with the user’s token', async () => {
    const own: Header = ['Origin', `http://localhost:${daemon.port}`];
    expect((await upgrade(ownHost(), own, bearer(daemon.token), protocol)).status).toBe(101);
  });

  it.each([
    ['null', 204, 'null'],
    [pageOrigin, 204, pageOrigin],
    ['https://evil.com', 403, undefined],
  ])('%s asks first and is answered %i', async (origin, status, allowed) => {
    for (const route of [pairPath, sessionPath]) {
      const headers: Header[] = [ownHost(), ['Origin', origin], ['Access-Control-Request-Method', 'POST']];
      const answer = await exchange(
        daemon.port,
        head(`OPTIONS ${route} HTTP/1.1`, [...headers, ['Connection', 'close']]),
      );
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, allowed]);
    }
  });
});

describe('a ticket', () => {
  it('opens one socket, which is not told the ticket again', async () => {
    const ticket = await askTicket(daemon.port, plugin.token);
    const granted = await upgradeByTicket([ticket]);
    expect([granted.status, granted.headers.get('sec-websocket-protocol')]).toEqual([101, 'delta.v1']);
    expect(await upgradeByTicket([ticket])).toMatchObject({ status: 401, error: 'unauthorized' });
  });

  it('is void after its time, and not a moment before', async () => {
    const [early, late] = [await askTicket(daemon.port, plugin.token), await askTicket(daemon.port, plugin.token)];
    await daemon.advance(29_999);
    expect((await upgradeByTicket([early])).status).toBe(101);
    await daemon.advance(1);
    expect(await upgradeByTicket([late])).toMatchObject({ status: 401, error: 'unauthorized' });
  });

  it.each<[string, Header[]]>([
    ['null', [['Origin', 'null']]],
    ['none', []],
  ])('that was made for the origin of a page is void from the origin %s', async (_name, headers) => {
    const ticket = await askTicket(daemon.port, page.token, pageOrigin);
    expect(await upgradeByTicket([ticket], ...headers)).toMatchObject({ status: 401, error: 'unauthorized' });
  });

  it.each<[string, string | undefined, Header[]]>([
    ['null', 'null', [['Origin', pageOrigin]]],
    ['none', undefined, [['Origin', pageOrigin]]],
  ])('that was made for the origin %s is void from the origin of a page', async (_name, madeFor, headers) => {
    const ticket = await askTicket(daemon.port, page.token, madeFor);
    expect(await upgradeByTicket([ticket], ...headers)).toMatchObject({ status: 401, error: 'unauthorized' });
  });

  it.each<[string, string | undefined, Header[]]>([
    ['null', 'null', []],
    ['none', undefined, [['Origin', 'null']]],
  ])(
    'that was made for the origin %s is good from the other that no page has alone',
    async (_name, madeFor, headers) => {
      const ticket = await askTicket(daemon.port, plugin.token, madeFor);
      expect((await upgradeByTicket([ticket], ...headers)).status).toBe(101);
    },
  );

  it('is void beside another one, beside a token, misspelt, and without delta.v1', async () => {
    const ask = (): Promise<string> => askTicket(daemon.port, plugin.token);
    const [one, two] = [await ask(), await ask()];
    expect((await upgradeByTicket([one, two])).status).toBe(401);
    expect((await upgradeByTicket([await ask()], bearer(plugin.token))).status).toBe(401);
    for (const wrong of ['', 'x', wrongToken, plugin.token, 'ä', '../../token', 'x'.repeat(5000)]) {
      expect((await upgradeByTicket([wrong])).status).toBe(401);
    }
    const alone: Header = ['Sec-WebSocket-Protocol', `ticket.${await ask()}`];
    expect(await upgrade(ownHost(), alone)).toMatchObject({ status: 400, error: 'wrong_subprotocol' });
  });

  it('is not given out without end', async () => {
    for (let i = 0; i < 8; i++) await askTicket(daemon.port, plugin.token);
    const refused = await post(daemon.port, sessionPath, {}, { token: plugin.token });
    expect([refused.status, refused.error, refused.headers.get('retry-after')]).toEqual([
      429,
      'too_many_tickets',
      '30',
    ]);
  });
});

describe('an address with secrets in it', () => {
  it('is refused everywhere, and not logged', async () => {
    const { token } = plugin;
    const line = `GET ${socketPath}?token=${token} HTTP/1.1`;
    const atUpgrade = await exchange(daemon.port, head(line, [ownHost(), protocol, ...upgradeHeaders]));
    expect([atUpgrade.status, atUpgrade.error]).toEqual([404, 'not_found']);
    for (const route of [`${sessionPath}?token=${token}`, `${pairPath}?code=ABCD-EFGH`]) {
      expect(await post(daemon.port, route, {}, { token })).toMatchObject({ status: 400, error: 'query_not_allowed' });
    }
  });
});

describe('guessing', () => {
  it('pairing codes ends the code, then the guesses of everybody, and time heals it', async () => {
    const user = await daemon.connect();
    const { code, pairingId } = await user.call('pairing.begin', {});
    const outcome = user.call('pairing.wait', { pairingId }).catch((error: unknown) => error);
    const statuses = new Map<number, number>();
    for (let i = 0; i < 300; i++) {
      const { status } = await post(daemon.port, pairPath, { code: `WRNG-${1000 + i}`, name: 'guesser' });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([
      [403, 10],
      [429, 290],
    ]);
    await expect(outcome).resolves.toMatchObject({ code: 'pairing_used_up' });
    const second = await user.call('pairing.begin', {});
    const limited = await post(daemon.port, pairPath, { code: second.code, name: 'plugin' });
    expect([limited.status, limited.error, limited.headers.get('retry-after')]).toEqual([429, 'rate_limited', '6']);
    await daemon.advance(6_000);
    expect(await post(daemon.port, pairPath, { code, name: 'late' })).toMatchObject({ error: 'pairing_refused' });
    await daemon.advance(6_000);
    await expect(enterCode(daemon.port, second.code, 'plugin')).resolves.toHaveProperty('token');
    user.close();
  });

  it('tokens is slowed down, and locks nobody out who has one', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 100; i++) {
      statuses.push((await upgrade(ownHost(), bearer(wrongToken), protocol)).status);
    }
    expect(statuses).toEqual([...Array<number>(30).fill(401), ...Array<number>(70).fill(429)]);
    expect((await upgrade(ownHost(), bearer(plugin.token), protocol)).status).toBe(101);
    expect((await upgrade(ownHost(), bearer(daemon.token), protocol)).status).toBe(101);
  });

  it('does not tell whether a code is open', async () => {
    const closed = await post(daemon.port, pairPath, { code: 'WRNG-0000', name: 'x' });
    const user = await daemon.connect();
    await user.call('pairing.begin', {});
    const open = await post(daemon.port, pairPath, { code: 'WRNG-0000', name: 'x' });
    expect([open.status, open.body]).toEqual([closed.status, closed.body]);
    user.close();
  });
});

describe('a request out of shape', () => {
  const many = (count: number): Header[] => Array.from({ length: count }, (_, i): Header => [`X-${i}`, '']);
  const rows: [string, () => string, number, string][] = [
    ['2000 headers', () => head('GET /healthz HTTP/1.1', [ownHost(), ...many(2000)]), 431, 'headers_too_large'],
    ['101 headers', () => head('GET /healthz HTTP/1.1', [ownHost(), ...many(100)]), 431, 'headers_too_large'],
    [
      'an upgrade with 101 headers',
      () => head(`GET ${socketPath} HTTP/1.1`, [ownHost(), ...upgradeHeaders, ...many(96)]),
      431,
      'headers_too_large',
    ],
    [
      'a header of 1 MB',
      () => head('GET /healthz HTTP/1.1', [ownHost(), ['X', 'x'.repeat(1_000_000)]]),
      431,
      'headers_too_large',
    ],
    ['an address of 1 MB', () => head(`GET /${'x'.repeat(1_000_000)} HTTP/1.1`, [ownHost()]), 431, 'headers_too_large'],
    [
      'a subprotocol with 100 000 spaces',
      () =>
        head(`GET ${socketPath} HTTP/1.1`, [
          ownHost(),
          bearer(daemon.token),
          ['Sec-WebSocket-Protocol', `delta.v1${' '.repeat(100_000)},x`],
          ...upgradeHeaders,
        ]),
      431,
      'headers_too_large',
    ],
    [
      'an upgrade of HTTP/1.0',
      () => head(`GET ${socketPath} HTTP/1.0`, [ownHost(), bearer(daemon.token), protocol, ...upgradeHeaders]),
      400,
      'wrong_http_version',
    ],
    ['the socket without upgrade', () => head(`GET ${socketPath} HTTP/1.1`, [ownHost()]), 426, 'upgrade_required'],
    ['/ws without upgrade', () => head('GET /ws HTTP/1.1', [ownHost()]), 404, 'not_found'],
    ['an upgrade of /ws', () => head('GET /ws HTTP/1.1', [ownHost(), ...upgradeHeaders]), 404, 'not_found'],
    ['a path that only looks the same', () => head('POST /V1/pair/ HTTP/1.1', [ownHost()]), 404, 'not_found'],
    ['GET where POST belongs', () => head(`GET ${pairPath} HTTP/1.1`, [ownHost()]), 405, 'method_not_allowed'],
    ['no HTTP at all', () => 'hello\r\n\r\n', 400, 'bad_request'],
    ['a TLS greeting', () => '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03', 400, 'bad_request'],
    [
      'two lengths',
      () => head(`POST ${pairPath} HTTP/1.1`, [ownHost(), ['Content-Length', '2'], ['Content-Length', '3']]),
      400,
      'bad_request',
    ],
  ];
  it.each(rows)('with %s gets its specific answer', async (_name, bytes, status, error) => {
    const answer = await exchange(daemon.port, bytes());
    expect([answer.status, answer.error]).toEqual([status, error]);
  });

  it('with as many headers as are allowed is served', async () => {
    expect((await exchange(daemon.port, head('GET /healthz HTTP/1.1', [ownHost(), ...many(99)]))).status).toBe(200);
  });

  it('with 10 000 spaces between subprotocols is served like one with none', async () => {
    const spaced: Header = ['Sec-WebSocket-Protocol', `delta.v1,${' '.repeat(10_000)}x`];
    expect((await upgrade(ownHost(), bearer(daemon.token), spaced)).status).toBe(101);
  });
});

describe('a body', () => {
  const forms = [
    '',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain; application/json',
    'application/jsonp',
    'text/json',
  ];
  it.each(forms)('of type %j is refused, as any form could send it', async (contentType) => {
    for (const [route, options] of [
      [pairPath, { contentType }],
      [sessionPath, { contentType, token: plugin.token }],
    ] as const) {
      const answer = await post(daemon.port, route, '{}', options);
      expect([answer.status, answer.error]).toEqual([415, 'wrong_content_type']);
    }
  });

  it.each<[string, string, string, number, string]>([
    ['no JSON', '{"code":', 'application/json', 400, 'bad_request'],
    ['a list', '[]', 'application/json', 400, 'bad_request'],
    ['a number', '7', 'application/json', 400, 'bad_request'],
    ['no name', '{"code":"ABCD-EFGH"}', 'application/json', 400, 'bad_request'],
    ['a member too many', '{"code":"A","name":"a","x":1}', 'application/json', 400, 'bad_request'],
    ['__proto__', '{"code":"A","name":"a","__proto__":{}}', 'application/json', 400, 'bad_request'],
    ['a name that clears terminals', '{"code":"A","name":"\\u001b[2J"}', 'application/json', 400, 'bad_request'],
    ['a long code', `{"code":"${'A'.repeat(33)}","name":"a"}`, 'application/json', 400, 'bad_request'],
    ['5000 bytes', `{"code":"${'A'.repeat(5000)}","name":"a"}`, 'application/json', 413, 'body_too_large'],
    ['deep nesting', '['.repeat(4000), 'application/json', 400, 'bad_request'],
    ['another charset', '{}', 'application/json; charset=latin1', 415, 'wrong_content_type'],
  ])('of a pairing with %s is refused', async (_name, body, contentType, status, error) => {
    const answer = await post(daemon.port, pairPath, body, { contentType });
    expect([answer.status, answer.error]).toEqual([status, error]);
    expect(answer.body).not.toMatch(/\bat .*\.js/); // no stack traces
  });

  it('that is compressed is refused unread', async () => {
    const headers: Header[] = [
      ownHost(),
      ['Content-Type', 'application/json'],
      ['Content-Encoding', 'gzip'],
      ['Content-Length', '2'],
    ];
    const answer = await exchange(daemon.port, `${head(`POST ${pairPath} HTTP/1.1`, headers)}{}`);
    expect([answer.status, answer.error]).toEqual([415, 'wrong_content_type']);
  });
});

describe('after all that', () => {
  it('the daemon is well, and its log holds no token, ticket or code', async () => {
    const ticket = await askTicket(daemon.port, plugin.token);
    await upgradeByTicket([ticket]);
    const user = await daemon.connect();
    const { code } = await user.call('pairing.begin', {});
    await enterCode(daemon.port, code, 'last');
    await expect
      .poll(async () => await user.call('server.status', {}), { timeout: 10_000 })
      .toMatchObject({ connections: 1, worker: { restarts: 0 } });
    user.close();
    const log = await readFile(path.join(daemon.dataRoot, 'logs', 'daemon.log'), 'utf8');
    expect(log).toContain('"reason":"wrong_host"');
    for (const secret of [daemon.token, plugin.token, page.token, wrongToken, ticket, code]) {
      expect(log).not.toContain(secret);
    }
  });
});
