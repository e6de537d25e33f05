import { beforeEach, describe, expect, it } from 'vitest';
import { httpLimits, ProtocolError } from '@deltaspace/shared-protocol';
import { storageKeys } from '../platform.js';
import { settle } from '../testing/manual-clock.js';
import { ScriptedDaemon, ScriptedWorld, testPack } from '../testing/scripted-world.js';
import { Connection } from './connection.js';
import { problemCodes, problem, type ProblemCode } from './problems.js';
import { connectionLimits, retryDelayMs } from './reconnecting.js';

let world: ScriptedWorld;
let daemon: ScriptedDaemon;
let connection: Connection;
let kinds: string[];

beforeEach(() => {
  world = new ScriptedWorld();
  daemon = new ScriptedDaemon();
  world.stored.set(storageKeys.token, 'good-token');
});

/** Starts a connection and waits until everything that needs no time has happened. */
async function start(options?: Parameters<ScriptedWorld['platform']>[0]): Promise<void> {
  connection = new Connection(world.platform(options));
  kinds = [];
  connection.state.subscribe(({ kind }) => kinds.push(kind));
  connection.start();
  await settle();
}

function problemCode(): ProblemCode | undefined {
  const state = connection.state.value;
  return state.kind === 'connected' ? state.notice?.code : state.problem.code;
}

const seen = (): [string, ProblemCode | undefined] => [connection.state.value.kind, problemCode()];

describe('a connection', () => {
  it.each([false, true])('finds the daemon and gets in (headers: %s)', async (setsSocketHeaders) => {
    world.daemons.set(7413, daemon);
    await start({ setsSocketHeaders });
    expect(connection.state.value).toMatchObject({
      kind: 'connected',
      port: 7413,
      packs: [testPack],
      notice: undefined,
    });
    expect(kinds).toEqual(['searching', 'connecting', 'connected']);
    expect(world.stored.get(storageKeys.port)).toBe('7413');
    expect(daemon.asked.includes('/v1/session')).toBe(!setsSocketHeaders);
  });

  it('asks the port of the last time first', async () => {
    const other = new ScriptedDaemon();
    world.daemons.set(7411, other).set(7414, daemon);
    world.stored.set(storageKeys.port, '7414');
    await start();
    expect(connection.state.value).toMatchObject({ kind: 'connected', port: 7414 });
    expect(other.peers).toHaveLength(0);
  });

  it('passes over a daemon that belongs to somebody else', async () => {
    const foreign = new ScriptedDaemon();
    foreign.tokens.clear();
    world.daemons.set(7411, foreign).set(7412, daemon);
    await start();
    expect(connection.state.value).toMatchObject({ kind: 'connected', port: 7412 });
  });

  it('says that the daemon is loading until it has packs', async () => {
    world.daemons.set(7411, daemon);
    daemon.models = [];
    let loaded: (packs: (typeof testPack)[]) => void = () => undefined;
    daemon.listModels = () => new Promise((resolve) => (loaded = resolve));
    await start();
    expect(seen()).toEqual(['connected', 'daemon_loading']);
    loaded([testPack]);
    await settle();
    expect(connection.state.value).toMatchObject({ packs: [testPack], notice: undefined });
  });

  it('says when there are no packs, and when the worker does not start, and asks again on request', async () => {
    world.daemons.set(7411, daemon);
    daemon.models = [];
    await start();
    expect(seen()).toEqual(['connected', 'no_packs']);
    daemon.listModels = () => Promise.reject(new ProtocolError('worker_unavailable', 'no onnxruntime'));
    connection.retryNow();
    await settle();
    expect(seen()).toEqual(['connected', 'daemon_broken']);
    daemon.listModels = () => [testPack];
    connection.retryNow();
    await settle();
    expect(seen()).toEqual(['connected', undefined]);
  });
});

