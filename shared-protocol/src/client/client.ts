/**
 * The client that the command line, plugins and scripts share: connect, upload what is missing, ask, download.
 *
 * Socket and sha256 come from outside, so that it runs in Node, browsers, Photoshop and Figma alike. One client is one
 * connection; it does not reconnect by itself, because only the caller knows what is worth doing again.
 */
import type { Frame } from '../codec/frame.js';
import { ProtocolError } from '../errors.js';
import { protocolLimits } from '../limits.js';
import type { ParamsInput, MethodName, NotificationParams, Result } from '../messages/methods.js';
import type { JobSummary } from '../messages/job.js';
import type { PackSummary } from '../messages/models.js';
import type { Digest } from '../messages/schema.js';
import type { CancelSignal } from '../peer/cancel.js';
import { Peer, type RequestOptions } from '../peer/peer.js';
import type { MessageSocket } from '../peer/socket.js';
import { protocolRange } from '../version.js';
import { Downloads } from './download.js';
import { UploadPacer } from './upload.js';

/** sha256 of some bytes as 64 lower-case hexadecimal digits. */
export type Sha256 = (bytes: Uint8Array) => string | Promise<string>;

export interface ClientOptions {
  readonly name: string;
  readonly version: string;
  readonly sha256: Sha256;
  /** The editor that the client runs in. */
  readonly host?: { name: string; version: string };
  /** Called for jobs that `job.subscribe` asked for. */
  readonly onJobChanged?: (job: JobSummary) => void;
  /** Called with all installed packs when one was installed. */
  readonly onModelsChanged?: (models: readonly PackSummary[]) => void;
  /** Called once when the connection ends, by either side. */
  readonly onClose?: (code: number, reason: string) => void;
}

/** Uploads that a client remembers; forgetting one costs the daemon nothing but the bytes. */
const rememberedDigests = 4096;

/** An upload that the daemon has open for this client. */
interface OpenUpload {
  readonly uploadId: string;
  readonly pacer: UploadPacer;
  /** Whether it went on with bytes that the daemon had kept. */
  readonly resumed: boolean;
  /** Up to where chunks have been sent. */
  sentBytes: number;
}

export class DeltaClient {
  readonly #peer: Peer;
  readonly #sha256: Sha256;
  readonly #downloads = new Downloads();
  readonly #pacers = new Map<string, UploadPacer>();
  /** What the daemon was given or had: it need not be sent again just to save a trip. */
  readonly #sent = new Set<Digest>();
  /** Uploads that were cancelled on this side; the daemon still has them open. */
  readonly #stopped = new Map<Digest, OpenUpload>();
  #uploadsBegun = 0;
  /** What the daemon said about itself in `initialize`. */
  readonly session: Result<'initialize'>;

  private constructor(peer: Peer, sha256: Sha256, session: Result<'initialize'>) {
    this.#peer = peer;
    this.#sha256 = sha256;
    this.session = session;
  }

  /**
   * Opens the conversation on a connected, authenticated socket, which the client then owns.
   * @throws ProtocolError `unsupported_protocol` or `connection_lost`.
   */
  static async connect(socket: MessageSocket, options: ClientOptions): Promise<DeltaClient> {
    const holder: { client?: DeltaClient } = {};
    const peer = new Peer(socket, {
      frame: (frame) => holder.client?.receiveFrame(frame),
      notification: (name, params) => {
        if (name === 'blob.received') holder.client?.confirmUpload(params as NotificationParams<'blob.received'>);
        else if (name === 'job.changed') options.onJobChanged?.(params as NotificationParams<'job.changed'>);
        else if (name === 'models.changed')
          options.onModelsChanged?.((params as NotificationParams<'models.changed'>).models);
      },
      closed: (code, reason) => {
        holder.client?.failUploads();
        options.onClose?.(code, reason);
      },
    });
    const session = await peer.request('initialize', {
      protocol: { ...protocolRange },
      client: { name: options.name, version: options.version },
      ...(options.host === undefined ? {} : { host: options.host }),
    });
    holder.client = new DeltaClient(peer, options.sha256, session);
    return holder.client;
  }

  /** Any method of the protocol. See `Peer.request` for cancellation and errors. */
  call<Method extends MethodName>(
    method: Method,
    params: ParamsInput<Method>,
    options: RequestOptions = {},
  ): Promise<Result<Method>> {
    return this.#peer.request(method, params, options);
  }

