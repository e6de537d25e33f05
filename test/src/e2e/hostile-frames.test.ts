/**
 * Frames and messages that no client of ours sends, as bytes, to a real daemon: each ends the connection with its specific code or
 * gets its specific error, and the daemon is well afterwards. Long, because most of it is tables.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeCodes, protocolLimits, protocolRange, type DeltaClient } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { layOut, opcodes, RawWebSocket, type FrameLayout } from '../fakes/raw-websocket.js';
import { brokenFrames, soundFrames } from '../protocol/frame-vectors.js';

let daemon: TestDaemon;
let client: DeltaClient;
beforeAll(async () => {
  daemon = await startScriptedDaemon();
  client = await daemon.connect();
});
afterAll(async () => {
  client.close();
  await daemon.dispose();
});

const opened: RawWebSocket[] = [];
afterEach(() => opened.splice(0).forEach((socket) => socket.cut()));

async function openRaw(): Promise<RawWebSocket> {
  const socket = await RawWebSocket.open(daemon.port, daemon.token);
  opened.push(socket);
  return socket;
}

const request = (id: unknown, method: string, params: unknown = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const greeting = request(0, 'initialize', { protocol: { ...protocolRange }, client: { name: 'raw', version: '0' } });

async function openInitialized(): Promise<RawWebSocket> {
  const socket = await openRaw();
  await socket.sendText(greeting);
  expect(await socket.message()).toMatchObject({ id: 0, result: { protocol: protocolRange.maximum } });
  return socket;
}

/** Whether the socket still answers requests. */
async function answers(socket: RawWebSocket): Promise<unknown> {
  await socket.sendText(request(99, 'server.status'));
  return socket.message();
}

const { protocolViolation, notInitialized, messageTooBig } = closeCodes;
const wrongFrame = 1002;
const wrongText = 1007;
const tooManyPieces = 1008;
/** The daemon hung up without a close frame. */
const hungUp = 1006;
const text = (payload: string): Buffer => layOut({ opcode: opcodes.text, payload });
const binary = (payload: Uint8Array): Buffer => layOut({ opcode: opcodes.binary, payload });
const chunkFrame = (soundFrames[0] as (typeof soundFrames)[number]).bytes;

/** A binary frame of ours with that header text, padded as it must be. */
function chunkWithHeader(header: string): Buffer {
  const bytes = Buffer.from(header);
  const fixed = Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]);
  fixed.writeUInt32LE(bytes.length, 4);
  return binary(Buffer.concat([fixed, bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8), Buffer.from([1])]));
}

describe('before initialize', () => {
  it.each<[string, Buffer]>([
    ['a request', text(request(1, 'server.status'))],
    ['a request of an unknown method', text(request(1, 'nothing'))],
    ['a sound binary frame', binary(chunkFrame)],
  ])('%s ends the connection', async (_name, bytes) => {
    const socket = await openRaw();
    await socket.send(bytes);
    expect(await socket.closed).toBe(notInitialized.code);
  });

  it('a second greeting ends the connection', async () => {
    const socket = await openInitialized();
    await socket.sendText(greeting.replace('"id":0', '"id":1'));
    expect(await socket.closed).toBe(notInitialized.code);
  });
});

