/** One pack as a set of loaded networks: batches, clamping, texts, and what happens when a run fails. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunner, PackSession, toNetworkImage, type Inversion } from '@deltaspace/daemon';
import { loadPack, savePack, type Pack } from '@deltaspace/models';
import { tinyAttributes, tinyPackContents } from '../fixtures/tiny-pack.js';
import { maxAbsDifference } from '../golden/golden-files.js';
import { softLayer } from './tiny-engine.js';

let directory: string;
let pack: Pack;
let session: PackSession;
let inversion: Inversion;
/** Batch of every run so far; and whether runs fail. */
let batches: number[] = [];
let failing = false;

const openSession = (of: Pack): PackSession =>
  new PackSession(of, async (model) => {
    const runner = await createRunner(model, { threads: 1 });
    return {
      ...runner,
      run: (feeds) => {
        batches.push(Object.values(feeds)[0]?.shape[0] ?? 0);
        return failing ? Promise.reject(new Error('out of order')) : runner.run(feeds);
      },
    };
  });

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'deltaspace-session-'));
  await savePack(directory, tinyPackContents({ colourStyles: 'separate' }));
  pack = await loadPack(directory);
  session = openSession(pack);
  inversion = await session.invert(toNetworkImage(softLayer(0), pack.manifest.resolution));
  await inversion.reconstruction;
});
afterAll(async () => {
  await session.dispose();
  await rm(directory, { recursive: true });
});

/** Results that batches may change in the last digits of float32: sums run in another order. */
const sameResult = 1e-4;

describe('a pack session', () => {
  it('runs many items in batches of powers of two, up to 16, and keeps their order', async () => {
    const { conditionWidth } = pack.manifest.components.mapper.config;
    const conditions = Array.from({ length: 21 }, (_, k) =>
      Float32Array.from({ length: conditionWidth }, (_, i) => Math.sin(k + i)),
    );
    batches = [];
    const together = await session.mapStyles('mapper', inversion.s, conditions);
    expect(batches).toEqual([16, 4, 1]);
    for (const k of [0, 15, 16, 20]) {
      const [alone] = await session.mapStyles('mapper', inversion.s, [conditions[k]!]);
      expect(maxAbsDifference(together[k]!, alone!)).toBeLessThan(sameResult);
    }
    expect(maxAbsDifference(together[0]!, together[1]!)).toBeGreaterThan(100 * sameResult);
    expect(await session.mapStyles('mapper', inversion.s, [])).toEqual([]);
  });

  it('predicts changes of W+ for several conditions of one code', async () => {
    const { conditionWidth } = pack.manifest.components.mapper.config;
    const conditions = [1, 2, 3].map((k) => Float32Array.from({ length: conditionWidth }, (_, i) => Math.cos(k * i)));
    const together = await session.mapWPlus(inversion.wPlus, conditions);
    expect(together.map(({ length }) => length)).toEqual(conditions.map(() => inversion.wPlus.data.length));
    const [alone] = await session.mapWPlus(inversion.wPlus, [conditions[2]!]);
    expect(maxAbsDifference(together[2]!, alone!)).toBeLessThan(sameResult);
  });

  it('decodes every code with its own toRGB styles', async () => {
    const own = { s: inversion.s.data as Float32Array, rgb: inversion.rgb! };
    const darker = { ...own, rgb: { ...own.rgb, data: (own.rgb.data as Float32Array).map((value) => 0.5 * value) } };
    const [first, second] = await Promise.all([session.generate(own), session.generate(darker)]);
    expect(first).toEqual(await inversion.reconstruction);
    expect(maxAbsDifference(second, first)).toBeGreaterThan(100 * sameResult);
  });

  it('refuses pictures that are not finite', async () => {
    const s = (inversion.s.data as Float32Array).map(() => NaN);
    await expect(session.generate({ s, rgb: inversion.rgb })).rejects.toMatchObject({ code: 'edit_failed' });
  });

  it('embeds pictures as they will be seen: clamped, and at unit length', async () => {
    const reconstruction = await inversion.reconstruction;
    const loud = reconstruction.map((value) => 3 * value);
    const clamped = loud.map((value) => Math.min(1, Math.max(-1, value)));
    const embedding = await session.embedImage(loud);
    expect(embedding).toEqual(await session.embedImage(clamped));
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    expect(maxAbsDifference(embedding, await session.embedImage(reconstruction))).toBeGreaterThan(sameResult);
  });

  it('tells texts it knows in part from texts it does not know at all', async () => {
    expect(await session.embedText('zorb hat')).toMatchObject({ unknownWords: ['zorb'], meaningful: true });
    expect(await session.embedText('zorb quux')).toMatchObject({ unknownWords: ['zorb', 'quux'], meaningful: false });
  });

  it('says which mappers the pack has', () => {
    const { 'wplus-mapper': _, ...components } = pack.manifest.components;
    const without = openSession({ ...pack, manifest: { ...pack.manifest, components } });
    expect([session.has('wplus-mapper'), session.has('straightforward-mapper')]).toEqual([true, true]);
    expect([without.has('wplus-mapper'), without.has('mapper')]).toEqual([false, true]);
  });

  it('embeds the phrases of its attributes once, and again when that failed', async () => {
    const fresh = openSession(pack);
    failing = true;
    await expect(fresh.attributeTable()).rejects.toThrow('out of order');
    failing = false;
    const table = await fresh.attributeTable();
    expect(table?.phrases.map(({ attribute, phrase }) => [attribute, phrase])).toEqual(
      tinyAttributes.flatMap(({ name, values }) => values.map(({ phrase }) => [name, phrase])),
    );
    expect(table?.phrases[0]?.embedding).toEqual((await fresh.embedText('face with red hair')).embedding);
    expect(table?.neutral).toEqual((await fresh.embedText('face')).embedding);
    batches = [];
    expect(await fresh.attributeTable()).toBe(table);
    expect(batches).toEqual([]);
    await fresh.dispose();
  });

  it('has no table when the pack lists no attributes', async () => {
    const { attributes: _, ...text } = pack.manifest.text;
    expect(await openSession({ ...pack, manifest: { ...pack.manifest, text } }).attributeTable()).toBeNull();
  });

  it('counts the time inside networks since it was last asked', async () => {
    session.takeNetworkMs();
    await session.embedText('hat');
    expect(session.takeNetworkMs()).toBeGreaterThan(0);
    expect(session.takeNetworkMs()).toBe(0);
  });
});
