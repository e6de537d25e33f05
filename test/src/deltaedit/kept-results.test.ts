/** Inversions and texts that the next engine finds: the same bytes, with fewer networks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '@deltaspace/daemon';
import type { Tensor } from '@deltaspace/onnx-graph';
import { tinyPackContents } from '../fixtures/tiny-pack.js';
import { hooks, softLayer, tinyEngine, type TinyEngine } from './tiny-engine.js';

let tiny: TinyEngine;
beforeAll(async () => {
  tiny = await tinyEngine(tinyPackContents());
});
afterAll(() => tiny.close());

/** A store in memory, as open to tampering as a disk. */
function storeInMemory() {
  const entries = new Map<string, ReadonlyMap<string, Tensor>>();
  return {
    entries,
    read: (key: string) => entries.get(key),
    write: (key: string, tensors: ReadonlyMap<string, Tensor>) => void entries.set(key, tensors),
    forget: (key: string) => void entries.delete(key),
  };
}

/** One edit by a new engine: its picture, and the runs that it took. */
async function editOnce(store: ReturnType<typeof storeInMemory>): Promise<{ data: Uint8Array; runs: string[] }> {
  const engine = await createEngine(tiny.folders, tiny.countingRunner, undefined, store);
  const before = tiny.runs.length;
  const pack = engine.packs()[0]?.id as string;
  const { outputs } = await engine.edit(pack, softLayer(1), { targets: ['a red face'] }, hooks);
  await engine.dispose();
  return { data: outputs[0]?.image.data as Uint8Array, runs: tiny.runs.slice(before) };
}

describe('an engine with a store', () => {
  it('gives the same bytes as the one before it, without inverting and without reading the texts again', async () => {
    const store = storeInMemory();
    const first = await editOnce(store);
    expect([...store.entries.keys()].map((key) => key.split(' ')[0]).sort()).toContain('inversion');
    const second = await editOnce(store);
    expect(second.data).toEqual(first.data);
    expect(first.runs).toContain('wplus');
    expect(first.runs).toContain('ids');
    expect(second.runs).not.toContain('wplus'); // affine follows the inverter
    expect(second.runs).not.toContain('ids');
  });

  it.each(['reconstruction', 'wplus', 'feature'])(
    'computes again when the %s of an inversion is missing',
    async (part) => {
      const store = storeInMemory();
      const first = await editOnce(store);
      for (const [key, tensors] of store.entries) {
        const rest = new Map([...tensors].filter(([name]) => name !== part));
        if (key.startsWith('inversion')) store.entries.set(key, rest);
      }
      const second = await editOnce(store);
      expect(second.data).toEqual(first.data);
      expect(second.runs).toContain('wplus');
    },
  );
});
