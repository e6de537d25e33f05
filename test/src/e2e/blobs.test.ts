/** Blobs over a real socket: chunks, digests, misbehaviour. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import { closeCodes, Peer, protocolLimits, protocolRange, type DeltaClient } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
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

/** A peer without the client's manners: sends what the test wants. */
async function bluntPeer(): Promise<{ peer: Peer; closed: Promise<number> }> {
  let resolveClosed: (code: number) => void = () => undefined;
  const closed = new Promise<number>((resolve) => (resolveClosed = resolve));
  const peer = new Peer(await openSocket(daemon.port, daemon.token), { closed: resolveClosed });
  await peer.request('initialize', { protocol: { ...protocolRange }, client: { name: 'blunt', version: '0' } });
  return { peer, closed };
}

async function begin(peer: Peer, bytes: Uint8Array): Promise<string> {
  const begun = await peer.request('blob.begin', { digest: digestOf(bytes), sizeBytes: bytes.length });
  if (begun.state !== 'receiving') throw new Error('the blob is known already');
  return begun.uploadId;
}

const blobFiles = async (): Promise<string[]> => readdir(path.join(daemon.dataRoot, 'blobs'));

describe('blobs', () => {
  it('come back byte for byte, across chunks', async () => {
    const bytes = new Uint8Array(randomBytes(5 * protocolLimits.chunkBytes + 17));
    const digest = await client.upload(bytes);
    expect(Buffer.compare(await client.download(digest), bytes)).toBe(0);
    expect(await client.call('blob.have', { digests: [digest, digestOf(Buffer.from('other'))] })).toEqual({
      missing: [digestOf(Buffer.from('other'))],
    });
  });

  it('are told from one another when two clients send the same at once', async () => {
    const other = await daemon.connect();
    const bytes = new Uint8Array(randomBytes(3 * protocolLimits.chunkBytes));
    const [first, second] = await Promise.all([client.upload(bytes), other.upload(bytes)]);
    expect(first).toBe(second);
    expect(Buffer.compare(await other.download(first), bytes)).toBe(0);
    other.close();
  });

  it('come in one trip when the client names the upload, known ones too', async () => {
    const { peer } = await bluntPeer();
    for (const round of ['new', 'known']) {
      const bytes = new Uint8Array(1000).fill(77);
      const uploadId = `mine-${round}`;
      const begun = peer.request('blob.begin', { digest: digestOf(bytes), sizeBytes: bytes.length, uploadId });
      peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset: 0 }, payload: bytes });
      const committed = peer.request('blob.commit', { uploadId });
      if (round === 'new') {
        expect(await begun).toEqual({ state: 'receiving', uploadId, offset: 0 });
        expect(await committed).toEqual({ digest: digestOf(bytes), sizeBytes: 1000 });
      } else {
        expect(await begun).toEqual({ state: 'known' });
        await expect(committed).rejects.toMatchObject({ code: 'upload_unknown' });
      }
    }
    expect(Buffer.compare(await client.download(digestOf(new Uint8Array(1000).fill(77))), Buffer.alloc(1000, 77))).toBe(
      0,
    );
    peer.close('normal');
  });

  it('are refused under an id that is in use', async () => {
    const { peer } = await bluntPeer();
    const params = { digest: digestOf(Buffer.from('twice')), sizeBytes: 5, uploadId: 'twice' };
    const both = await Promise.allSettled([peer.request('blob.begin', params), peer.request('blob.begin', params)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'invalid_params' } });
    peer.close('normal');
  });

  it('are refused with sizes that cannot be', async () => {
    const digest = digestOf(Buffer.from('never sent'));
    const call = (sizeBytes: number) => client.call('blob.begin', { digest, sizeBytes });
    await expect(call(0)).rejects.toMatchObject({ code: 'blob_empty' });
    await expect(call(protocolLimits.blobBytes + 1)).rejects.toMatchObject({ code: 'blob_too_large' });
    for (const impossible of [-1, 1.5, 2 ** 63]) {
      await expect(call(impossible)).rejects.toMatchObject({ code: 'invalid_params' });
    }
  });

  it.each(['sha256:../../token', `sha256:${'A'.repeat(64)}`, 'sha256:00', ''])(
    'are not found under the name %j, which is no digest',
    async (digest) => {
      await expect(client.call('blob.get', { digest })).rejects.toMatchObject({ code: 'invalid_params' });
    },
  );

  it('are missing when nobody sent them', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    await expect(client.download(digest)).rejects.toMatchObject({ code: 'blob_missing' });
  });
});

describe('an upload that goes wrong', () => {
  it('with other bytes than announced is refused and leaves nothing', async () => {
    const { peer } = await bluntPeer();
    const before = await blobFiles();
    const uploadId = await begin(peer, Buffer.from('announced'));
    peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset: 0 }, payload: Buffer.from('different') });
    await expect(peer.request('blob.commit', { uploadId })).rejects.toMatchObject({ code: 'digest_mismatch' });
    expect(await blobFiles()).toEqual(before);
    peer.close();
  });

  it('with a gap is refused', async () => {
    const { peer } = await bluntPeer();
    const uploadId = await begin(peer, Buffer.from('announced'));
    peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset: 4 }, payload: Buffer.from('unced') });
    await expect(peer.request('blob.commit', { uploadId })).rejects.toMatchObject({ code: 'upload_incomplete' });
    peer.close();
  });

  it('cannot be continued from another connection', async () => {
    const { peer } = await bluntPeer();
    const uploadId = await begin(peer, Buffer.from('mine'));
    await expect(client.call('blob.commit', { uploadId })).rejects.toMatchObject({ code: 'upload_unknown' });
    peer.close();
  });

  it('is cut off when it does not wait for confirmation', async () => {
    const { peer, closed } = await bluntPeer();
    const bytes = new Uint8Array(200 * protocolLimits.chunkBytes);
    const uploadId = await begin(peer, bytes);
    const { chunkBytes } = protocolLimits;
    for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
      peer.sendFrame({
        type: 'uploadChunk',
        header: { uploadId, offset },
        payload: bytes.subarray(offset, offset + chunkBytes),
      });
    }
    await expect(closed).resolves.toBe(closeCodes.protocolViolation.code);
  });

  it('leaves no file behind when its client disappears', async () => {
    const { peer, closed } = await bluntPeer();
    const uploadId = await begin(peer, Buffer.from('never finished'));
    peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset: 0 }, payload: Buffer.from('never') });
    await peer.request('server.status', {});
    peer.close();
    await closed;
    await expect.poll(async () => (await blobFiles()).filter((name) => name.startsWith('incoming-'))).toEqual([]);
  });

  it('is one of a limited number per connection', async () => {
    const { peer } = await bluntPeer();
    for (let index = 0; index < protocolLimits.openUploads; index++) await begin(peer, Buffer.from(`upload ${index}`));
    await expect(begin(peer, Buffer.from('one more'))).rejects.toMatchObject({ code: 'too_many_requests' });
    peer.close();
  });
});
