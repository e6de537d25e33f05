import { describe, expect, it, vi } from 'vitest';
import { closeCodes } from '../close-codes.js';
import { ProtocolError } from '../errors.js';
import { protocolLimits } from '../limits.js';
import { CancelSource } from './cancel.js';
import { Peer, type IncomingRequest, type PeerHandlers } from './peer.js';
import { socketPair, type MessageSocket } from './socket.js';

/** A peer that asks, one that answers with the given handlers, and how the conversation ended. */
function conversation(handlers: PeerHandlers): { asking: Peer; answering: Peer; closed: Promise<number> } {
  const [left, right] = socketPair();
  const answering = new Peer(right, handlers);
  const { promise, resolve } = withResolvers<number>();
  const asking = new Peer(left, { closed: resolve });
  return { asking, answering, closed: promise };
}

/** A raw socket against a peer: what it says, what it hears, and the close code it gets. */
function rawAgainst(handlers: PeerHandlers): { socket: MessageSocket; heard: string[]; closed: Promise<number> } {
  const [socket, right] = socketPair();
  new Peer(right, handlers);
  const heard: string[] = [];
  const { promise, resolve } = withResolvers<number>();
  socket.listen({ text: (text) => heard.push(text), binary: () => undefined, closed: resolve });
  return { socket, heard, closed: promise };
}

function withResolvers<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

const digest = `sha256:${'0'.repeat(64)}`;

/** Matches a text with that part; typed, unlike vitest's own. */
const containing = (part: string): unknown => expect.stringContaining(part);