describe('a connection that fails', () => {
  const cases: [ProblemCode, 'waiting' | 'unpaired', () => void][] = [
    ['not_running', 'waiting', () => undefined],
    ['not_running', 'waiting', () => (world.permission = 'granted')],
    ['not_running_or_blocked', 'waiting', () => (world.permission = 'unknown')],
    ['local_network_blocked', 'waiting', () => (world.permission = 'denied')],
    ['local_network_unanswered', 'waiting', () => (world.permission = 'prompt')],
    ['port_taken', 'waiting', () => world.others.add(7411)],
    ['daemon_silent', 'waiting', () => world.silent.add(7412)],
    ['not_paired', 'unpaired', () => (world.daemons.set(7411, daemon), world.stored.clear())],
    ['access_revoked', 'unpaired', () => (world.daemons.set(7411, daemon), daemon.tokens.clear())],
    [
      'origin_refused',
      'unpaired',
      () => (world.daemons.set(7411, daemon), (daemon.refusal = { status: 403, error: 'wrong_origin' })),
    ],
    ['origin_refused', 'unpaired', () => (world.daemons.set(7411, daemon), (daemon.refusal = 'network'))],
    [
      'rate_limited',
      'waiting',
      () => (
        world.daemons.set(7411, daemon),
        (daemon.refusal = { status: 429, error: 'rate_limited', retryAfterS: 60 })
      ),
    ],
    [
      'daemon_too_old',
      'waiting',
      () => (world.daemons.set(7411, daemon), (daemon.protocol = { minimum: 0, maximum: 0 })),
    ],
    [
      'plugin_too_old',
      'waiting',
      () => (world.daemons.set(7411, daemon), (daemon.protocol = { minimum: 7, maximum: 9 })),
    ],
    [
      'too_many_connections',
      'waiting',
      () => (world.daemons.set(7411, daemon), (daemon.socketError = 'Unexpected server response: 503')),
    ],
    ['socket_failed', 'waiting', () => (world.daemons.set(7411, daemon), (daemon.socketError = ''))],
    [
      'protocol_error',
      'waiting',
      () => (world.daemons.set(7411, daemon), (daemon.refusal = { status: 500, error: 'what' })),
    ],
  ];
  it.each(cases)('says %s and is %s', async (code, kind, arrange) => {
    arrange();
    await start();
    await world.clock.advance(httpLimits.answerMs); // a silent port takes its time
    const state = connection.state.value;
    expect(seen()).toEqual([kind, code]);
    if (state.kind !== 'connected') expect(state.problem.title.length).toBeGreaterThan(5);
    connection.close();
  });

  it('tells of the daemon that knows us rather than of other ports', async () => {
    world.others.add(7411);
    world.daemons.set(7412, daemon);
    daemon.socketError = 'Unexpected server response: 503';
    await start();
    expect(problemCode()).toBe('too_many_connections');
  });

  it('gives up on a socket that opens and says nothing', async () => {
    world.daemons.set(7411, daemon);
    daemon.isAnswering = false;
    await start();
    expect(connection.state.value.kind).toBe('connecting');
    await world.clock.advance(connectionLimits.openMs);
    expect(seen()).toEqual(['waiting', 'daemon_silent']);
  });

  it('waits as long as the daemon asks', async () => {
    world.daemons.set(7411, daemon);
    daemon.refusal = { status: 429, error: 'rate_limited', retryAfterS: 60 };
    await start();
    expect(connection.state.value).toMatchObject({ retryAtMs: world.clock.nowMs() + 60_000 });
  });

  it('tries again with growing delays, and connects when the daemon comes', async () => {
    await start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const state = connection.state.value;
      if (state.kind !== 'waiting') throw new Error(`expected waiting, got ${state.kind}`);
      waits.push(state.retryAtMs - world.clock.nowMs());
      await world.clock.advance(state.retryAtMs - world.clock.nowMs());
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    world.daemons.set(7415, daemon);
    await world.clock.advance(8000);
    expect(connection.state.value.kind).toBe('connected');
  });

  it('tries at once when told to', async () => {
    await start();
    world.daemons.set(7411, daemon);
    connection.retryNow();
    await settle();
    expect(connection.state.value.kind).toBe('connected');
  });
});

describe('pairing', () => {
  beforeEach(() => {
    world.daemons.set(7411, daemon);
    world.stored.clear();
  });

  it('keeps the token and connects with it', async () => {
    await start();
    await expect(connection.pair('ABCD-EFGH')).resolves.toBe(true);
    expect(connection.state.value.kind).toBe('connected');
    expect(world.stored.get(storageKeys.token)).toBe('paired-token');
  });

  const refusals: [ProblemCode, string, ScriptedDaemon['refusal']][] = [
    ['pairing_code_malformed', '12', undefined],
    ['pairing_refused', '1234-5678', undefined],
    ['pairing_rate_limited', '1234-5678', { status: 429, error: 'rate_limited', retryAfterS: 6 }],
    ['origin_refused', '1234-5678', 'network'],
  ];
  it.each(refusals)('says %s for the code %s', async (code, typed, refusal) => {
    await start();
    daemon.refusal = refusal;
    await expect(connection.pair(typed)).resolves.toBe(false);
    expect(seen()).toEqual(['unpaired', code]);
    if (code === 'pairing_rate_limited') {
      expect(connection.state.value).toMatchObject({
        problem: { explanation: expect.stringContaining('6 seconds') as string },
      });
    }
  });

  it('says when there is nobody to pair with, and goes on looking', async () => {
    await start();
    world.daemons.clear();
    await expect(connection.pair('ABCD-EFGH')).resolves.toBe(false);
    expect(seen()).toEqual(['waiting', 'not_running']);
  });

  it('lasts for the session when the store is locked', async () => {
    world.storageFails = true;
    await start();
    await connection.pair('ABCD-EFGH');
    expect(connection.state.value.kind).toBe('connected');
    daemon.cut();
    await world.clock.advance(1000);
    expect(connection.state.value.kind).toBe('connected');
  });

  it('is needed again after forget', async () => {
    await start();
    await connection.pair('ABCD-EFGH');
    await connection.forget();
    expect(seen()).toEqual(['unpaired', 'not_paired']);
    expect(world.stored.has(storageKeys.token)).toBe(false);
  });
});

