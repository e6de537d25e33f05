/**
 * `blob.*` for one connection, and the upload chunks that belong to it. Uploads end with their connection.
 */
import { randomUUID } from 'node:crypto';
import {
  protocolLimits,
  ProtocolError,
  type Digest,
  type Frame,
  type Params,
  type Peer,
  type RequestId,
  type Result,
} from '@deltaspace/shared-protocol';
import { daemonSettings } from '../../config/settings.js';
import type { BlobStore } from '../../jobs/blob-store.js';
import type { Upload } from '../../jobs/upload.js';

export class BlobHandlers {
  readonly #store: BlobStore;
  readonly #peer: Peer;
  readonly #uploads = new Map<string, Upload>();
  /** Uploads being opened: they count for the limit before they are in the map. */
  #opening = 0;

  constructor(store: BlobStore, peer: Peer) {
    this.#store = store;
    this.#peer = peer;
  }

  have(params: Params<'blob.have'>): Result<'blob.have'> {
    return { missing: params.digests.filter((digest) => !this.#store.has(digest)) };
  }

  async begin(params: Params<'blob.begin'>): Promise<Result<'blob.begin'>> {
    if (this.#store.has(params.digest)) return { state: 'known' };
    if (this.#uploads.size + this.#opening >= protocolLimits.openUploads) {
      throw new ProtocolError(
        'too_many_requests',
        `at most ${protocolLimits.openUploads} uploads may be open per connection; commit one first`,
      );
    }
    this.#opening++;
    try {
      const upload = await this.#store.beginUpload(params.digest as Digest, params.sizeBytes);
      if (this.#peer.isClosed) {
        await this.#store.finishUpload(upload, false);
        throw new ProtocolError('connection_lost', 'the connection closed');
      }
      const uploadId = randomUUID();
      this.#uploads.set(uploadId, upload);
      return { state: 'receiving', uploadId, offset: 0 };
    } finally {
      this.#opening--;
    }
  }

  async commit(params: Params<'blob.commit'>): Promise<Result<'blob.commit'>> {
    const upload = this.#uploads.get(params.uploadId);
    if (upload === undefined) {
      throw new ProtocolError('upload_unknown', 'no upload of that id is open on this connection; begin it again');
    }
    this.#uploads.delete(params.uploadId);
    await this.#store.finishUpload(upload, true);
    return { digest: upload.digest, sizeBytes: upload.sizeBytes };
  }

  async get(params: Params<'blob.get'>, request: RequestId): Promise<Result<'blob.get'>> {
    if (typeof request !== 'number') {
      throw new ProtocolError('invalid_request', 'blob.get needs a numeric request id: its chunk is found by it');
    }
    if (this.#peer.bufferedBytes > daemonSettings.slowConsumerBytes) {
      this.#peer.close('slowConsumer', 'too many unread bytes');
      throw new ProtocolError('connection_lost', 'the connection was closed');
    }
    const { digest, offset, length } = params;
    const { sizeBytes, payload } = await this.#store.read(digest, offset, length);
    this.#peer.sendFrame({ type: 'downloadChunk', header: { request, digest, offset }, payload });
    return { sizeBytes, offset, length: payload.length };
  }

  receive(frame: Frame): void {
    if (frame.type !== 'uploadChunk') {
      this.#peer.close('protocolViolation', 'only the daemon sends download chunks');
      return;
    }
    const { uploadId, offset } = frame.header;
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) return; // A late chunk of an upload that failed; its commit is answered with the error.
    const allowed = protocolLimits.unconfirmedChunks * protocolLimits.chunkBytes;
    if (upload.unwrittenBytes + frame.payload.length > allowed) {
      this.#peer.close('protocolViolation', `more than ${allowed} unconfirmed bytes; wait for blob.received`);
      return;
    }
    upload.write(offset, frame.payload, (written) => {
      this.#peer.notify('blob.received', { uploadId, offset: written });
    });
  }

  /** Gives up what is open. */
  async dispose(): Promise<void> {
    const open = [...this.#uploads.values()];
    this.#uploads.clear();
    await Promise.all(open.map((upload) => this.#store.finishUpload(upload, false)));
  }
}
