import { createHash, webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openClient, sha256With, type OpeningWebSocket } from './open-client.js';

/** A WebSocket whose events the test makes. */
class SlowSocket implements OpeningWebSocket {
  binaryType = '';
  readyState = 0;
  readonly bufferedAmount = 0;
  readonly sent: unknown[] = [];
  readonly #listeners = new Map<string, ((event: never) => void)[]>();

  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    setTimeout(() => this.emit('close', { code: 1006, reason: '' })); // never at once, as with real ones
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  emit(type: string, event: object = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}

const options = { name: 'test', version: '0', sha256: () => '' };

describe('openClient', () => {
  it('says nothing before the socket is open, and initialize then', async () => {
    const socket = new SlowSocket();
    const opening = openClient(socket, options);
    expect(socket.sent).toEqual([]);
    socket.emit('open');
    await expect.poll(() => socket.sent.length).toBe(1);
    expect(socket.sent[0]).toContain('"method":"initialize"');
    socket.close();
    await expect(opening).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('tells why the socket did not open', async () => {
    const socket = new SlowSocket();
    const opening = openClient(socket, options);
    socket.emit('error', { message: 'Unexpected server response: 401' });
    socket.close();
    await expect(opening).rejects.toMatchObject({
      code: 'connection_lost',
      message: expect.stringContaining('response: 401') as string,
    });
  });

  it('refuses a socket that is closed already', async () => {
    const socket = new SlowSocket();
    socket.readyState = 3;
    await expect(openClient(socket, options)).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('is cancelled by its signal, before and after the socket is open', async () => {
    for (const opens of [false, true]) {
      const socket = new SlowSocket();
      const controller = new AbortController();
      const opening = openClient(socket, { ...options, signal: controller.signal });
      if (opens) socket.emit('open');
      controller.abort();
      await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    }
  });
});

describe('sha256With', () => {
  it('agrees with Node', async () => {
    const bytes = Uint8Array.of(1, 2, 3, 255);
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(await sha256With(webcrypto.subtle)(bytes)).toBe(expected);
  });
});
