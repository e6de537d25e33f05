import { describe, expect, it } from 'vitest';
import { bridgeVersion, type Selection, type ToMain, type ToUi } from '../bridge/index.js';
import { BridgeError, UiBridge } from './ui-bridge.js';

const emptySelection: Selection = { targets: [], refusals: [], selectedCount: 0, advice: 'Select a layer.' };

/** A page whose parent records what it is sent. */
function fakeWindows() {
  const sent: ToMain[] = [];
  const listeners = new Set<(event: { data: unknown }) => void>();
  return {
    sent,
    listeners,
    own: {
      addEventListener: (_: 'message', listener: (event: { data: unknown }) => void) => void listeners.add(listener),
      removeEventListener: (_: 'message', listener: (event: { data: unknown }) => void) =>
        void listeners.delete(listener),
    },
    parent: {
      postMessage: (message: unknown, origin: string) => {
        expect(origin).toBe('*');
        sent.push((message as { pluginMessage: ToMain }).pluginMessage);
      },
    },
    receive: (data: unknown) => listeners.forEach((listener) => listener({ data })),
    answer(pluginMessage: ToUi) {
      this.receive({ pluginMessage });
    },
  };
}

describe('the UI’s end of the bridge', () => {
  it('says hello with its version and gives each answer to its own request', async () => {
    const windows = fakeWindows();
    const bridge = new UiBridge(windows);
    const hello = bridge.hello();
    const read = bridge.request('storage.read', { key: 'token' });
    expect(windows.sent[0]).toMatchObject({ type: 'hello', params: { bridgeVersion } });
    const [first, second] = windows.sent.map(({ requestId }) => requestId) as [number, number];
    windows.answer({ type: 'done', requestId: second, result: { value: 'secret' } });
    windows.answer({
      type: 'done',
      requestId: first,
      result: { launch: { command: 'open' }, selection: emptySelection },
    });
    expect(await read).toEqual({ value: 'secret' });
    expect((await hello).selection).toEqual(emptySelection);
  });

  it('hands bytes over as they are', async () => {
    const windows = fakeWindows();
    const image = new Uint8Array([1, 2, 3]);
    const waiting = new UiBridge(windows).request('board.cell', {
      boardId: 'b',
      row: 0,
      column: 0,
      image,
      recipe: {},
    });
    expect((windows.sent[0] as ToMain & { type: 'board.cell' }).params.image).toBe(image);
    windows.answer({ type: 'done', requestId: 1, result: {} });
    await waiting;
  });

  it('rejects with the code and the words of the main side', async () => {
    const windows = fakeWindows();
    const waiting = new UiBridge(windows).request('recipe', { targetId: '1:2' });
    windows.answer({ type: 'failed', requestId: 1, failure: { code: 'layer_gone', message: 'The layer is gone.' } });
    await expect(waiting).rejects.toThrow(BridgeError);
    await expect(waiting).rejects.toMatchObject({ code: 'layer_gone', message: 'The layer is gone.' });
  });

  it('tells the selection to all who listen, and ignores what is not ours', () => {
    const windows = fakeWindows();
    const bridge = new UiBridge(windows);
    const seen: Selection[] = [];
    const stop = bridge.onSelection((selection) => seen.push(selection));
    windows.receive({ other: 1 });
    windows.receive('text');
    windows.receive({ pluginMessage: { type: 'unknown' } });
    windows.answer({ type: 'selection', selection: emptySelection });
    stop();
    windows.answer({ type: 'selection', selection: emptySelection });
    expect(seen).toEqual([emptySelection]);
  });

  it('fails what waits when it is closed, and listens no longer', async () => {
    const windows = fakeWindows();
    const bridge = new UiBridge(windows);
    const waiting = bridge.request('recipe', { targetId: '1:2' });
    bridge.close();
    await expect(waiting).rejects.toThrow('closed');
    expect(windows.listeners.size).toBe(0);
  });
});