describe('a frame of the WebSocket', () => {
  const rows: [string, FrameLayout, number][] = [
    ['with a reserved bit', { opcode: opcodes.text, payload: '{}', reservedBits: 1 }, wrongFrame],
    ['that claims to be compressed', { opcode: opcodes.text, payload: '{}', reservedBits: 4 }, wrongFrame],
    ['of a reserved kind', { opcode: 3, payload: '{}' }, wrongFrame],
    ['of a reserved control kind', { opcode: 11 }, wrongFrame],
    ['without mask', { opcode: opcodes.text, payload: '{}', masked: false }, wrongFrame],
    ['that continues nothing', { opcode: opcodes.continuation, payload: '{}' }, wrongFrame],
    ['for control that is longer than 125', { opcode: opcodes.ping, payload: 'x'.repeat(126) }, wrongFrame],
    ['for control in fragments', { opcode: opcodes.ping, final: false }, wrongFrame],
    ['that closes with the code 999', { opcode: opcodes.close, payload: Uint8Array.of(3, 231) }, wrongFrame],
    ['that closes with half a code', { opcode: opcodes.close, payload: Uint8Array.of(3) }, wrongFrame],
    ['that closes with bad UTF-8', { opcode: opcodes.close, payload: Uint8Array.of(3, 232, 0xff) }, wrongText],
    ['of text in bad UTF-8', { opcode: opcodes.text, payload: Uint8Array.of(0x22, 0xc0, 0xaf, 0x22) }, wrongText],
    ['of text with half a surrogate', { opcode: opcodes.text, payload: Uint8Array.of(0xed, 0xa0, 0x80) }, wrongText],
    [
      'that announces one byte too many',
      { opcode: opcodes.binary, announced: BigInt(protocolLimits.messageBytes + 1) },
      messageTooBig.code,
    ],
    ['that announces 2^63 bytes', { opcode: opcodes.binary, announced: 2n ** 63n }, messageTooBig.code],
  ];
  it.each(rows)('%s ends the connection with %s', async (_name, layout, code) => {
    const socket = await openInitialized();
    await socket.send(layOut(layout));
    expect(await socket.closed).toBe(code);
  });

  it('in a million pieces of one byte is given up', async () => {
    const socket = await openInitialized();
    const piece = layOut({ opcode: opcodes.continuation, payload: ' ', final: false });
    await socket.send(layOut({ opcode: opcodes.text, payload: '{', final: false }));
    void socket.send(Buffer.alloc(piece.length * 1_000_000, piece));
    expect(await socket.closed).toBe(tooManyPieces);
  });

  it('that is never finished keeps the connection, and costs nobody else anything', async () => {
    const socket = await openInitialized();
    await socket.send(layOut({ opcode: opcodes.text, payload: '{"jsonrpc"', final: false }));
    expect(await client.call('server.status', {})).toMatchObject({ worker: { restarts: 0 } });
    await socket.send(layOut({ opcode: opcodes.continuation, payload: `:"2.0","id":5,"method":"server.status"}` }));
    expect(await socket.message()).toMatchObject({ id: 5, result: {} });
  });

  it('asking for life 100 times in turn is answered', async () => {
    const socket = await openInitialized();
    const ping = layOut({ opcode: opcodes.ping, payload: 'x' });
    for (let round = 0; round < 100; round++) {
      await socket.send(ping);
      await answers(socket);
    }
    expect(socket.pongs).toBe(100);
  });

  it('asking for life 20 000 times at once, faster than answers leave, is cut off', async () => {
    const socket = await openInitialized();
    const ping = layOut({ opcode: opcodes.ping, payload: 'x' });
    void socket.send(Buffer.alloc(ping.length * 20_000, ping));
    expect(await socket.closed).toBe(hungUp);
  });
});

describe('a binary frame', () => {
  it.each(brokenFrames.map(({ name, bytes }) => [name, bytes] as const))(
    'with %s ends the connection',
    async (_, bytes) => {
      const socket = await openInitialized();
      await socket.send(binary(bytes));
      expect(await socket.closed).toBe(protocolViolation.code);
    },
  );

  it.each([
    ['null', 'null'],
    ['a text', '"text"'],
    ['a number', '12'],
    ['the key __proto__', '{"uploadId":"u","offset":0,"__proto__":{"a":1}}'],
    ['the key constructor', '{"uploadId":"u","offset":0,"constructor":1}'],
    ['an offset of 1e400', '{"uploadId":"u","offset":1e400}'],
    ['an offset beyond 2^53', '{"uploadId":"u","offset":9007199254740993}'],
    ['a fractional offset', '{"uploadId":"u","offset":0.5}'],
    ['an offset as text', '{"uploadId":"u","offset":"0"}'],
    ['deep nesting', `${'['.repeat(2000)}${']'.repeat(2000)}`],
    ['an id that is a path', '{"uploadId":"../../token","offset":0}'],
    ['a byte order mark', '\ufeff{"uploadId":"u","offset":0}'],
  ])('whose header is or has %s ends the connection', async (_, header) => {
    const socket = await openInitialized();
    await socket.send(chunkWithHeader(header));
    expect(await socket.closed).toBe(protocolViolation.code);
  });

  it('that only the daemon sends ends the connection', async () => {
    const socket = await openInitialized();
    await socket.send(binary((soundFrames[2] as (typeof soundFrames)[number]).bytes));
    expect(await socket.closed).toBe(protocolViolation.code);
  });

  it('of an upload that nobody began is ignored, whichever of two equal keys counts', async () => {
    const socket = await openInitialized();
    await socket.send(chunkWithHeader('{"uploadId":"u","uploadId":"v","offset":0}'));
    expect(await answers(socket)).toMatchObject({ id: 99, result: {} });
  });
});

