/**
 * `blob.*` for one connection, and the upload chunks that belong to it. Uploads end with their connection; another one may go on
 * with what they left.
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
import type { Metrics } from '../../metrics/metrics.js';
import type { Upload } from '../../jobs/upload.js';

interface OpeningUpload {
  /** The upload, unless the blob is held. */
  readonly opened: Promise<Upload | undefined>;
  readonly chunks: { readonly offset: number; readonly payload: Uint8Array }[];
  bytes: number;
}

export class BlobHandlers {
  readonly #store: BlobStore;
  readonly #peer: Peer;
  readonly #metrics: Metrics;
  readonly #uploads = new Map<string, Upload>();
  /** Uploads being opened, and the chunks that came meanwhile. They count for the limit as well. */
  readonly #opening = new Map<string, OpeningUpload>();

  /**
   * The turn of the event loop that the last question was given. Many come at once when a client lists what it has, and others want
   * an answer between them.
   */
  #turn: Promise<void> = Promise.resolve();

  constructor(store: BlobStore, peer: Peer, metrics: Metrics) {
    this.#store = store;
    this.#peer = peer;
    this.#metrics = metrics;
  }

  async have(params: Params<'blob.have'>): Promise<Result<'blob.have'>> {
    await (this.#turn = this.#turn.then(nextTurn));
    const missing: string[] = [];
    for (const digest of params.digests) if (!(await this.#store.verify(digest))) missing.push(digest);
    return { missing };
  }

  async begin(params: Params<'blob.begin'>): Promise<Result<'blob.begin'>> {
    const { uploadId = randomUUID() } = params;
    if (this.#uploads.has(uploadId) || this.#opening.has(uploadId))
      throw new ProtocolError('invalid_params', `an upload ${uploadId} is open on this connection; choose another id`);
    const opened = this.#open(uploadId, params.digest as Digest, params.sizeBytes);
    this.#opening.set(uploadId, { opened, chunks: [], bytes: 0 });
    try {
      const upload = await opened;
      this.#metrics.blobAsked(upload === undefined);
      return upload === undefined
        ? { state: 'known' }
        : { state: 'receiving', uploadId, offset: upload.file.heldBytes };
    } finally {
      this.#opening.delete(uploadId);
    }
  }

  async commit(params: Params<'blob.commit'>): Promise<Result<'blob.commit'>> {
    await this.#opening.get(params.uploadId)?.opened.catch(() => undefined); // its own request tells of the failure
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
    this.#metrics.uploaded(frame.payload.length);
    const opening = this.#opening.get(uploadId);
    const upload = this.#uploads.get(uploadId);
    const allowed = protocolLimits.unconfirmedChunks * protocolLimits.chunkBytes;
    if ((opening?.bytes ?? upload?.unwrittenBytes ?? 0) + frame.payload.length > allowed) {
      this.#peer.close('protocolViolation', `more than ${allowed} unconfirmed bytes; wait for blob.received`);
      return;
    }
    if (opening !== undefined) {
      opening.chunks.push({ offset, payload: frame.payload });
      opening.bytes += frame.payload.length;
    } else if (upload !== undefined) this.#write(uploadId, upload, offset, frame.payload);
    // Else a late chunk of an upload that failed, or of a blob that is known: the answers to begin and commit say so.
  }

  /** Opens an upload, unless the blob is held, and gives it the chunks that came meanwhile. */
  async #open(uploadId: string, digest: Digest, sizeBytes: number): Promise<Upload | undefined> {
    if (await this.#store.verify(digest)) return undefined;
    if (this.#uploads.size + this.#opening.size > protocolLimits.openUploads) {
      throw new ProtocolError(
        'too_many_requests',
        `at most ${protocolLimits.openUploads} uploads may be open per connection; commit one first`,
      );
    }
    const upload = await this.#store.beginUpload(digest, sizeBytes);
    if (this.#peer.isClosed) {
      await this.#store.finishUpload(upload, false);
      throw new ProtocolError('connection_lost', 'the connection closed');
    }
    this.#uploads.set(uploadId, upload);
    for (const { offset, payload } of this.#opening.get(uploadId)?.chunks ?? [])
      this.#write(uploadId, upload, offset, payload);
    this.#opening.delete(uploadId);
    return upload;
  }

  #write(uploadId: string, upload: Upload, offset: number, payload: Uint8Array): void {
    upload.write(offset, payload, (written) => {
      this.#peer.notify('blob.received', { uploadId, offset: written });
    });
  }

  /** Interrupts what is open. */
  async dispose(): Promise<void> {
    const open = [...this.#uploads.values()];
    this.#uploads.clear();
    await Promise.all(open.map((upload) => this.#store.finishUpload(upload, false)));
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
