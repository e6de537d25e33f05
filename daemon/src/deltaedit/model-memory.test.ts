/** Which packs stay in memory, with networks that only count and a clock that stands still. */
import { describe, expect, it } from 'vitest';
import { ModelMemory, type LoadedNetworks, type LoadedPack } from './model-memory.js';

interface Timer {
  readonly atMs: number;
  readonly action: () => void;
}

/** A memory with its clock, and packs `a`, `b`, `c` of 100 bytes each. */
function memoryUnderTest(limitBytes: number) {
  let nowMs = 0;
  const timers = new Set<Timer>();
  const told: (readonly LoadedPack[])[] = [];
  const memory = new ModelMemory({
    keepAliveMs: 1000,
    limitBytes,
    changed: (loaded) => told.push(loaded),
    after: (delayMs, action) => {
      const timer = { atMs: nowMs + delayMs, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  const packs = new Map<string, LoadedNetworks & { loadedBytes: number; isRunning: boolean }>();
  for (const id of ['a', 'b', 'c']) {
    const networks = {
      loadedBytes: 0,
      isRunning: false,
      release: () => {
        networks.loadedBytes = 0;
        return Promise.resolve();
      },
    };
    packs.set(id, networks);
    memory.add(id, networks);
  }
  const networksOf = (id: string) => packs.get(id) as LoadedNetworks & { loadedBytes: number; isRunning: boolean };
  return {
    memory,
    told,
    networksOf,
    use: (id: string) =>
      memory.during(id, () => {
        networksOf(id).loadedBytes = 100;
        memory.networksChanged();
        return Promise.resolve();
      }),
    advance: (byMs: number) => {
      nowMs += byMs;
      for (const timer of [...timers]) if (timer.atMs <= nowMs && timers.delete(timer)) timer.action();
    },
    loaded: () => memory.loaded.map(({ id }) => id),
    timers,
  };
}

describe('the memory of models', () => {
  it('keeps several packs side by side as long as they fit', async () => {
    const { use, loaded } = memoryUnderTest(300);
    for (const id of ['a', 'b', 'c']) await use(id);
    expect(loaded()).toEqual(['a', 'b', 'c']);
  });

  it('lets the pack go that was used least recently', async () => {
    const { use, loaded } = memoryUnderTest(250);
    for (const id of ['a', 'b', 'a', 'c']) await use(id);
    expect(loaded()).toEqual(['a', 'c']);
  });

  it('keeps a pack whose job runs, and one that alone is too large until another takes its place', async () => {
    const { memory, use, loaded } = memoryUnderTest(150);
    await memory.during('a', async () => {
      await use('a');
      await use('b');
      expect(loaded()).toEqual(['a']); // the idle one went
      await memory.during('b', async () => {
        await use('b');
        expect(loaded()).toEqual(['a', 'b']); // both at work: over the limit for a moment
      });
      expect(loaded()).toEqual(['a']);
    });
    expect(loaded()).toEqual(['a']);
    const tight = memoryUnderTest(50);
    await tight.use('a');
    expect(tight.loaded()).toEqual(['a']);
    await tight.use('b');
    expect(tight.loaded()).toEqual(['b']);
  });

  it('lets a pack go when nobody used it for its time, counted from the last job', async () => {
    const { use, loaded, advance, told } = memoryUnderTest(300);
    await use('a');
    advance(600);
    await use('a');
    await use('b');
    advance(999);
    expect(loaded()).toEqual(['a', 'b']);
    advance(1);
    expect(loaded()).toEqual([]);
    expect(told.at(-1)).toEqual([]);
  });

  it('waits for a network that still runs after the job', async () => {
    const { use, loaded, advance, networksOf } = memoryUnderTest(50);
    networksOf('a').isRunning = true;
    await use('a');
    advance(1000);
    expect(loaded()).toEqual(['a']);
    networksOf('a').isRunning = false;
    advance(1000);
    expect(loaded()).toEqual([]);
  });

  it('lets a pack go after a failed job too, and passes the failure on', async () => {
    const { memory, use, loaded, advance } = memoryUnderTest(300);
    const failing = memory.during('a', async () => {
      await use('a');
      throw new Error('out of order');
    });
    await expect(failing).rejects.toThrow('out of order');
    advance(1000);
    expect(loaded()).toEqual([]);
  });

  it('tells of changes once each', async () => {
    const { use, told } = memoryUnderTest(100);
    for (const id of ['a', 'a', 'b']) await use(id);
    expect(told).toEqual([[{ id: 'a', sizeBytes: 100 }], [{ id: 'b', sizeBytes: 100 }]]);
  });

  it('leaves no timer behind', async () => {
    const { memory, use, timers } = memoryUnderTest(300);
    for (const id of ['a', 'b']) await use(id);
    memory.dispose();
    expect(timers.size).toBe(0);
  });
});