describe('requests', () => {
  it('get the answer that belongs to them, in whatever order answers come', async () => {
    const waiting: (() => void)[] = [];
    const { asking } = conversation({
      request: ({ params }) =>
        new Promise((resolve) => waiting.push(() => resolve({ missing: (params as { digests: string[] }).digests }))),
    });
    const other = `sha256:${'1'.repeat(64)}`;
    const first = asking.request('blob.have', { digests: [digest] });
    const second = asking.request('blob.have', { digests: [other] });
    await settled();
    waiting.reverse().forEach((answer) => answer());
    await expect(first).resolves.toEqual({ missing: [digest] });
    await expect(second).resolves.toEqual({ missing: [other] });
  });

  it('carry code, message and details of an error across', async () => {
    const { asking } = conversation({
      request: () => {
        throw new ProtocolError('worker_crashed', 'it died', { details: { stage: 'decode' } });
      },
    });
    const failure = await asking.request('server.status', {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProtocolError);
    expect(failure).toMatchObject({
      code: 'worker_crashed',
      message: 'it died',
      retryable: true,
      details: { stage: 'decode' },
    });
  });

  it('do not leak the text of a defect, which goes to the log instead', async () => {
    const defect = vi.fn();
    const { asking } = conversation({
      request: () => Promise.reject(new Error('/home/someone/secret')),
      defect,
    });
    const failure = await asking.request('server.status', {}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'internal_error' });
    expect(String(failure)).not.toContain('secret');
    expect(defect).toHaveBeenCalledWith('server.status', expect.any(Error));
  });

  it('are refused with the member that does not fit', async () => {
    const { asking } = conversation({ request: () => ({ missing: [] }) });
    const failure = await asking.request('blob.have', { digests: ['sha256:XYZ'] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'invalid_params' });
    expect(String(failure)).toContain('digests.0');
  });

  it('are refused with an unknown member, so that a misspelt one is noticed', async () => {
    const { asking } = conversation({ request: () => ({ missing: [] }) });
    const call = asking.request('blob.have', { digests: [digest], digestz: [] } as { digests: string[] });
    await expect(call).rejects.toMatchObject({ code: 'invalid_params', message: containing('digestz') });
  });

  it('fail with connection_lost when the socket closes before the answer', async () => {
    const { asking, answering } = conversation({ request: () => new Promise(() => undefined) });
    const call = asking.request('server.status', {});
    await settled();
    answering.close('goingAway', 'stops');
    await expect(call).rejects.toMatchObject({ code: 'connection_lost', details: { closeCode: 1001 } });
    await expect(asking.request('server.status', {})).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('beyond the limit are refused, not queued', async () => {
    const { asking } = conversation({ request: () => new Promise(() => undefined) });
    for (let count = 0; count < protocolLimits.openRequests; count++) {
      asking.request('server.status', {}).catch(() => undefined);
    }
    await expect(asking.request('server.status', {})).rejects.toMatchObject({ code: 'too_many_requests' });
  });

  it('fail when the answer does not fit its schema', async () => {
    const { asking } = conversation({ request: () => ({ missing: 'all' }) });
    await expect(asking.request('blob.have', { digests: [digest] })).rejects.toThrow(/does not fit/);
  });
});

describe('cancellation and progress', () => {
  it('reach exactly the request they belong to', async () => {
    const requests: IncomingRequest[] = [];
    const { asking, answering } = conversation({
      request: (request) => {
        requests.push(request);
        return new Promise((_resolve, reject) =>
          request.signal.addEventListener('abort', () => reject(new ProtocolError('cancelled', 'stopped'))),
        );
      },
    });
    const source = new CancelSource();
    const seen: string[] = [];
    const onProgress = ({ stage }: { stage: string }): void => void seen.push(stage);
    const first = asking.request('server.status', {}, { signal: source.signal, onProgress });
    const second = asking.request('server.status', {});
    second.catch(() => undefined);
    await settled();
    answering.notify('$/progress', { id: requests[1]?.id ?? 0, stage: 'of the other', fraction: 0 });
    answering.notify('$/progress', { id: requests[0]?.id ?? 0, stage: 'mine', fraction: 0.5 });
    await settled();
    expect(seen).toEqual(['mine']);
    source.cancel();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('keeps the result when it was made before the cancellation arrived', async () => {
    const { asking } = conversation({ request: () => ({ missing: [] }) });
    const source = new CancelSource();
    const call = asking.request('blob.have', { digests: [digest] }, { signal: source.signal });
    source.cancel();
    await expect(call).resolves.toEqual({ missing: [] });
  });

  it('does not send a request that was cancelled before', async () => {
    const request = vi.fn();
    const { asking } = conversation({ request });
    const source = new CancelSource();
    source.cancel();
    await expect(asking.request('server.status', {}, { signal: source.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await settled();
    expect(request).not.toHaveBeenCalled();
  });

  it('fires for everything in flight when the socket closes', async () => {
    const requests: IncomingRequest[] = [];
    const { asking } = conversation({
      request: (request) => {
        requests.push(request);
        return new Promise(() => undefined);
      },
    });
    asking.request('server.status', {}).catch(() => undefined);
    await settled();
    asking.close();
    await settled();
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  it('ignores the cancellation of a request that is not in flight', async () => {
    const { asking } = conversation({ request: () => ({ missing: [] }) });
    asking.notify('$/cancelRequest', { id: 99 });
    await expect(asking.request('blob.have', { digests: [digest] })).resolves.toEqual({ missing: [] });
  });
});

describe('a peer that breaks the protocol', () => {
  const violation = closeCodes.protocolViolation.code;

  it.each([
    ['text that is no JSON', '{'],
    ['an answer to nothing', '{"jsonrpc":"2.0","id":5,"result":1}'],
    ['a known notification with wrong params', '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":-1}}'],
  ])('is cut off after %s', async (_name, text) => {
    const { socket, closed } = rawAgainst({ request: () => ({}) });
    socket.sendText(text);
    await expect(closed).resolves.toBe(violation);
  });

  it('is cut off after a request id that is still in flight', async () => {
    const { socket, closed } = rawAgainst({ request: () => new Promise(() => undefined) });
    socket.sendText('{"jsonrpc":"2.0","id":1,"method":"server.status"}');
    socket.sendText('{"jsonrpc":"2.0","id":1,"method":"server.status"}');
    await expect(closed).resolves.toBe(violation);
  });

  it('is cut off after a broken frame', async () => {
    const { socket, closed } = rawAgainst({});
    socket.sendBinary(Uint8Array.of(1, 2, 3));
    await expect(closed).resolves.toBe(violation);
  });

  it('gets an answer for an unknown method, and silence for an unknown notification', async () => {
    const { socket, heard } = rawAgainst({ request: () => ({}) });
    socket.sendText('{"jsonrpc":"2.0","method":"$/future"}');
    socket.sendText('{"jsonrpc":"2.0","id":1,"method":"no.such"}');
    await settled();
    expect(heard).toHaveLength(1);
    expect(JSON.parse(heard[0] ?? '')).toMatchObject({
      id: 1,
      error: { code: -32601, data: { code: 'unknown_method' } },
    });
  });
});
