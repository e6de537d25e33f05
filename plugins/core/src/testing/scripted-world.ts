/**
 * A machine for tests: ports with scripted daemons and other programs behind them, a clock, and a platform to reach them.
 * Sockets carry the real protocol: a `Peer` answers on the daemon's side.
 */
import {
  Peer,
  ProtocolError,
  productName,
  protocolLimits,
  protocolRange,
  type CloseReason,
  type FetchLike,
  type Frame,
  type IncomingRequest,
  type OpeningWebSocket,
  type PackSummary,
  type SocketListener,
} from '@deltaspace/shared-protocol';
import type { LocalNetworkPermission, Platform } from '../platform.js';
import { ManualClock, settle } from './manual-clock.js';

export const testPack: PackSummary = {
  id: 'avatars',
  version: '1',
  domain: 'face',
  resolution: 128,
  networks: [],
  defaults: { strength: 1.1, threshold: 0.02 },
  suggestions: ['face with sunglasses', 'face with red hair', 'bald face'],
};

/** A daemon as the tests want it; every member may be changed at any time. */
export class ScriptedDaemon {
  version = '0.1.0';
  protocol: { minimum: number; maximum: number } = { ...protocolRange };
  code = 'ABCD-EFGH';
  readonly tokens = new Set(['good-token']);
  /** What `POST`s are answered with instead: an HTTP error, or `network` for no answer that may be read. */
  refusal: { status: number; error: string; retryAfterS?: number } | 'network' | undefined;
  /** Whether sockets open; their error's text when not. */
  socketError: string | undefined;
  models: PackSummary[] = [testPack];
  /** What `models.list` does. */
  listModels: () => Promise<PackSummary[]> | PackSummary[] = () => this.models;
  capabilities: Record<string, boolean> = { jobs: true, lanes: true, uploadIds: true, previews: true };
  isAnswering = true;
  request: (request: IncomingRequest) => unknown = ({ method }) => {
    throw new ProtocolError('unknown_method', method);
  };
  frame: (frame: Frame) => void = () => undefined;
  readonly peers: Peer[] = [];
  readonly tickets: string[] = [];
  /** Paths that were asked for. */
  readonly asked: string[] = [];

  closeAll(reason: CloseReason): void {
    for (const peer of this.peers.splice(0)) peer.close(reason);
  }

  /** Ends all sockets without a close frame. */
  cut(): void {
    for (const peer of this.peers.splice(0)) sockets.get(peer)?.cut();
  }

  answer(path: string, authorization: string | undefined, body: string | undefined): { status: number; body: object } {
    this.asked.push(path);
    if (path === '/v1/hello') {
      const { version, protocol } = this;
      return { status: 200, body: { product: productName, version, protocol, instance: 'i' } };
    }
    if (typeof this.refusal === 'object')
      return { status: this.refusal.status, body: { error: this.refusal.error, message: 'no' } };
    if (path === '/v1/pair') {
      const { code } = JSON.parse(body ?? '{}') as { code: string };
      if (code !== this.code) return { status: 403, body: { error: 'pairing_refused', message: 'no' } };
      this.tokens.add('paired-token');
      const client = { id: 'c', name: 'n', scopes: ['edit'], createdAt: '' };
      return { status: 201, body: { token: 'paired-token', client } };
    }
    if (!this.knows(authorization)) return { status: 401, body: { error: 'unauthorized', message: 'no' } };
    const ticket = `t${this.tickets.length}`;
    this.tickets.push(ticket);
    return { status: 201, body: { ticket, expiresInMs: 30_000 } };
  }

  knows(authorization: string | undefined): boolean {
    return this.tokens.has(authorization?.replace('Bearer ', '') ?? '');
  }

  accept(socket: ScriptedSocket): void {
    const peer = new Peer(socket.daemonSide, {
      frame: (frame) => this.frame(frame),
      request: async (request) => {
        if (!this.isAnswering) return new Promise(() => undefined);
        if (request.method === 'initialize') return this.#initialize();
        if (request.method === 'models.list') return { models: await this.listModels(), damaged: [] };
        return this.request(request);
      },
    });
    sockets.set(peer, socket);
    this.peers.push(peer);
  }

  #initialize(): object {
    const { version, models, capabilities } = this;
    const server = { name: 'deltaspace', version };
    return { protocol: 1, server, sessionId: 's', capabilities, limits: protocolLimits, models };
  }
}

const sockets = new WeakMap<Peer, ScriptedSocket>();

/** The machine. Ports that nothing was put on are closed. */
export class ScriptedWorld {
  readonly clock = new ManualClock();
  readonly daemons = new Map<number, ScriptedDaemon>();
  readonly others = new Set<number>();
  readonly silent = new Set<number>();
  readonly stored = new Map<string, string>();
  permission: LocalNetworkPermission | undefined;
  storageFails = false;
  #ids = 0;

