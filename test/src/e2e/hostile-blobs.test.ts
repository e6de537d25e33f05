/**
 * Uploads that no client of ours sends, to a real daemon: each gets its specific error, nothing unfinished stays on the disk, and
 * the right bytes can be sent afterwards. What an honest client does is in blobs.test.ts.
 */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import { encodeFrame, Peer, protocolRange, type DeltaClient } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, temporaryFolder, type TestDaemon } from '../fakes/daemon-process.js';
import { layOut, opcodes, RawWebSocket } from '../fakes/raw-websocket.js';
import { digestOf } from '../fakes/tiny-edits.js';

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

const unfinished = async (folder: string): Promise<string[]> =>
  (await readdir(path.join(folder, 'blobs'))).filter((name) => !name.startsWith('sha256-'));

const greeting = { protocol: { ...protocolRange }, client: { name: 'blunt', version: '0' } };

async function bluntPeer(): Promise<Peer> {
  const peer = new Peer(await openSocket(daemon.port, daemon.token));
  await peer.request('initialize', greeting);
  return peer;
}

type Chunk = readonly [offset: number, text: string];

/** Begins an upload under an id, sends the chunks and commits. */
async function send(peer: Peer, announced: string, chunks: readonly Chunk[], uploadId: string): Promise<unknown> {
  const bytes = Buffer.from(announced);
  await peer.request('blob.begin', { digest: digestOf(bytes), sizeBytes: bytes.length, uploadId });
  for (const [offset, text] of chunks)
    peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset }, payload: Buffer.from(text) });
  return peer.request('blob.commit', { uploadId });
}

describe('an upload', () => {
  const rows: [string, Chunk[], string][] = [
    [
      'in overlapping chunks',
      [
        [0, 'announ'],
        [4, 'unced'],
      ],
      'upload_incomplete',
    ],
    [
      'in chunks out of order',
      [
        [4, 'unced'],
        [0, 'anno'],
      ],
      'upload_incomplete',
    ],
    [
      'with a gap',
      [
        [0, 'anno'],
        [5, 'nced'],
      ],
      'upload_incomplete',
    ],
    [
      'with the same chunk twice',
      [
        [0, 'anno'],
        [0, 'anno'],
        [4, 'unced'],
      ],
      'upload_incomplete',
    ],
    ['of fewer bytes than announced', [[0, 'announce']], 'upload_incomplete'],
    ['of more bytes than announced', [[0, 'announced too much']], 'upload_incomplete'],
    ['of no bytes', [], 'upload_incomplete'],
    ['at the last offset there is', [[Number.MAX_SAFE_INTEGER, 'announced']], 'upload_incomplete'],
    ['of other bytes', [[0, 'ANNOUNCED']], 'digest_mismatch'],
  ];
  it.each(rows)('%s is refused, and the right one taken after it', async (_name, chunks, code) => {
    const peer = await bluntPeer();
    const content = 'announced';
    await expect(send(peer, content, chunks, 'wrong')).rejects.toMatchObject({ code });
    expect(await unfinished(daemon.dataRoot)).toEqual([]);
    expect(await client.call('blob.have', { digests: [digestOf(Buffer.from(content))] })).toEqual({
      missing: [digestOf(Buffer.from(content))],
    });
    peer.close();
  });

  it('that is committed is closed: later chunks change nothing', async () => {
    const peer = await bluntPeer();
    await send(peer, 'finished', [[0, 'finished']], 'mine');
    peer.sendFrame({ type: 'uploadChunk', header: { uploadId: 'mine', offset: 0 }, payload: Buffer.from('FINISHED') });
    await expect(peer.request('blob.commit', { uploadId: 'mine' })).rejects.toMatchObject({ code: 'upload_unknown' });
    expect(Buffer.from(await client.download(digestOf(Buffer.from('finished')))).toString()).toBe('finished');
    peer.close();
  });

  it('of another client cannot be written to, even under its id', async () => {
    const [mine, other] = [await bluntPeer(), await bluntPeer()];
    const bytes = Buffer.from('only mine');
    await mine.request('blob.begin', { digest: digestOf(bytes), sizeBytes: bytes.length, uploadId: 'shared' });
    other.sendFrame({ type: 'uploadChunk', header: { uploadId: 'shared', offset: 0 }, payload: Buffer.from('not') });
    await other.request('server.status', {});
    mine.sendFrame({ type: 'uploadChunk', header: { uploadId: 'shared', offset: 0 }, payload: bytes });
    await expect(mine.request('blob.commit', { uploadId: 'shared' })).resolves.toEqual({
      digest: digestOf(bytes),
      sizeBytes: bytes.length,
    });
    mine.close();
    other.close();
  });

  const hex = 'ab'.repeat(32);
  it.each([
    ['in upper case', `sha256:${hex.toUpperCase()}`],
    ['that is a path', 'sha256:../../token'],
    ['that is too short', `sha256:${hex.slice(1)}`],
    ['that is too long', `sha256:${hex}0`],
    ['of another kind', `sha512:${hex}`],
    ['with a line break', `sha256:${hex}\n`],
    ['with a zero', `sha256:${hex.slice(1)}\0`],
    ['of full-width digits', `sha256:${'１'.repeat(64)}`],
  ])('under a digest %s is refused', async (_name, digest) => {
    await expect(client.call('blob.begin', { digest, sizeBytes: 1 })).rejects.toMatchObject({ code: 'invalid_params' });
  });
});

