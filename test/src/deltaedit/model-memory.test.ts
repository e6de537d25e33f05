/** Packs that give way to one another in a real engine: the same request gives the same bytes before and after. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Runner } from '@deltaspace/daemon';
import { tinyPackContents } from '../fixtures/tiny-pack.js';
import { hooks, softLayer, tinyEngine, type TinyEngine } from './tiny-engine.js';

let packs: TinyEngine;
beforeAll(async () => {
  const contents = tinyPackContents();
  packs = await tinyEngine({ ...contents, id: 'first' }, { ...contents, id: 'second' });
});
afterAll(() => packs.close());

/** An engine with a limit, the models that it has open, and what it said last. */
async function engineWithin(limitBytes: number) {
  const open = new Set<Runner>();
  const state = { loaded: [] as readonly { id: string; sizeBytes: number }[], expire: (): void => undefined };
  const engine = await createEngine(
    packs.folders,
    async (model) => {
      const runner = await packs.countingRunner(model);
      const counted: Runner = {
        ...runner,
        copies: 2,
        dispose: async () => {
          open.delete(counted);
          await runner.dispose();
        },
      };
      open.add(counted);
      return counted;
    },
    {
      keepAliveMs: 1000,
      limitBytes,
      after: (_delayMs, action) => {
        state.expire = action;
        return () => undefined;
      },
      changed: (loaded) => (state.loaded = loaded),
    },
  );
  const edit = async (pack: string, phase: number): Promise<Uint8Array> => {
    const { outputs } = await engine.edit(pack, softLayer(phase), { targets: ['a red face'] }, hooks);
    return outputs[0]?.image.data as Uint8Array;
  };
  return { engine, open, state, edit };
}

describe('packs in a bounded memory', () => {
  it('give way to one another and give the same bytes when they are loaded again', async () => {
    const roomy = await engineWithin(Infinity);
    const expected = await roomy.edit('first', 1);
    await roomy.edit('second', 1);
    expect(roomy.state.loaded.map(({ id }) => id)).toEqual(['first', 'second']);
    const onePack = roomy.state.loaded[0]?.sizeBytes ?? 0;
    expect(onePack).toBeGreaterThan(0);
    await roomy.engine.dispose();
    expect(roomy.open.size).toBe(0);

    const { engine, open, state, edit } = await engineWithin(onePack);
    await edit('first', 2);
    const models = open.size;
    await edit('second', 2);
    expect(state.loaded.map(({ id }) => id)).toEqual(['second']);
    await expect.poll(() => open.size).toBe(models);
    expect(await edit('first', 1)).toEqual(expected);
    expect(state.loaded.map(({ id }) => id)).toEqual(['first']);
    await engine.dispose();
  });

  it('go when their time is over, and come back with the next request', async () => {
    const { engine, open, state, edit } = await engineWithin(Infinity);
    const before = await edit('first', 1);
    state.expire();
    expect(state.loaded).toEqual([]);
    await expect.poll(() => open.size).toBe(0);
    expect(await edit('first', 3)).not.toEqual(before);
    expect(await edit('first', 1)).toEqual(before);
    await engine.dispose();
  });
});
