import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.js';
import type { DeltaClient } from './client.js';
import { ReconnectingClient } from './reconnecting-client.js';

/** Clients by number, and what was waited for. */
function world(opens: (attempt: number) => unknown = (attempt) => attempt) {
  const waits: number[] = [];
  const closed: unknown[] = [];
  let opened = 0;
  const client = new ReconnectingClient({
    open: async () => {
      const number = opens(opened++);
      return Promise.resolve({ number, close: () => closed.push(number) } as unknown as DeltaClient);
    },
    wait: async (ms) => Promise.resolve(waits.push(ms)),
    retryDelaysMs: [10, 20, 30],
  });
  return { client, waits, closed, opened: () => opened };
}

const numberOf = (client: DeltaClient): number => (client as unknown as { number: number }).number;
const lost = (): never => {
  throw new ProtocolError('connection_lost', 'gone');
};

describe('a reconnecting client', () => {
  it('opens one connection for all work', async () => {
    const { client, opened } = world();
    expect(await Promise.all([client.run((c) => Promise.resolve(numberOf(c))), client.run(() => Promise.resolve(7))])).toEqual([0, 7]); // prettier-ignore
    expect(await client.run((c) => Promise.resolve(numberOf(c)))).toBe(0);
    expect(opened()).toBe(1);
  });

  it('does the work again with the next connection when one is lost', async () => {
    const { client, waits } = world();
    const done = await client.run((c) => (numberOf(c) < 2 ? lost() : Promise.resolve(numberOf(c))));
    expect([done, waits]).toEqual([2, [10, 20]]);
  });

  it('tries again when the daemon cannot be reached yet', async () => {
    const { client, waits } = world((attempt) => (attempt === 0 ? lost() : attempt));
    expect(await client.run((c) => Promise.resolve(numberOf(c)))).toBe(1);
    expect(waits).toEqual([10]);
  });

  it('gives up after its last wait, with the reason', async () => {
    const { client, waits } = world();
    await expect(client.run(() => Promise.resolve(lost()))).rejects.toMatchObject({
      code: 'connection_lost',
      message: 'gone',
    });
    expect(waits).toEqual([10, 20, 30]);
  });

  it('throws what is no matter of the connection at once', async () => {
    const { client, opened } = world();
    const refuse = (): never => {
      throw new ProtocolError('pack_missing', 'no');
    };
    await expect(client.run(() => Promise.resolve(refuse()))).rejects.toMatchObject({ code: 'pack_missing' });
    expect(opened()).toBe(1);
  });

  it('stops when it is cancelled between attempts', async () => {
    const { client } = world();
    const cancel = new AbortController();
    const work = client.run(
      () => {
        cancel.abort();
        return Promise.reject(new ProtocolError('connection_lost', 'gone'));
      },
      { signal: cancel.signal },
    );
    await expect(work).rejects.toMatchObject({ code: 'connection_lost' });
    await expect(client.run(() => Promise.resolve(1), { signal: cancel.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('closes the connection that there is, and works no more', async () => {
    const { client, closed } = world();
    await client.run(() => Promise.resolve(1));
    client.close();
    await Promise.resolve();
    expect(closed).toEqual([0]);
    await expect(client.run(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'connection_lost' });
  });
});