describe('a client that disappears', () => {
  const content = Buffer.alloc(3000, 'content');
  const uploadId = 'lost';
  const chunk = (offset: number, payload: Uint8Array): Buffer =>
    layOut({
      opcode: opcodes.binary,
      payload: encodeFrame({ type: 'uploadChunk', header: { uploadId, offset }, payload }),
    });
  const whole = chunk(0, content);
  const moments: [string, Buffer][] = [
    ['before the first byte', Buffer.alloc(0)],
    ['inside the head of a frame', whole.subarray(0, 1)],
    ['inside the length of a frame', whole.subarray(0, 3)],
    ['inside the mask of a frame', whole.subarray(0, 6)],
    ['inside the header of a chunk', whole.subarray(0, 20)],
    ['inside the content of a chunk', whole.subarray(0, 1500)],
    ['before the last byte of a chunk', whole.subarray(0, -1)],
    ['between two chunks', chunk(0, content.subarray(0, 1000))],
    ['inside the second chunk', Buffer.concat([chunk(0, content.subarray(0, 1000)), whole.subarray(0, 900)])],
    ['before the commit', whole],
  ];
  it.each(moments)('%s leaves nothing, and can send it all again', async (_name, bytes) => {
    const socket = await RawWebSocket.open(daemon.port, daemon.token);
    await socket.sendText(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: greeting }));
    await socket.message();
    const params = { digest: digestOf(content), sizeBytes: content.length, uploadId };
    await socket.sendText(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'blob.begin', params }));
    expect(await socket.message()).toMatchObject({ result: { state: 'receiving' } });
    await socket.send(bytes);
    socket.cut();
    await expect.poll(() => unfinished(daemon.dataRoot)).toEqual([]);
    await expect.poll(async () => (await client.call('server.status', {})).connections).toBe(1);
    const peer = await bluntPeer();
    await expect(send(peer, 'x'.repeat(3000), [[0, content.toString()]], uploadId)).rejects.toMatchObject({
      code: 'digest_mismatch',
    });
    peer.close();
  });

  it('with the daemon, by SIGKILL, leaves nothing that the next one keeps', async () => {
    const dataRoot = await temporaryFolder();
    const first = await startScriptedDaemon(dataRoot);
    const peer = new Peer(await openSocket(first.port, first.token));
    await peer.request('initialize', greeting);
    await peer.request('blob.begin', { digest: digestOf(content), sizeBytes: content.length, uploadId });
    peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset: 0 }, payload: content.subarray(0, 1000) });
    await expect.poll(() => unfinished(dataRoot)).toHaveLength(1);
    const gone = new Promise((resolve) => first.process.once('exit', resolve));
    first.process.kill('SIGKILL');
    await gone;
    const second = await startScriptedDaemon(dataRoot);
    expect(await unfinished(dataRoot)).toEqual([]);
    const next = await second.connect();
    expect(await next.upload(new Uint8Array(content))).toBe(digestOf(content));
    next.close();
    await second.dispose();
  });
});

describe('a blob that is gone', () => {
  it('between the question and the edit is missed by name', async () => {
    const digest = await client.upload(new Uint8Array(4).fill(77));
    expect(await client.call('blob.have', { digests: [digest] })).toEqual({ missing: [] });
    await rm(path.join(daemon.dataRoot, 'blobs', digest.replace(':', '-')));
    const raw = { encoding: 'rgba8', digest, width: 1, height: 1 } as const;
    for (const image of [raw, { encoding: 'file', digest } as const])
      await expect(client.call('edit', { image, targets: ['hat'] })).rejects.toMatchObject({ code: 'blob_missing' });
  });
});

describe('after all that', () => {
  it('the daemon is well, and nothing unfinished lies on the disk', async () => {
    expect(await client.call('server.status', {})).toMatchObject({ worker: { restarts: 0 } });
    expect(await unfinished(daemon.dataRoot)).toEqual([]);
  });
});
