/**
 * One end of a conversation: request ids, answers, progress and cancellation over an injected socket.
 *
 * Both ends use it. It guarantees that every incoming request gets exactly one answer and every outgoing one settles
 * exactly once, also when the socket dies. It does not know what the methods mean: params are checked against
 * messages/methods.ts here, handlers arrive as arguments.
 */
import { closeCodes, type CloseReason } from '../close-codes.js';
import {
  decodeEnvelope,
  encodeEnvelope,
  EnvelopeError,
  type AnswerEnvelope,
  type RequestEnvelope,
} from '../codec/envelope.js';
import { decodeFrame, encodeFrame, FrameError, type Frame } from '../codec/frame.js';
import { fromWireError, ProtocolError, toWireError } from '../errors.js';
import { protocolLimits } from '../limits.js';
import { describeIssues, explainIssue } from '../messages/issues.js';
import {
  isMethodName,
  isNotificationName,
  methods,
  notifications,
  type MethodName,
  type NotificationName,
  type NotificationParams,
  type ParamsInput,
  type Result,
} from '../messages/methods.js';
import type { JobProgress } from '../messages/job.js';
import type { RequestId } from '../messages/schema.js';
import { CancelSource, type CancelSignal } from './cancel.js';
import type { MessageSocket } from './socket.js';

/** One request to answer. `params` are validated against the method's schema. */
export interface IncomingRequest {
  readonly id: RequestId;
  readonly method: MethodName;
  readonly params: unknown;
  /** Fires on `$/cancelRequest` for this request, and when the socket closes. */
  readonly signal: CancelSignal;
}

export interface PeerHandlers {
  /** Looks at a request before anything else, also at one of an unknown method. Throws to refuse it. */
  admit?(method: string): void;
  /** The result or a promise of it. Throws a ProtocolError to refuse; anything else thrown is `internal_error`. */
  request?(request: IncomingRequest): unknown;
  notification?<Name extends NotificationName>(name: Name, params: NotificationParams<Name>): void;
  frame?(frame: Frame): void;
  /** Anything thrown that was no ProtocolError: a defect to log. */
  defect?(method: MethodName, thrown: unknown): void;
  closed?(code: number, reason: string): void;
}

export interface RequestOptions {
  /** Sends `$/cancelRequest` when fired. The promise still settles with the one answer of the other side. */
  readonly signal?: CancelSignal;
  readonly onProgress?: (progress: JobProgress) => void;
  /** Called with the id before the request is sent. */
  readonly onId?: (id: number) => void;
}

interface PendingRequest {
  readonly method: MethodName;
  readonly onProgress: RequestOptions['onProgress'];
  readonly settle: (outcome: { result: unknown } | { error: ProtocolError }) => void;
}

export class Peer {
  readonly #socket: MessageSocket;
  readonly #handlers: PeerHandlers;
  readonly #pending = new Map<RequestId, PendingRequest>();
  readonly #incoming = new Map<RequestId, CancelSource>();
  #nextId = 1;
  #closed: { code: number; reason: string } | undefined;

  constructor(socket: MessageSocket, handlers: PeerHandlers = {}) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.listen({
      text: (text) => this.#receiveText(text),
      binary: (bytes) => this.#receiveBinary(bytes),
      closed: (code, reason) => this.#receiveClose(code, reason),
    });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Requests received and not yet answered. */
  get openRequests(): number {
    return this.#incoming.size;
  }

