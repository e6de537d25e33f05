/** Starting from a pack: which stages it fills, with what, and which packs it refuses. */
import { loadPack, type ComponentName, type Pack } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grownWeights } from './growth.js';
import { baseResolution } from './settings.js';
import { startFromPack } from './start-from-pack.js';
import { differingTensors, saveSmallPack, smallPackWords } from './testing/random-networks.js';
import { openWorkspace, type StageResult } from './workspace.js';

const provenance = {
  stages: {
    autoencoder: { steps: 700, minutes: 12.25, seed: 1 },
    refinement: { steps: 42, minutes: 3.5 },
    clip: { steps: 99, minutes: 8 },
    classifier: { steps: 31, minutes: 2 },
    mapper: { steps: 5, minutes: 1 },
  },
};

let folder = '';
let packFolder = '';
let pack: Pack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltaspace-start-'));
  packFolder = join(folder, 'base');
  await saveSmallPack(packFolder, baseResolution, { provenance });
  pack = await loadPack(packFolder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const open = (name: string) => openWorkspace({ directory: join(folder, name), log: () => undefined });
const weight = (...data: number[]): Tensor => ({
  dtype: 'float32',
  shape: [data.length],
  data: new Float32Array(data),
});

/** Weights of components of the pack, each name behind its prefix. */
const ofPack = (prefixes: Partial<Record<ComponentName, string>>) =>
  new Map(
    Object.entries(prefixes).flatMap(([component, prefix]) =>
      [...(pack.weights.get(component as ComponentName) ?? [])].map(
        ([name, tensor]) => [`${prefix}${name}`, tensor] as const,
      ),
    ),
  );

describe('startFromPack', () => {
  it('fills the stages autoencoder, clip and classifier with the networks of a base pack, under the names of training', async () => {
    const workspace = await open('fresh');
    await startFromPack(workspace, packFolder);
    const [autoencoder, clip] = [await workspace.required('autoencoder'), await workspace.required('clip')];
    expect(autoencoder.size).toBeGreaterThan(50);
    expect(differingTensors(autoencoder, ofPack({ generator: 'generator.', inverter: 'inverter.' }))).toEqual([]);
    expect(differingTensors(clip, ofPack({ 'clip-image': '', 'clip-text': '' }))).toEqual([]);
    const classifier = await workspace.required('classifier');
    expect(differingTensors(classifier, ofPack({ 'attribute-classifier': '' }))).toEqual([]);
    expect([...clip.keys()].every((name) => /^(visual|text)\./.test(name))).toBe(true);
    // The next stage can do something with them.
    expect(grownWeights(autoencoder).size).toBe(autoencoder.size + 2);
    expect(await workspace.finished('growth')).toBeNull();
  });

  it('states the steps and minutes that the pack states of these stages, and the pack', async () => {
    const workspace = await open('facts');
    await startFromPack(workspace, packFolder);
    const from = `small 1.2.3, digest ${pack.digest}`;
    expect((await workspace.finished('autoencoder'))?.facts).toEqual({ steps: '742', minutes: '15.8', from });
    expect((await workspace.finished('classifier'))?.facts).toEqual({ steps: '31', minutes: '2.0', from });
    expect((await workspace.finished('clip'))?.facts).toEqual({
      steps: '99',
      minutes: '8.0',
      from,
      vocabulary: JSON.stringify(smallPackWords),
    });
  });

  it('takes packs that do not say how they were trained and have no classifier', async () => {
    const silent = join(folder, 'silent');
    await saveSmallPack(silent, baseResolution, { classifier: false });
    const workspace = await open('from-silent');
    await startFromPack(workspace, silent);
    expect((await workspace.finished('clip'))?.facts).toMatchObject({ steps: '0', minutes: '0.0' });
    expect(await workspace.finished('classifier')).toBeNull();
  });

  it.each([
    ['autoencoder', 'clip'],
    ['clip', 'autoencoder'],
    ['classifier', 'clip'],
  ])('leaves a finished %s alone and still fills %s', async (finished, unfinished) => {
    const workspace = await open(`finished-${finished}`);
    const own: StageResult = { weights: new Map([['own', weight(1, 2)]]), facts: { steps: '7' } };
    await workspace.finish(finished, own);
    await startFromPack(workspace, packFolder);
    expect(await workspace.finished(finished)).toEqual(own);
    expect((await workspace.finished(unfinished))?.facts).toHaveProperty('from');
  });

  it('refuses a pack of another resolution by name, and fills nothing', async () => {
    const half = join(folder, 'half');
    await saveSmallPack(half, baseResolution / 2, { id: 'tiny', version: '0.3.0' });
    const workspace = await open('refused');
    await expect(startFromPack(workspace, half)).rejects.toThrow(
      `the recipe starts from packs of ${baseResolution} px; tiny 0.3.0 has ${baseResolution / 2} px`,
    );
    for (const stage of ['autoencoder', 'clip', 'classifier'])
      expect(await workspace.finished(stage), stage).toBeNull();
  });

  it('refuses a folder without a pack', async () => {
    await expect(startFromPack(await open('empty'), join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'pack_missing',
    });
  });
});
