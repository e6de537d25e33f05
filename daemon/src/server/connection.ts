/**
 * One authenticated connection: the handshake, then requests until it closes.
 *
 * The first message must be `initialize`, in time and once; everything else closes the connection. Afterwards each
 * request is dispatched to its area. What the connection owned (uploads, waiting jobs) ends with it.
 */
import { randomUUID } from 'node:crypto';
import {
  negotiateProtocol,
  Peer,
  productName,
  protocolLimits,
  ProtocolError,
  protocolRange,
  type IncomingRequest,
  type MessageSocket,
  type Params,
  type Result,
} from '@deltaspace/shared-protocol';
import { daemonVersion } from '../config/settings.js';
import type { Log } from '../log/log.js';
import { BlobHandlers } from './handlers/blob-handlers.js';
import type { JobKind, JobResult } from '../jobs/job.js';
import { runAsJob } from './handlers/job-handlers.js';
import { JobRecordHandlers } from './handlers/job-record-handlers.js';
import type { Services } from './services.js';

/** Optional features of this daemon that a client may rely on. */
const capabilities = {
  edit: true,
  editPair: true,
  sourceAuto: true,
  interpolate: true,
  mix: true,
  invert: true,
  modelsRun: true,
  rawPixels: true,
  jobs: true,
  lanes: true,
} as const;

export class Connection {
  readonly #services: Services;
  readonly #log: Log;
  readonly #peer: Peer;
  readonly #blobs: BlobHandlers;
  readonly #jobs: JobRecordHandlers;
  readonly #sessionId = randomUUID();
  readonly #handshakeTimer: NodeJS.Timeout;
  #initialized = false;

  constructor(socket: MessageSocket, services: Services, onClosed: () => void) {
    this.#services = services;
    this.#log = services.log.child({ session: this.#sessionId });
    this.#peer = new Peer(socket, {
      admit: (method) => this.#admit(method),
      request: (request) => this.#dispatch(request),
      frame: (frame) => {
        if (this.#initialized) this.#blobs.receive(frame);
        else this.#peer.close('notInitialized', 'a binary frame came before initialize');
      },
      defect: (method, thrown) => this.#log.error({ method, err: thrown }, 'request hit a defect'),
      closed: (code) => {
        clearTimeout(this.#handshakeTimer);
        this.#log.info({ code }, 'connection closed');
        this.#jobs.dispose();
        void this.#blobs.dispose().catch((err: unknown) => this.#log.error({ err }, 'could not discard uploads'));
        onClosed();
      },
    });
    this.#blobs = new BlobHandlers(services.blobs, this.#peer);
    this.#jobs = new JobRecordHandlers(services, this.#peer);
    this.#handshakeTimer = setTimeout(
      () => this.#peer.close('handshakeTimeout', 'initialize did not come in time'),
      protocolLimits.handshakeMs,
    );
  }

  /** Tells the client that the daemon goes away. */
  leave(): void {
    this.#peer.close('goingAway', 'the daemon stops');
  }

  #admit(method: string): void {
    if ((method === 'initialize') !== this.#initialized) return;
    const problem = this.#initialized ? 'initialize came twice' : `${method} came before initialize`;
    this.#peer.close('notInitialized', problem);
    throw new ProtocolError('invalid_request', problem);
  }

  #job(request: IncomingRequest, kind: JobKind): Promise<JobResult> {
    return runAsJob(this.#services, this.#peer, this.#sessionId, request, kind);
  }

  #dispatch(request: IncomingRequest): unknown {
    const { params } = request;
    switch (request.method) {
      case 'initialize':
        return this.#initialize(params as Params<'initialize'>);
      case 'blob.have':
        return this.#blobs.have(params as Params<'blob.have'>);
      case 'blob.begin':
        return this.#blobs.begin(params as Params<'blob.begin'>);
      case 'blob.commit':
        return this.#blobs.commit(params as Params<'blob.commit'>);
      case 'blob.get':
        return this.#blobs.get(params as Params<'blob.get'>, request.id);
      case 'edit':
        return this.#job(request, 'edit');
      case 'interpolate':
        return this.#job(request, 'interpolate');
      case 'mix':
        return this.#job(request, 'mix');
      case 'invert':
        return this.#job(request, 'invert');
      case 'models.run':
        return this.#job(request, 'run');
      case 'job.get':
        return this.#jobs.get(params as Params<'job.get'>);
      case 'job.list':
        return this.#jobs.list(params as Params<'job.list'>);
      case 'job.cancel':
        return this.#jobs.cancel(params as Params<'job.cancel'>);
      case 'job.subscribe':
        return this.#jobs.subscribe(params as Params<'job.subscribe'>);
      case 'models.list':
        return this.#services.inventory();
      case 'server.status':
        return this.#services.status();
      case 'server.shutdown':
        this.#services.shutDown();
        return {};
    }
  }

  #initialize(params: Params<'initialize'>): Result<'initialize'> {
    const protocol = negotiateProtocol(params.protocol);
    if (protocol === undefined) {
      setImmediate(() => this.#peer.close('unsupportedProtocol', 'no protocol number in common'));
      throw new ProtocolError(
        'unsupported_protocol',
        `the client speaks protocol ${params.protocol.minimum} to ${params.protocol.maximum}, this daemon ` +
          `${protocolRange.minimum} to ${protocolRange.maximum}; update the older one`,
      );
    }
    clearTimeout(this.#handshakeTimer);
    this.#initialized = true;
    this.#log.info({ client: params.client, host: params.host, protocol }, 'connection initialized');
    return {
      protocol,
      server: { name: productName, version: daemonVersion },
      sessionId: this.#sessionId,
      capabilities,
      limits: protocolLimits,
      models: [...(this.#services.knownInventory()?.models ?? [])],
    };
  }
}
