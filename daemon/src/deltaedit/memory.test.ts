import { describe, expect, it } from 'vitest';
import type { PixelImage } from '../imaging/index.js';
import { Memory, type KnownLayer } from './memory.js';
import type { PackSession } from './pack-session.js';

/** A session that counts what it is asked; only what the memory uses of one. */
function countingSession() {
  const calls: string[] = [];
  const vector = new Float32Array([1, 0]);
  const parts = {
    pack: { manifest: { id: 'tiny', resolution: 8 }, statistics: { relevance: new Float32Array(2) } },
    invert: () => {
      calls.push('invert');
      return Promise.resolve({ imageFeature: new Float32Array([3, 4]), reconstruction: Promise.resolve(vector) });
    },
    embedImage: () => {
      calls.push('embed');
      return Promise.resolve(vector);
    },
    mapStyles: (_: string, __: unknown, conditions: readonly Float32Array[]) => {
      calls.push(`map ${conditions.length}`);
      return Promise.resolve(conditions.map((condition) => condition.slice(2)));
    },
  };
  return { session: parts as unknown as PackSession, calls };
}
const image: PixelImage = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 255) };
const named = (key: string) => ({ key, delta: new Float32Array([1, key.length]), target: new Float32Array([1, 0]) });

describe('memory', () => {
  it('inverts a layer once and embeds its reconstruction only when asked', async () => {
    const { session, calls } = countingSession();
    const memory = new Memory(({ data }) => data.join());
    const layer = await memory.layerOf(session, image);
    expect(layer.embedding).toEqual(new Float32Array([0.6, 0.8]));
    expect(await memory.layerOf(session, { ...image, data: image.data.slice() })).toBe(layer);
    expect(calls).toEqual(['invert']);
    await Promise.all([layer.seen(), layer.seen()]);
    expect(calls).toEqual(['invert', 'embed']);
    await memory.layerOf(session, { ...image, data: Uint8Array.of(1, 2, 4, 255) });
    expect(calls).toEqual(['invert', 'embed', 'invert']);
  });

  it('predicts only what it does not know, in one batch, and answers in the order asked', async () => {
    const { session, calls } = countingSession();
    const memory = new Memory(() => '');
    const layer = { key: 'layer', imageFeature: new Float32Array([1, 0]) } as KnownLayer;
    await memory.predictionsOf(session, layer, 'deltaedit', [named('bb')]);
    const asked = ['a', 'bb', 'ccc', 'a'].map(named);
    const predictions = await memory.predictionsOf(session, layer, 'deltaedit', asked);
    expect(predictions.map(({ delta }) => delta[1])).toEqual([1, 2, 3, 1]);
    expect(calls).toEqual(['map 1', 'map 2']);
    await memory.predictionsOf(session, layer, 'deltaedit', asked);
    expect(calls).toHaveLength(2);
    await memory.predictionsOf(session, { ...layer, key: 'other' }, 'deltaedit', asked);
    expect(calls).toEqual(['map 1', 'map 2', 'map 3']);
  });

  it('answers with what it knew although the same request pushes it out', async () => {
    const { session } = countingSession();
    const memory = new Memory(() => '');
    const layer = { key: 'layer', imageFeature: new Float32Array([1, 0]) } as KnownLayer;
    const oldest = named('x');
    await memory.predictionsOf(session, layer, 'deltaedit', [oldest]);
    const others = Array.from({ length: 200 }, (_, i) => named(`new ${i}`));
    const predictions = await memory.predictionsOf(session, layer, 'deltaedit', [...others, oldest]);
    expect(predictions.map(({ delta }) => delta)).toEqual([...others, oldest].map(({ delta }) => delta));
  });

  it('forgets a layer whose reconstruction could not be embedded', async () => {
    const { session } = countingSession();
    const memory = new Memory(({ data }) => data.join());
    let fails = true;
    const shaky = {
      ...session,
      embedImage: () => (fails ? Promise.reject(new Error('no')) : Promise.resolve(new Float32Array([0, 1]))),
    } as unknown as PackSession;
    await expect((await memory.layerOf(shaky, image)).seen()).rejects.toThrow('no');
    fails = false;
    expect(await (await memory.layerOf(shaky, image)).seen()).toEqual(new Float32Array([0, 1]));
  });

  it('asks again after a failure', async () => {
    const { session } = countingSession();
    const memory = new Memory(() => '');
    const layer = { key: 'layer', imageFeature: new Float32Array([1, 0]) } as KnownLayer;
    const failing = { ...session, mapStyles: () => Promise.reject(new Error('no')) } as unknown as PackSession;
    const twice = [named('a'), named('a')];
    await expect(memory.predictionsOf(failing, layer, 'deltaedit', twice)).rejects.toThrow('no');
    expect(await memory.predictionsOf(session, layer, 'deltaedit', twice)).toHaveLength(2);
  });
});
