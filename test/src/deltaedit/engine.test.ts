/** The engine with the tiny pack and real runners: what an edit returns, what is cached, and how it stops. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, createRunner, pixelImage, type EditEngine, type Runner } from '@deltaspace/daemon';
import { buildTinyPack, tinyResolution } from '../fixtures/tiny-pack.js';

let directory: string;
let engine: EditEngine;
let runs: string[];
const layer = pixelImage(
  50,
  40,
  Uint8Array.from({ length: 50 * 40 * 4 }, (_, i) => (i % 4 === 3 ? (i % 8 === 3 ? 255 : 0) : (i * 7) % 256)),
);
const hooks = { progress: (): void => undefined, signal: new AbortController().signal };

/** Counts runs by the names of their inputs. */
async function countingRunner(model: Uint8Array): Promise<Runner> {
  const runner = await createRunner(model, { threads: 1 });
  return {
    ...runner,
    run: (feeds) => {
      runs.push(Object.keys(feeds).sort().join());
      return runner.run(feeds);
    },
  };
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'deltaspace-engine-'));
  await buildTinyPack(path.join(directory, 'tiny'));
  runs = [];
  engine = await createEngine([path.join(directory, 'tiny')], countingRunner);
});
afterAll(async () => {
  await engine.dispose();
  await rm(directory, { recursive: true });
});

describe('engine', () => {
  it('lists its packs', () => {
    expect(engine.packs()).toEqual([
      expect.objectContaining({ id: 'tiny', domain: 'face', resolution: tinyResolution, licence: 'MIT' }),
    ]);
    expect(engine.packs()[0]?.networks).toContain('clip-text');
  });

  it('edits a layer of any size into a layer of that size, with alpha and hidden colours kept', async () => {
    const seen: [string, number][] = [];
    const result = await engine.edit(
      'tiny',
      layer,
      { targets: ['face with hat', 'face with zorb'], heatmap: true, reconstruction: true, threshold: 0 },
      { ...hooks, progress: (stage, fraction) => seen.push([stage, fraction]) },
    );
    const [hat, zorb] = result.outputs;
    expect([hat?.image.width, hat?.image.height, hat?.heatmap?.width]).toEqual([50, 40, 50]);
    expect(hat).toMatchObject({ target: 'face with hat', source: 'face', strength: 1, threshold: 0, unknownWords: [] });
    expect(hat?.reach).toBeGreaterThan(0);
    expect(zorb?.unknownWords).toEqual(['zorb']);
    expect(result.reconstruction?.data).toHaveLength(layer.data.length);
    let changed = 0;
    for (let i = 0; i < layer.data.length; i += 4) {
      expect(hat?.image.data[i + 3]).toBe(layer.data[i + 3]);
      if (hat?.image.data[i] !== layer.data[i]) changed += layer.data[i + 3] === 0 ? Infinity : 1;
    }
    expect(changed).toBeGreaterThan(10);
    expect(changed).toBeLessThan(Infinity);
    expect(seen.at(-1)).toEqual(['edit', 1]);
    expect(Object.keys(result.timingsMs)).toEqual(['invert', 'text', 'edit', 'networks']);
  });

  it('runs only mapper and generator when the same layer and texts come again', async () => {
    const edit = { targets: ['face with hat'] };
    await engine.edit('tiny', layer, edit, hooks);
    runs = [];
    await engine.edit('tiny', layer, { ...edit, strength: 0.5 }, hooks);
    expect(runs).toEqual(['condition,s', 's']);
  });

  it.each([
    ['strength 0', { targets: ['face with hat'], strength: 0 }],
    ['a threshold that nothing reaches', { targets: ['face with hat'], threshold: 1000 }],
    ['a target equal to the source', { targets: ['face'], source: 'face', threshold: 0 }],
    ['a target without any known word', { targets: ['zorb'], threshold: 0 }],
  ])('returns the layer untouched for %s', async (_, parameters) => {
    const { outputs } = await engine.edit('tiny', layer, parameters, hooks);
    expect(outputs[0]?.reach).toBe(0);
    expect(outputs[0]?.image).toEqual(layer);
  });

  it('has the straightforward baseline, which masks nothing', async () => {
    const { outputs } = await engine.edit('tiny', layer, { targets: ['face'], method: 'straightforward' }, hooks);
    expect(outputs[0]?.reach).toBeGreaterThan(0);
    expect(outputs[0]?.channelsKept).toBeGreaterThan(50);
  });

  it('inverts into W+ and S, from which its networks make the reconstruction again', async () => {
    const { latent, reconstruction } = await engine.invert('tiny', layer, hooks);
    expect(latent.get('wplus')?.shape).toEqual([1, 8, 8]);
    const styles = await engine.runNetwork('tiny', 'affine', new Map([['wplus', latent.get('wplus')!]]));
    expect(styles.get('s')).toEqual(latent.get('s'));
    expect([reconstruction.width, reconstruction.height]).toEqual([50, 40]);
  });

  it('runs a network for any batch', async () => {
    const z = {
      dtype: 'float32' as const,
      shape: [3, 8],
      data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    };
    const w = (await engine.runNetwork('tiny', 'mapping', new Map([['z', z]]))).get('w');
    expect(w?.shape).toEqual([3, 8]);
    const single = { ...z, shape: [1, 8], data: z.data.slice(8, 16) };
    const alone = (await engine.runNetwork('tiny', 'mapping', new Map([['z', single]]))).get('w');
    alone?.data.forEach((value, i) => expect(value as number).toBeCloseTo(w?.data[8 + i] as number, 5));
  });

  it('stops between stages when cancelled', async () => {
    const controller = new AbortController();
    const stopping = {
      signal: controller.signal,
      progress: (stage: string): void => (stage === 'text' ? controller.abort() : undefined),
    };
    runs = [];
    await expect(engine.edit('tiny', layer, { targets: ['red hair'] }, stopping)).rejects.toThrow(/abort/i);
    expect(runs).not.toContain('condition,s');
  });

  it('answers unknown packs, networks and bad tensors with coded errors', async () => {
    const empty = { dtype: 'float32' as const, shape: [0, 8], data: new Float32Array(0) };
    await expect(engine.edit('nope', layer, { targets: ['hat'] }, hooks)).rejects.toMatchObject({
      code: 'pack_missing',
    });
    await expect(engine.runNetwork('tiny', 'nope', new Map())).rejects.toMatchObject({ code: 'network_missing' });
    await expect(engine.runNetwork('tiny', 'mapping', new Map([['z', empty]]))).rejects.toMatchObject({
      code: 'tensor_invalid',
    });
    await expect(createEngine([directory], countingRunner)).rejects.toMatchObject({ code: 'pack_missing' });
  });
});
