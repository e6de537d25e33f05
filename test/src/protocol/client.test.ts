import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DeltaClient, Peer, protocolLimits, socketPair, type IncomingRequest } from '@deltaspace/shared-protocol';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A daemon in memory: just enough to hold blobs, confirming chunks when told to. */
class BlobDaemon {
  readonly blobs = new Map<string, Uint8Array>();
  readonly uploads = new Map<string, { digest: string; bytes: Uint8Array }>();
  readonly chunkOffsets: number[] = [];
  confirmAtOnce = true;
  limits: Partial<typeof protocolLimits> = protocolLimits;
  readonly peer: Peer;

  constructor(socket: ConstructorParameters<typeof Peer>[0]) {
    this.peer = new Peer(socket, {
      request: (request) => this.answer(request),
      frame: (frame) => {
        if (frame.type !== 'uploadChunk') return;
        const { uploadId, offset } = frame.header;
        this.uploads.get(uploadId)?.bytes.set(frame.payload, offset);
        this.chunkOffsets.push(offset);
        if (this.confirmAtOnce) this.peer.notify('blob.received', { uploadId, offset: offset + frame.payload.length });
      },
    });
  }

  private answer({ method, params, id }: IncomingRequest): unknown {
    const given = params as { digest: string; sizeBytes: number; uploadId: string; offset: number; length: number };
    switch (method) {
      case 'initialize':
        return {
          protocol: 1,
          server: { name: 'deltaspace', version: '0' },
          sessionId: 's',
          capabilities: {},
          limits: this.limits,
          models: [],
        };
      case 'blob.begin':
        if (this.blobs.has(given.digest)) return { state: 'known' };
        this.uploads.set('u', { digest: given.digest, bytes: new Uint8Array(given.sizeBytes) });
        return { state: 'receiving', uploadId: 'u', offset: 0 };
      case 'blob.commit': {
        const { digest, bytes } = this.uploads.get('u') as { digest: string; bytes: Uint8Array };
        this.blobs.set(digest, bytes);
        return { digest, sizeBytes: bytes.length };
      }
      case 'blob.get': {
        const bytes = this.blobs.get(given.digest) as Uint8Array;
        const payload = bytes.slice(given.offset, given.offset + given.length);
        const header = { request: id as number, digest: given.digest, offset: given.offset };
        this.peer.sendFrame({ type: 'downloadChunk', header, payload });
        return { sizeBytes: bytes.length, offset: given.offset, length: payload.length };
      }
      default:
        throw new Error(`unexpected ${method}`);
    }
  }
}

async function connected(limits?: BlobDaemon['limits']): Promise<{ client: DeltaClient; daemon: BlobDaemon }> {
  const [left, right] = socketPair();
  const daemon = new BlobDaemon(right);
  if (limits !== undefined) daemon.limits = limits;
  return { client: await DeltaClient.connect(left, { name: 'test', version: '0', sha256 }), daemon };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const somePixels = Uint8Array.from({ length: 2 * protocolLimits.chunkBytes + 5 }, (_, index) => index % 251);

describe('the client', () => {
  it('uploads in chunks and downloads the same bytes', async () => {
    const { client, daemon } = await connected();
    const digest = await client.upload(somePixels);
    expect(digest).toBe(`sha256:${sha256(somePixels)}`);
    expect(daemon.chunkOffsets).toEqual([0, protocolLimits.chunkBytes, 2 * protocolLimits.chunkBytes]);
    expect(Buffer.compare(await client.download(digest), somePixels)).toBe(0);
  });

  it('talks to a daemon that knows fewer limits than it does, and keeps to its own then', async () => {
    const { previewSide, ...fewer } = { ...protocolLimits, frames: 7 };
    const { client } = await connected(fewer as Partial<typeof protocolLimits>);
    expect(client.session.limits).toMatchObject({ frames: 7, previewSide });
  });

  it('sends nothing that the daemon holds already', async () => {
    const { client, daemon } = await connected();
    await client.upload(somePixels);
    daemon.chunkOffsets.length = 0;
    await client.upload(somePixels.slice());
    expect(daemon.chunkOffsets).toEqual([]);
  });

  it('sends no layer, large or small, whose upload was cancelled before', async () => {
    const { client, daemon } = await connected();
    for (const bytes of [somePixels, somePixels.slice(0, 100)])
      await expect(client.upload(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(daemon.chunkOffsets).toEqual([]);
  });

  it('never runs more than the agreed chunks ahead of the daemon', async () => {
    const { client, daemon } = await connected();
    daemon.confirmAtOnce = false;
    const bytes = new Uint8Array(7 * protocolLimits.chunkBytes);
    const upload = client.upload(bytes);
    await settled();
    expect(daemon.chunkOffsets).toHaveLength(protocolLimits.unconfirmedChunks);
    daemon.peer.notify('blob.received', { uploadId: 'u', offset: 2 * protocolLimits.chunkBytes });
    await settled();
    expect(daemon.chunkOffsets).toHaveLength(protocolLimits.unconfirmedChunks + 2);
    daemon.peer.notify('blob.received', { uploadId: 'u', offset: 6 * protocolLimits.chunkBytes });
    await upload;
    expect(daemon.chunkOffsets).toHaveLength(7);
  });

  it('gives an upload up when the connection closes', async () => {
    const { client, daemon } = await connected();
    daemon.confirmAtOnce = false;
    const upload = client.upload(new Uint8Array(7 * protocolLimits.chunkBytes));
    upload.catch(() => undefined);
    await settled();
    daemon.peer.close('goingAway');
    await expect(upload).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('takes a small result that came with its answer once, and fetches it the next time', async () => {
    const { client, daemon } = await connected();
    const digest = await client.upload(somePixels);
    const pushed = Uint8Array.of(1, 2, 3);
    daemon.peer.sendFrame({ type: 'downloadChunk', header: { request: 999, digest, offset: 0 }, payload: pushed });
    await settled();
    expect([...(await client.download(digest))]).toEqual([1, 2, 3]);
    expect(await client.download(digest)).toHaveLength(somePixels.length);
  });

  it('keeps a bounded amount of pushed results, the newest', async () => {
    const { client, daemon } = await connected();
    const digest = await client.upload(somePixels);
    const push = (name: string): void => {
      const payload = new Uint8Array(protocolLimits.pushedResultBytes);
      daemon.peer.sendFrame({ type: 'downloadChunk', header: { request: 999, digest: name, offset: 0 }, payload });
    };
    push(digest);
    for (let k = 0; k < 8; k++) push(`sha256:${String(k).repeat(64)}`);
    await settled();
    expect(await client.download(digest)).toHaveLength(somePixels.length);
    expect(await client.download(`sha256:${'7'.repeat(64)}`)).toHaveLength(protocolLimits.pushedResultBytes);
  });

  it('refuses a download above the size the caller can take', async () => {
    const { client } = await connected();
    const digest = await client.upload(somePixels);
    await expect(client.download(digest, { maximumBytes: 10 })).rejects.toMatchObject({ code: 'blob_too_large' });
  });
});