describe('a text message', () => {
  const ended: [string, string, number][] = [
    ['of no characters', '', protocolViolation.code],
    ['of one character', '{', protocolViolation.code],
    ['with a byte order mark', `\ufeff${request(1, 'server.status')}`, protocolViolation.code],
    ['that is null', 'null', protocolViolation.code],
    ['that is a number', '1e400', protocolViolation.code],
    ['that is NaN', 'NaN', protocolViolation.code],
    ['that is a batch', `[${request(1, 'server.status')}]`, protocolViolation.code],
    ['that is an empty batch', '[]', protocolViolation.code],
    ['that is a batch of 100 000', `[${'0,'.repeat(100_000)}0]`, messageTooBig.code],
    ['that nests 10 000 deep', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, protocolViolation.code],
    ['with a member too many', '{"jsonrpc":"2.0","id":1,"method":"server.status","x":1}', protocolViolation.code],
    ['with __proto__', '{"jsonrpc":"2.0","id":1,"method":"server.status","__proto__":{}}', protocolViolation.code],
    ['of another version', '{"jsonrpc":"1.0","id":1,"method":"server.status"}', protocolViolation.code],
    ['without method', '{"jsonrpc":"2.0","id":1}', protocolViolation.code],
    ['whose method is a list', '{"jsonrpc":"2.0","id":1,"method":["server.status"]}', protocolViolation.code],
    [
      'whose params are a list',
      '{"jsonrpc":"2.0","id":1,"method":"server.status","params":[]}',
      protocolViolation.code,
    ],
    ['that answers nothing', '{"jsonrpc":"2.0","id":7,"result":{}}', protocolViolation.code],
    ...['null', '1.5', '{}', '[]', 'true', '1e400', '9007199254740993'].map((id): [string, string, number] => [
      `whose id is ${id}`,
      `{"jsonrpc":"2.0","id":${id},"method":"server.status"}`,
      protocolViolation.code,
    ]),
    [
      'of one character too many',
      `${request(1, 'server.status')}${' '.repeat(protocolLimits.requestCharacters)}`,
      messageTooBig.code,
    ],
  ];
  it.each(ended)('%s ends the connection', async (_name, message, code) => {
    const socket = await openInitialized();
    await socket.sendText(message);
    expect(await socket.closed).toBe(code);
  });

  it('with the id of a request in flight ends the connection', async () => {
    const digest = await client.upload(new Uint8Array(4).fill(1));
    const socket = await openInitialized();
    const image = { encoding: 'rgba8', digest, width: 1, height: 1 };
    const edit = request(7, 'edit', { image, targets: ['slow 20000'] });
    await socket.sendText(edit);
    await socket.sendText(edit);
    expect(await socket.closed).toBe(protocolViolation.code);
  });

  const answered: [string, string, unknown][] = [
    ['an unknown method', request(1, 'format.disk'), 'unknown_method'],
    ['a method named like a property of objects', request(1, 'constructor'), 'unknown_method'],
    ['a method with half a surrogate', '{"jsonrpc":"2.0","id":1,"method":"\\ud800"}', 'unknown_method'],
    [
      '__proto__ among the params',
      '{"jsonrpc":"2.0","id":1,"method":"blob.have","params":{"__proto__":{}}}',
      'invalid_params',
    ],
    ['digests that are no list', request(1, 'blob.have', { digests: 'all' }), 'invalid_params'],
    [
      'a size of 1e400',
      '{"jsonrpc":"2.0","id":1,"method":"blob.begin","params":{"digest":"sha256:0","sizeBytes":1e400}}',
      'invalid_params',
    ],
  ];
  it.each(answered)('with %s is answered with its error', async (_name, message, code) => {
    const socket = await openInitialized();
    await socket.sendText(message);
    expect(await socket.message()).toMatchObject({ id: 1, error: { data: { code } } });
    expect(await answers(socket)).toMatchObject({ id: 99, result: {} });
  });

  it('cancelling what is not there, a thousand times, changes nothing', async () => {
    const socket = await openInitialized();
    const cancel = (id: unknown): Buffer =>
      text(JSON.stringify({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id } }));
    await socket.send(Buffer.concat(Array.from({ length: 1000 }, (_, i) => cancel(i % 2 === 0 ? i : `job-${i}`))));
    expect(await answers(socket)).toMatchObject({ id: 99, result: {} });
  });

  it('cancelling the request of another connection does not reach it', async () => {
    const digest = await client.upload(new Uint8Array(4).fill(2));
    let started: () => void = () => undefined;
    const working = new Promise<void>((resolve) => (started = resolve));
    let id = 0;
    const edit = client.call(
      'edit',
      { image: { encoding: 'rgba8', digest, width: 1, height: 1 }, targets: ['slow 300'] },
      { onId: (given) => (id = given), onProgress: ({ stage }) => stage === 'work' && started() },
    );
    await working;
    const socket = await openInitialized();
    await socket.send(text(JSON.stringify({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id } })));
    await answers(socket);
    await expect(edit).resolves.toMatchObject({ outputs: [{ target: 'slow 300' }] });
  });

  it('that is no request, 10 000 times, changes nothing', async () => {
    const socket = await openInitialized();
    const notice = text('{"jsonrpc":"2.0","method":"nobody.listens","params":{}}');
    await socket.send(Buffer.alloc(notice.length * 10_000, notice));
    expect(await answers(socket)).toMatchObject({ id: 99, result: {} });
  });
});

describe('after all that', () => {
  it('the daemon is well, alone with one client, and nothing unfinished lies on the disk', async () => {
    await expect
      .poll(async () => await client.call('server.status', {}), { timeout: 10_000 })
      .toMatchObject({ connections: 1, worker: { restarts: 0 } });
    const names = await readdir(path.join(daemon.dataRoot, 'blobs'));
    expect(names.filter((name) => !name.startsWith('sha256-'))).toEqual([]);
  });
});
