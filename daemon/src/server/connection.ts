/**
 * One authenticated connection: the handshake, then requests until it closes.
 *
 * The first message must be `initialize`, in time and once; everything else closes the connection. Afterwards each
 * request is dispatched to its area, if the token has the scope for it. What the connection owned (uploads, waiting jobs,
 * pairing codes) ends with it.
 */
import { randomUUID } from 'node:crypto';
import {
  isMethodName,
  mayCall,
  methodScopes,
  negotiateProtocol,
  Peer,
  productName,
  protocolLimits,
  ProtocolError,
  protocolRange,
  type IncomingRequest,
  type MessageSocket,
  type NotificationName,
  type NotificationParams,
  type Params,
  type Result,
} from '@deltaspace/shared-protocol';
import { ownerOf, scopesOf, type Identity } from '../access/index.js';
import { daemonSettings, daemonVersion } from '../config/settings.js';
import type { Log } from '../log/log.js';
import { AccessHandlers } from './handlers/access-handlers.js';
import { BlobHandlers } from './handlers/blob-handlers.js';
import type { JobKind, JobResult } from '../jobs/job.js';
import { runAsJob } from './handlers/job-handlers.js';
import { JobRecordHandlers } from './handlers/job-record-handlers.js';
import type { Services } from './services.js';

/** Optional features of this daemon that a client may rely on. */
const capabilities = {
  edit: true,
  previews: true,
  regions: true,
  subjects: true,
  editPair: true,
  sourceAuto: true,
  interpolate: true,
  mix: true,
  invert: true,
  modelsRun: true,
  modelsVerify: true,
  evaluate: true,
  analyze: true,
  train: true,
  pairing: true,
  rawPixels: true,
  uploadIds: true,
  uploadResume: true,
  storageCollect: true,
  jobs: true,
  lanes: true,
} as const;

export interface ConnectionParts {
  readonly services: Services;
  readonly identity: Identity;
  /** How many connections a paired client has right now. */
  readonly connectionsOf: (clientId: string) => number;
  /** Longest wait for `initialize`. */
  readonly handshakeMs: number;
  readonly onClosed: () => void;
  /** Ends the socket without asking the peer. Nothing happens when it has ended. */
  readonly cut: () => void;
}

export class Connection {
  readonly identity: Identity;
  readonly #services: Services;
  readonly #log: Log;
  readonly #peer: Peer;
  readonly #blobs: BlobHandlers;
  readonly #accessHandlers: AccessHandlers;
  readonly #jobs: JobRecordHandlers;
  readonly #sessionId = randomUUID();
  readonly #handshakeTimer: NodeJS.Timeout;
  readonly #cut: () => void;
  #initialized = false;
  #revoked = false;

  constructor(
    socket: MessageSocket,
    { services, identity, connectionsOf, handshakeMs, onClosed, cut }: ConnectionParts,
  ) {
    this.identity = identity;
    this.#cut = cut;
    this.#services = services;
    this.#log = services.log.child({ session: this.#sessionId });
    this.#peer = new Peer(socket, {
      admit: (method) => this.#admit(method),
      request: (request) => this.#dispatch(request),
      frame: (frame) => {
        if (this.#revoked) return;
        if (this.#initialized) this.#blobs.receive(frame);
        else this.#peer.close('notInitialized', 'a binary frame came before initialize');
      },
      defect: (method, thrown) => this.#log.error({ method, err: thrown }, 'request hit a defect'),
      closed: (code) => {
        clearTimeout(this.#handshakeTimer);
        this.#log.info({ code }, 'connection closed');
        this.#accessHandlers.dispose();
        this.#jobs.dispose();
        void this.#blobs.dispose().catch((err: unknown) => this.#log.error({ err }, 'could not discard uploads'));
        onClosed();
      },
    });
    this.#blobs = new BlobHandlers(services.blobs, this.#peer, services.operation.metrics);
    this.#accessHandlers = new AccessHandlers(services.access, connectionsOf);
    const seesAll = scopesOf(identity).includes('admin');
    this.#jobs = new JobRecordHandlers(services, this.#peer, seesAll ? undefined : ownerOf(identity));
    this.#handshakeTimer = setTimeout(
      () => this.#peer.close('handshakeTimeout', 'initialize did not come in time'),
      handshakeMs,
    );
  }

  /** Notifies the client, once it is known and as long as it may be. */
  tell<Name extends NotificationName>(name: Name, params: NotificationParams<Name>): void {
    if (this.#initialized && !this.#revoked) this.#peer.notify(name, params);
  }

  /** Tells the client that the daemon goes away. */
  leave(): void {
    this.#peer.close('goingAway', 'the daemon stops');
  }

  /** Ends the connection of a client whose token was taken back. What it still sends before it hangs up is refused. */
  revoke(): void {
    this.#revoked = true;
    this.#peer.close('accessRevoked', 'the user revoked this client');
    setTimeout(this.#cut, daemonSettings.revokedCutMs).unref();
  }

  #admit(method: string): void {
    if (this.#revoked) throw new ProtocolError('unauthorized_scope', 'the user revoked this client; pair again');
    if ((method === 'initialize') !== this.#initialized) {
      if (isMethodName(method) && !mayCall(scopesOf(this.identity), method)) {
        const words = `${method} needs the scope ${methodScopes[method]}; pair again with "deltaspace pair --scopes ..."`;
        throw new ProtocolError('unauthorized_scope', words, { details: { scope: methodScopes[method] } });
      }
      return;
    }
    const problem = this.#initialized ? 'initialize came twice' : `${method} came before initialize`;
    this.#peer.close('notInitialized', problem);
    throw new ProtocolError('invalid_request', problem);
  }

  #job(request: IncomingRequest, kind: JobKind): Promise<JobResult> {
    const sender = { connection: this.#sessionId, owner: ownerOf(this.identity) };
    return runAsJob(this.#services, this.#peer, sender, request, kind);
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
      case 'subjects':
        return this.#job(request, 'subjects');
      case 'models.run':
        return this.#job(request, 'run');
      case 'models.verify':
        return this.#job(request, 'verify');
      case 'evaluate':
        return this.#job(request, 'evaluate');
      case 'analyze':
        return this.#job(request, 'analyze');
      case 'train.start':
        return this.#job(request, 'train');
      case 'train.resume':
        return this.#job(this.#jobs.resumed(request), 'resume');
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
      case 'storage.collect':
        return this.#services.collect((params as Params<'storage.collect'>).dryRun);
      case 'pairing.begin':
        return this.#accessHandlers.begin(params as Params<'pairing.begin'>);
      case 'pairing.wait':
        return this.#accessHandlers.wait(params as Params<'pairing.wait'>, request.signal);
      case 'clients.list':
        return this.#accessHandlers.list();
      case 'clients.revoke':
        return this.#accessHandlers.revoke(params as Params<'clients.revoke'>);
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
    const { identity } = this;
    const paired = identity.kind === 'client' ? identity.id : undefined;
    this.#log.info({ client: params.client, host: params.host, protocol, paired }, 'connection initialized');
    return {
      protocol,
      server: { name: productName, version: daemonVersion },
      sessionId: this.#sessionId,
      capabilities,
      limits: { ...protocolLimits, storeBytes: this.#services.blobs.usage.limitBytes },
      models: [...(this.#services.knownInventory()?.models ?? [])],
    };
  }
}