  /**
   * Sends a request and waits for its answer.
   * @throws ProtocolError with the other side's code, or `connection_lost` when the socket closes first.
   */
  request<Method extends MethodName>(
    method: Method,
    params: ParamsInput<Method>,
    options: RequestOptions = {},
  ): Promise<Result<Method>> {
    if (this.#closed !== undefined) return Promise.reject(this.#lost(method));
    if (options.signal?.aborted === true) {
      return Promise.reject(new ProtocolError('cancelled', `${method} was cancelled before it was sent`));
    }
    const id = this.#nextId++;
    options.onId?.(id);
    return new Promise((resolve, reject) => {
      const cancel = (): void => this.notify('$/cancelRequest', { id });
      options.signal?.addEventListener('abort', cancel);
      this.#pending.set(id, {
        method,
        onProgress: options.onProgress,
        settle: (outcome) => {
          this.#pending.delete(id);
          options.signal?.removeEventListener('abort', cancel);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.result as Result<Method>);
        },
      });
      this.#socket.sendText(encodeEnvelope({ kind: 'request', id, method, params }));
    });
  }

  /** Sends a notification. Dropped silently when the socket is closed: nobody is left to care. */
  notify<Name extends NotificationName>(name: Name, params: NotificationParams<Name>): void {
    if (this.#closed === undefined)
      this.#socket.sendText(encodeEnvelope({ kind: 'notification', method: name, params }));
  }

  /** Sends one binary frame. Dropped when the socket is closed; the answer that follows cannot arrive either. */
  sendFrame(frame: Frame): void {
    if (this.#closed === undefined) this.#socket.sendBinary(encodeFrame(frame));
  }

  /** Bytes waiting to leave. */
  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  close(reason: CloseReason = 'normal', text = ''): void {
    if (this.#closed === undefined) this.#socket.close(closeCodes[reason].code, text);
  }

  #receiveText(text: string): void {
    try {
      const envelope = decodeEnvelope(text);
      if (envelope.kind === 'request') this.#receiveRequest(envelope);
      else if (envelope.kind === 'answer') this.#receiveAnswer(envelope);
      else this.#receiveNotification(envelope.method, envelope.params);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      this.close('protocolViolation', error.message);
    }
  }

  #receiveBinary(bytes: Uint8Array): void {
    try {
      const frame = decodeFrame(bytes);
      this.#handlers.frame?.(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close('protocolViolation', error.message);
    }
  }

  #receiveClose(code: number, reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = { code, reason };
    for (const pending of [...this.#pending.values()]) pending.settle({ error: this.#lost(pending.method) });
    for (const source of this.#incoming.values()) source.cancel();
    this.#handlers.closed?.(code, reason);
  }

  #receiveRequest(request: RequestEnvelope): void {
    if (this.#incoming.has(request.id)) {
      throw new EnvelopeError(`request id ${String(request.id)} is already in flight`);
    }
    const source = new CancelSource();
    this.#incoming.set(request.id, source);
    void this.#answer(request, source.signal).finally(() => this.#incoming.delete(request.id));
  }

  async #answer(request: RequestEnvelope, signal: CancelSignal): Promise<void> {
    let outcome: AnswerEnvelope['outcome'];
    try {
      outcome = { result: await this.#handle(request, signal) };
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError) && isMethodName(request.method)) {
        this.#handlers.defect?.(request.method, thrown);
      }
      outcome = { error: toWireError(thrown) };
    }
    if (this.#closed === undefined) {
      this.#socket.sendText(encodeEnvelope({ kind: 'answer', id: request.id, outcome }));
    }
  }

  #handle(request: RequestEnvelope, signal: CancelSignal): unknown {
    const { id, method } = request;
    this.#handlers.admit?.(method);
    if (!isMethodName(method)) {
      throw new ProtocolError('unknown_method', `there is no method ${method}; docs/protocol.md lists all of them`);
    }
    if (this.#handlers.request === undefined)
      throw new ProtocolError('unknown_method', 'this side answers no requests');
    if (this.#incoming.size > protocolLimits.openRequests) {
      throw new ProtocolError(
        'too_many_requests',
        `at most ${protocolLimits.openRequests} requests may be open per connection; wait for an answer first`,
      );
    }
    const parsed = methods[method].params.safeParse(request.params, { error: explainIssue });
    if (!parsed.success) throw new ProtocolError('invalid_params', `${method}: ${describeIssues(parsed.error)}`);
    return this.#handlers.request({ id, method, params: parsed.data, signal });
  }

  #receiveAnswer(answer: AnswerEnvelope): void {
    const pending = answer.id === null ? undefined : this.#pending.get(answer.id);
    if (pending === undefined)
      throw new EnvelopeError(`answer to request ${String(answer.id)}, which is not in flight`);
    if ('error' in answer.outcome) {
      pending.settle({ error: fromWireError(answer.outcome.error) });
      return;
    }
    const parsed = methods[pending.method].result.safeParse(answer.outcome.result, { error: explainIssue });
    if (parsed.success) pending.settle({ result: parsed.data });
    else {
      const problem = `the answer to ${pending.method} does not fit its schema: ${describeIssues(parsed.error)}`;
      pending.settle({ error: new ProtocolError('internal_error', problem) });
    }
  }

  #receiveNotification(name: string, params: unknown): void {
    // Unknown notifications are skipped, not refused: a newer peer may send them without knowing whom it talks to.
    if (!isNotificationName(name)) return;
    const parsed = notifications[name].params.safeParse(params, { error: explainIssue });
    if (!parsed.success) throw new EnvelopeError(`${name}: ${describeIssues(parsed.error)}`);
    if (name === '$/cancelRequest') {
      this.#incoming.get((parsed.data as NotificationParams<'$/cancelRequest'>).id)?.cancel();
    } else if (name === '$/progress') {
      const { id, ...progress } = parsed.data as NotificationParams<'$/progress'>;
      this.#pending.get(id)?.onProgress?.(progress);
    } else {
      this.#handlers.notification?.(name, parsed.data as NotificationParams<typeof name>);
    }
  }

  #lost(method: MethodName): ProtocolError {
    const { code, reason } = this.#closed ?? { code: 1006, reason: '' };
    const why = reason === '' ? `code ${code}` : `code ${code}: ${reason}`;
    return new ProtocolError('connection_lost', `the connection closed before ${method} was answered (${why})`, {
      details: { closeCode: code },
    });
  }
}
