import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeCodes, protocolRange, type MessageSocket, type SocketListener } from '@deltaspace/shared-protocol';
import { Access, systemClock, systemRandom } from '../access/index.js';
import { daemonSettings } from '../config/settings.js';
import { createLog } from '../log/log.js';
import { noMetrics } from '../metrics/no-metrics.js';
import { Connection } from './connection.js';
import type { Services } from './services.js';

/** A peer that hears goodbye and goes on talking. */
class StubbornSocket implements MessageSocket {
  readonly sent: string[] = [];
  readonly closeCodes: number[] = [];
  readonly bufferedBytes = 0;
  listener: SocketListener | undefined;

  sendText(text: string): void {
    this.sent.push(text);
  }
  sendBinary(): void {
    throw new Error('nothing binary is expected');
  }
  close(code: number): void {
    this.closeCodes.push(code);
  }
  listen(listener: SocketListener): void {
    this.listener = listener;
  }

  /** Sends a request and returns the answer. */
  async ask(id: number, method: string, params: object): Promise<unknown> {
    this.listener?.text(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    await expect.poll(() => this.sent.length).toBe(id);
    return JSON.parse(this.sent.at(-1) ?? '');
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-connection-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function connect(cut: () => void = () => undefined): Promise<{ socket: StubbornSocket; connection: Connection }> {
  const socket = new StubbornSocket();
  const access = await Access.open({
    userToken: 'U'.repeat(43),
    clientsFile: path.join(folder, 'clients.json'),
    clock: systemClock,
    random: systemRandom,
  });
  const parts = {
    access,
    log: createLog({}),
    operation: { metrics: noMetrics },
    blobs: { usage: { limitBytes: 1 } },
    knownInventory: () => undefined,
    status: () => ({ pid: 1 }),
  };
  const connection = new Connection(socket, {
    services: parts as unknown as Services,
    identity: { kind: 'client', id: 'a', scopes: ['edit'], origin: undefined },
    connectionsOf: () => 1,
    handshakeMs: 60_000,
    onClosed: () => undefined,
    cut,
  });
  const initialize = { protocol: protocolRange, client: { name: 'stubborn', version: '0' } };
  expect(await socket.ask(1, 'initialize', initialize)).toHaveProperty('result');
  return { socket, connection };
}

describe('a connection of a client that was revoked', () => {
  it('answers no request any more, though its peer does not hang up', async () => {
    const { socket, connection } = await connect();
    expect(await socket.ask(2, 'server.status', {})).toHaveProperty('result');
    connection.revoke();
    expect(socket.closeCodes).toEqual([closeCodes.accessRevoked.code]);
    expect(await socket.ask(3, 'server.status', {})).toMatchObject({ error: { data: { code: 'unauthorized_scope' } } });
    socket.listener?.closed(closeCodes.accessRevoked.code, '');
  });

  it('is cut when its peer does not hang up', async () => {
    const cut = vi.fn();
    const { socket, connection } = await connect(cut);
    vi.useFakeTimers();
    try {
      connection.revoke();
      vi.advanceTimersByTime(daemonSettings.revokedCutMs - 1);
      expect(cut).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(cut).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
    socket.listener?.closed(1006, '');
  });
});