describe('a connection that is lost', () => {
  const losses: [ProblemCode, 'waiting' | 'unpaired', () => void][] = [
    ['daemon_stopping', 'waiting', () => daemon.closeAll('goingAway')],
    ['access_revoked', 'unpaired', () => daemon.closeAll('accessRevoked')],
    ['protocol_error', 'waiting', () => daemon.closeAll('protocolViolation')],
    ['connection_lost', 'waiting', () => daemon.closeAll('slowConsumer')],
    ['connection_lost', 'waiting', () => daemon.cut()],
  ];
  it.each(losses)('says %s and is %s', async (code, kind, lose) => {
    world.daemons.set(7411, daemon);
    await start();
    lose();
    await settle();
    expect(seen()).toEqual([kind, code]);
    expect(world.stored.has(storageKeys.token)).toBe(code !== 'access_revoked');
  });

  it('comes back by itself', async () => {
    world.daemons.set(7411, daemon);
    await start();
    daemon.cut();
    await world.clock.advance(retryDelayMs(1, 0.5));
    expect(connection.state.value.kind).toBe('connected');
    expect(kinds.slice(3)).toEqual(['waiting', 'searching', 'connecting', 'connected']);
  });

  it('is noticed when the daemon falls silent', async () => {
    world.daemons.set(7411, daemon);
    daemon.request = () => ({});
    await start();
    await world.clock.advance(connectionLimits.heartbeatMs * 3);
    expect(connection.state.value.kind).toBe('connected'); // an odd answer is a sign of life, too
    daemon.isAnswering = false;
    await world.clock.advance(connectionLimits.heartbeatMs + connectionLimits.heartbeatAnswerMs);
    expect(seen()).toEqual(['waiting', 'connection_lost']);
  });

  it('does not hurry when connections end as soon as they begin', async () => {
    world.daemons.set(7411, daemon);
    await start();
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      daemon.cut();
      await settle();
      const state = connection.state.value;
      if (state.kind !== 'waiting') throw new Error(`expected waiting, got ${state.kind}`);
      waits.push(state.retryAtMs - world.clock.nowMs());
      await world.clock.advance(state.retryAtMs - world.clock.nowMs());
    }
    expect(waits).toEqual([250, 500, 1000]);
  });
});

describe('whenConnected', () => {
  it('gives the client when there is one, and waits for it otherwise', async () => {
    await start();
    const waiting = connection.whenConnected();
    world.daemons.set(7411, daemon);
    connection.retryNow();
    const client = await waiting;
    expect(client).toBe(connection.client);
    await expect(connection.whenConnected()).resolves.toBe(client);
  });

  it('fails when patience ends, when only a code helps, and after close', async () => {
    await start();
    const late = expect(connection.whenConnected()).rejects.toMatchObject({ code: 'connection_lost' });
    await world.clock.advance(connectionLimits.patienceMs);
    await late;
    const closed = expect(connection.whenConnected()).rejects.toMatchObject({ code: 'connection_lost' });
    connection.close();
    await closed;
  });
});

describe('closing', () => {
  it.each([0, 7411])('leaves no timers, whatever was under way (daemon on %s)', async (port) => {
    if (port !== 0) world.daemons.set(port, daemon);
    await start();
    connection.close();
    await settle();
    await world.clock.advance(0);
    expect([connection.state.value.kind, world.clock.pending]).toEqual(['off', 0]);
  });

  it('ends an attempt that is under way, and what it opens', async () => {
    world.daemons.set(7411, daemon);
    connection = new Connection(world.platform());
    connection.start();
    await Promise.resolve();
    connection.close();
    await settle();
    expect(connection.state.value.kind).toBe('off');
    expect(daemon.peers.every(({ isClosed }) => isClosed)).toBe(true);
  });
});

describe('the words', () => {
  it.each(problemCodes)('of %s are complete', (code) => {
    const { title, explanation, steps, action, command } = problem(code);
    for (const text of [title, explanation, ...steps]) {
      expect(text).toMatch(/[.…?)]$|^[^.]+$/);
      expect(text).not.toMatch(/undefined|\?\?|NaN/);
    }
    if (action === 'wait') expect(steps).toEqual([]);
    if (command !== undefined) expect([...steps, explanation].join(' ')).toContain(command.replace(' ORIGIN', ''));
  });
});
