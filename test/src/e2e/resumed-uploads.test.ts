/** Uploads that are interrupted, by either side, and go on where they stopped. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import { Peer, protocolLimits, protocolRange } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, temporaryFolder, type TestDaemon } from '../fakes/daemon-process.js';

const { chunkBytes } = protocolLimits;
const bytes = new Uint8Array(randomBytes(6 * chunkBytes + 5));
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const partialName = `partial-${digest.slice(7)}`;

let daemon: TestDaemon | undefined;
afterEach(async () => {
  await daemon?.dispose();
  daemon = undefined;
});

/** A peer that tells how far the daemon has written. */
async function peerOf({ port, token }: TestDaemon) {
  let onWritten: (offset: number) => void = () => undefined;
  const peer = new Peer(await openSocket(port, token), {
    notification: (_name, params) => onWritten((params as { offset: number }).offset),
    closed: () => undefined,
  });
  await peer.request('initialize', { protocol: { ...protocolRange }, client: { name: 'blunt', version: '0' } });
  const begin = async (): Promise<{ uploadId: string; offset: number }> => {
    const begun = await peer.request('blob.begin', { digest, sizeBytes: bytes.length });
    if (begun.state !== 'receiving') throw new Error('the blob is known already');
    return begun;
  };
  const send = (uploadId: string, offset: number): Promise<number> => {
    const written = new Promise<number>((resolve) => (onWritten = resolve));
    const payload = bytes.subarray(offset, offset + chunkBytes);
    peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset }, payload });
    return written;
  };
  return { peer, begin, send };
}

/** Sends two chunks and part of a third that nobody confirms. */
async function sendSome(target: TestDaemon) {
  const sender = await peerOf(target);
  const { uploadId } = await sender.begin();
  await sender.send(uploadId, 0);
  await sender.send(uploadId, chunkBytes);
  return sender;
}

describe('an interrupted upload', () => {
  it('goes on with another connection', async () => {
    daemon = await startScriptedDaemon();
    (await sendSome(daemon)).peer.close();
    const client = await daemon.connect();
    await expect.poll(async () => (await client.call('server.status', {})).blobs.partialBytes).toBe(2 * chunkBytes);
    const { peer, begin } = await peerOf(daemon);
    expect((await begin()).offset).toBe(2 * chunkBytes);
    peer.close();
    await expect.poll(async () => (await client.call('server.status', {})).blobs.partialBytes).toBe(2 * chunkBytes);
    expect(await client.upload(bytes)).toBe(digest);
    expect(Buffer.compare(await client.download(digest), bytes)).toBe(0);
    client.close();
  });

  it('goes on after the daemon was killed in the middle of it', async () => {
    const folder = await temporaryFolder();
    const killed = await startScriptedDaemon(folder);
    const { send } = await sendSome(killed);
    void send('whatever', 0);
    const gone = new Promise((resolve) => killed.process.once('exit', resolve));
    killed.process.kill('SIGKILL');
    await gone;
    const { size } = await stat(path.join(folder, 'blobs', partialName));
    expect(size).toBeGreaterThanOrEqual(2 * chunkBytes);
    daemon = await startScriptedDaemon(folder);
    const { peer, begin } = await peerOf(daemon);
    expect((await begin()).offset).toBe(size);
    peer.close();
    const client = await daemon.connect();
    expect(await client.upload(bytes)).toBe(digest);
    expect(Buffer.compare(await client.download(digest), bytes)).toBe(0);
    expect(await readdir(path.join(folder, 'blobs'))).toEqual([`sha256-${digest.slice(7)}`]);
    client.close();
  });

  it('starts over by itself when what was kept does not lead to the digest', async () => {
    const folder = await temporaryFolder();
    const first = await startScriptedDaemon(folder);
    await sendSome(first);
    const gone = new Promise((resolve) => first.process.once('exit', resolve));
    first.process.kill('SIGKILL');
    await gone;
    await writeFile(path.join(folder, 'blobs', partialName), randomBytes(chunkBytes));
    daemon = await startScriptedDaemon(folder);
    const client = await daemon.connect();
    expect(await client.upload(bytes)).toBe(digest);
    expect(Buffer.compare(await client.download(digest), bytes)).toBe(0);
    client.close();
  });

  it('that its own client cancelled goes on with the same connection when it is asked for again', async () => {
    daemon = await startScriptedDaemon();
    const client = await daemon.connect();
    let looks = 0;
    const signal = {
      get aborted() {
        return ++looks > 3; // looked at before each chunk
      },
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    };
    await expect(client.upload(bytes, { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await client.upload(bytes)).toBe(digest);
    expect(Buffer.compare(await client.download(digest), bytes)).toBe(0);
    expect(await readdir(path.join(daemon.dataRoot, 'blobs'))).toEqual([`sha256-${digest.slice(7)}`]);
    client.close();
  });
});