  /**
   * Makes sure that the daemon holds some bytes, sending them only when it does not, and returns their digest. Called again
   * after an interruption, also with another client of the same daemon, it goes on where the bytes stopped.
   * The bytes must not change until the promise settles.
   * @throws ProtocolError `blob_empty`, `blob_too_large`, `storage_full`, `cancelled`, `connection_lost`.
   */
  async upload(bytes: Uint8Array, options: { signal?: CancelSignal } = {}): Promise<Digest> {
    const digest: Digest = `sha256:${await this.#sha256(bytes)}`;
    if (options.signal?.aborted === true) throw new ProtocolError('cancelled', 'the upload was cancelled');
    const isSmall = bytes.length <= protocolLimits.eagerUploadBytes;
    if (isSmall && this.session.capabilities['uploadIds'] === true && !this.#sent.has(digest))
      await this.#uploadAtOnce(digest, bytes);
    else await this.#uploadInChunks(digest, bytes, options);
    if (this.#sent.size >= rememberedDigests) this.#sent.clear();
    this.#sent.add(digest);
    return digest;
  }

  /** All of it in one trip: begin, the bytes, commit. When the daemon holds the blob already, the bytes were for nothing. */
  async #uploadAtOnce(digest: Digest, bytes: Uint8Array): Promise<void> {
    const uploadId = `upload-${this.#uploadsBegun++}`;
    const begun = this.call('blob.begin', { digest, sizeBytes: bytes.length, uploadId });
    this.#peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset: 0 }, payload: bytes });
    const [begin, commit] = await Promise.allSettled([begun, this.call('blob.commit', { uploadId })]);
    if (begin.status === 'rejected') throw begin.reason;
    if (begin.value.state === 'receiving' && commit.status === 'rejected') throw commit.reason;
  }

  /** In chunks, from where an earlier upload of these bytes stopped: on this connection, or on one that is gone. */
  async #uploadInChunks(digest: Digest, bytes: Uint8Array, options: { signal?: CancelSignal }): Promise<void> {
    const open = this.#stopped.get(digest) ?? (await this.#beginUpload(digest, bytes.length));
    this.#stopped.delete(digest);
    if (open === undefined) return;
    try {
      await this.#sendChunks(open, bytes, options.signal);
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'cancelled') this.#stopped.set(digest, open);
      else this.#pacers.delete(open.uploadId);
      throw error;
    }
    try {
      await this.call('blob.commit', { uploadId: open.uploadId });
    } catch (error) {
      const keptWasWrong = open.resumed && error instanceof ProtocolError && error.code === 'digest_mismatch';
      if (!keptWasWrong) throw error;
      await this.#uploadInChunks(digest, bytes, options); // the daemon has dropped what it had kept
    } finally {
      this.#pacers.delete(open.uploadId);
    }
  }

  async #beginUpload(digest: Digest, sizeBytes: number): Promise<OpenUpload | undefined> {
    const begun = await this.call('blob.begin', { digest, sizeBytes });
    if (begun.state === 'known') return undefined;
    const { uploadId, offset } = begun;
    const pacer = new UploadPacer(offset);
    this.#pacers.set(uploadId, pacer);
    return { uploadId, pacer, sentBytes: offset, resumed: offset > 0 };
  }

  /**
   * Fetches a blob, or takes it from what came with a job's answer. The result is a new array owned by the caller.
   * @throws ProtocolError `blob_missing`, `blob_too_large` when above `maximumBytes`, `connection_lost`.
   */
  async download(digest: string, options: { maximumBytes?: number; signal?: CancelSignal } = {}): Promise<Uint8Array> {
    const maximum = options.maximumBytes ?? protocolLimits.blobBytes;
    const pushed = this.#downloads.takePushed(digest);
    if (pushed !== undefined && pushed.length <= maximum) return pushed.slice();
    let bytes: Uint8Array | undefined;
    let offset = 0;
    do {
      if (options.signal?.aborted === true) throw new ProtocolError('cancelled', 'the download was cancelled');
      const range = await this.#downloadRange(digest, offset);
      if (range.sizeBytes > maximum) {
        throw new ProtocolError('blob_too_large', `blob has ${range.sizeBytes} bytes, at most ${maximum} expected`);
      }
      bytes ??= new Uint8Array(range.sizeBytes);
      bytes.set(range.payload, offset);
      offset += range.payload.length;
    } while (offset < bytes.length);
    return bytes;
  }

  close(): void {
    this.#peer.close('normal');
  }

  async #downloadRange(digest: string, offset: number): Promise<{ sizeBytes: number; payload: Uint8Array }> {
    let request = -1;
    const onId = (id: number): void => {
      request = id;
      this.#downloads.expect(id);
    };
    try {
      const range = await this.#peer.request('blob.get', { digest, offset }, { onId });
      return { sizeBytes: range.sizeBytes, payload: this.#downloads.take(request, offset, range.length) };
    } finally {
      this.#downloads.forget(request);
    }
  }

  async #sendChunks(open: OpenUpload, bytes: Uint8Array, signal: CancelSignal | undefined): Promise<void> {
    const { uploadId } = open;
    while (open.sentBytes < bytes.length) {
      const offset = open.sentBytes;
      await open.pacer.waitForRoom(offset);
      if (signal?.aborted === true) throw new ProtocolError('cancelled', 'the upload was cancelled');
      const payload = bytes.subarray(offset, Math.min(offset + protocolLimits.chunkBytes, bytes.length));
      this.#peer.sendFrame({ type: 'uploadChunk', header: { uploadId, offset }, payload });
      open.sentBytes += payload.length;
    }
  }

  private receiveFrame(frame: Frame): void {
    if (frame.type === 'downloadChunk') this.#downloads.receive(frame.header, frame.payload);
  }

  private confirmUpload(received: NotificationParams<'blob.received'>): void {
    this.#pacers.get(received.uploadId)?.confirm(received.offset);
  }

  private failUploads(): void {
    for (const pacer of this.#pacers.values()) {
      pacer.fail(new ProtocolError('connection_lost', 'the connection closed during an upload'));
    }
  }
}
