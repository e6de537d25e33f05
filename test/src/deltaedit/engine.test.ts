/** The engine with the tiny pack and real runners: what an edit returns, what is cached, and how it stops. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type EditParameters } from '@deltaspace/daemon';
import { tinyPackContents, tinyResolution } from '../fixtures/tiny-pack.js';
import { hooks, patternLayer, tinyEngine, type TinyEngine } from './tiny-engine.js';

let setup: TinyEngine;
let engine: TinyEngine['engine'];
const layer = patternLayer(7);
beforeAll(async () => {
  setup = await tinyEngine(tinyPackContents());
  engine = setup.engine;
});
afterAll(() => setup.close());

describe('engine', () => {
  it('lists its packs', () => {
    expect(engine.packs()).toEqual([
      expect.objectContaining({ id: 'tiny', domain: 'face', resolution: tinyResolution, licence: 'MIT' }),
    ]);
    expect(engine.packs()[0]?.networks).toContain('clip-text');
    expect(engine.packs()[0]?.defaults.strength).toBe(1);
    expect(engine.packs()[0]?.suggestions).toContain('face with a hat');
    expect(engine.packs()[0]?.suggestions).not.toContain('face');
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

  it.each<[string, EditParameters]>([
    ['strength 0', { targets: ['face with hat'], strength: 0 }],
    ['a threshold that nothing reaches', { targets: ['face with hat'], threshold: 1000 }],
    ['a target equal to the source', { targets: ['face'], source: { kind: 'text', text: 'face' }, threshold: 0 }],
    ['a target without any known word', { targets: ['zorb'], threshold: 0 }],
  ])('returns the layer untouched for %s, and says that nothing was changed', async (_, parameters) => {
    const [output] = (await engine.edit('tiny', layer, parameters, hooks)).outputs;
    expect(output).toMatchObject({ image: layer, styleChange: 0, alignment: 0 });
    expect(output?.warnings.map(({ code }) => code)).toContain('no_change');
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
    setup.runs.length = 0;
    await expect(engine.edit('tiny', layer, { targets: ['red hair'] }, stopping)).rejects.toThrow(/abort/i);
    expect(setup.runs).not.toContain('condition,s');
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
    const { directory, folders, countingRunner } = setup;
    await expect(createEngine([...folders, ...folders], countingRunner)).rejects.toMatchObject({
      code: 'pack_missing',
    });
    await expect(createEngine([directory], countingRunner)).rejects.toMatchObject({ code: 'pack_missing' });
  });
});