  /** The platform in this machine. `setsSocketHeaders` as Node has it, when true. */
  platform({ setsSocketHeaders = false } = {}): Platform {
    const { clock } = this;
    const store = <Value>(use: () => Value): Promise<Value> =>
      this.storageFails ? Promise.reject(new Error('the store is locked')) : Promise.resolve(use());
    return {
      plugin: { name: 'Test plugin', version: '9.9' },
      editor: { name: 'Editor', version: '1' },
      loopbackHost: '127.0.0.1',
      setsSocketHeaders,
      fetch: this.#fetch,
      openSocket: (url, protocols, headers) => this.#open(url, protocols, headers),
      after: (delayMs, callback) => clock.after(delayMs, callback),
      nowMs: () => clock.nowMs(),
      random: () => 0.5,
      randomId: () => `id-${this.#ids++}`,
      storage: {
        read: (key) => store(() => this.stored.get(key)),
        write: (key, value) => store(() => void this.stored.set(key, value)),
        remove: (key) => store(() => void this.stored.delete(key)),
      },
      ...(this.permission === undefined
        ? {}
        : { localNetworkPermission: () => Promise.resolve(this.permission ?? 'unknown') }),
    };
  }

  readonly #fetch: FetchLike = async (url, { headers, body }) => {
    await Promise.resolve();
    const [, port = '', path = ''] = /^http:\/\/127\.0\.0\.1:(\d+)(\/.*)$/.exec(url) ?? [];
    if (this.silent.has(Number(port))) return new Promise(() => undefined);
    if (this.others.has(Number(port))) return answerOf(200, '<html>');
    const daemon = this.daemons.get(Number(port));
    if (daemon === undefined || (daemon.refusal === 'network' && path !== '/v1/hello'))
      throw new TypeError('Failed to fetch');
    const answer = daemon.answer(path, headers['Authorization'], body);
    const retryAfterS = typeof daemon.refusal === 'object' ? daemon.refusal.retryAfterS : undefined;
    return answerOf(answer.status, JSON.stringify(answer.body), retryAfterS);
  };

  #open(url: string, protocols: readonly string[], headers: Readonly<Record<string, string>> = {}): OpeningWebSocket {
    const socket = new ScriptedSocket();
    const daemon = this.daemons.get(Number(/:(\d+)\//.exec(url)?.[1]));
    const ticket = protocols.find((name) => name.startsWith('ticket.'))?.slice('ticket.'.length);
    const isIn = ticket === undefined ? daemon?.knows(headers['Authorization']) : daemon?.tickets.includes(ticket);
    // Late enough for listeners: real sockets open after the script has ended.
    void settle(1).then(() => {
      if (daemon === undefined || daemon.socketError !== undefined) socket.refuse(daemon?.socketError ?? '');
      else if (isIn !== true) socket.refuse('Unexpected server response: 401');
      else {
        daemon.accept(socket);
        socket.open();
      }
    });
    return socket;
  }
}

function answerOf(status: number, text: string, retryAfterS?: number): Awaited<ReturnType<FetchLike>> {
  const headers = { get: () => (retryAfterS === undefined ? null : String(retryAfterS)) };
  return { status, headers, text: () => Promise.resolve(text) };
}

type Listener = (event: never) => void;

/** A WebSocket on the plugin's side, and the daemon's end of it. Delivers in a later microtask, in order. */
class ScriptedSocket implements OpeningWebSocket {
  binaryType = '';
  readyState = 0;
  readonly bufferedAmount = 0;
  readonly #listeners: { readonly type: string; readonly listener: Listener }[] = [];
  #daemon: SocketListener | undefined;

  readonly daemonSide = {
    bufferedBytes: 0,
    sendText: (data: string): void => this.#later(() => this.#emit('message', { data })),
    sendBinary: (bytes: Uint8Array): void => {
      const data = bytes.slice().buffer;
      this.#later(() => this.#emit('message', { data }));
    },
    close: (code: number, reason: string): void => this.#later(() => this.#end(code, reason)),
    listen: (listener: SocketListener): void => void (this.#daemon = listener),
  };

  open(): void {
    this.readyState = 1;
    this.#emit('open', {});
  }

  refuse(message: string): void {
    this.readyState = 3;
    this.#emit('error', { message });
    this.#emit('close', { code: 1006, reason: '' });
  }

  cut(): void {
    this.#end(1006, '');
  }

  send(data: string | Uint8Array): void {
    if (this.readyState !== 1) return;
    const copy = typeof data === 'string' ? data : data.slice();
    this.#later(() => {
      if (typeof copy === 'string') this.#daemon?.text(copy);
      else this.#daemon?.binary(copy);
    });
  }

  close(code = 1005, reason = ''): void {
    this.#later(() => this.#end(code, reason));
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push({ type, listener });
  }

  #end(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#daemon?.closed(code, reason);
    this.#emit('close', { code, reason });
  }

  #later(deliver: () => void): void {
    void Promise.resolve().then(deliver);
  }

  #emit(type: string, event: object): void {
    for (const entry of this.#listeners) if (entry.type === type) entry.listener(event as never);
  }
}
