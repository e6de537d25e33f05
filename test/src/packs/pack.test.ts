/** The pack format end to end: save, load, verify, build, run; and what must be refused. */
import { appendFile, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunner } from '@deltaspace/daemon';
import { buildNetwork, loadPack, networkNames, PackError, packFolders, savePack } from '@deltaspace/models';
import { createTypedArray, sizeOf, type Tensor } from '@deltaspace/onnx-graph';
import { buildTinyPack, tinyPackContents } from '../fixtures/tiny-pack.js';

let root: string;
let directory: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'deltaspace-pack-'));
  directory = path.join(root, 'tiny');
  await buildTinyPack(directory);
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const codeOf = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => 'accepted',
    (error: unknown) => {
      if (error instanceof PackError) return error.code;
      throw error;
    },
  );

/** Replaces the entry at `keys` of the manifest; undefined removes it. */
async function editManifest(keys: readonly (string | number)[], value: unknown): Promise<void> {
  const file = path.join(directory, 'pack.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  let parent = manifest;
  for (const key of keys.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  const last = keys.at(-1) as string;
  if (last in parent === false) throw new Error(`the manifest has no ${keys.join('.')}`);
  parent[last] = value;
  await writeFile(file, JSON.stringify(manifest));
}

describe('a pack', () => {
  it('loads what was saved, up to half precision', async () => {
    const contents = tinyPackContents();
    const pack = await loadPack(directory);
    expect(pack.words).toEqual(contents.words);
    expect(pack.statistics).toEqual(contents.statistics);
    for (const [name, { data, shape }] of contents.components.mapper.weights) {
      const loaded = pack.weights.get('mapper')?.get(name);
      expect(loaded?.shape).toEqual(shape);
      for (let i = 0; i < data.length; i++) expect(loaded?.data[i]).toBeCloseTo(data[i] as number, 2);
    }
  });

  it('keeps attributes and the defaults of sources and baselines', async () => {
    const contents = tinyPackContents();
    const styleclip = { strength: 4, threshold: 0.2 };
    const defaults = { ...contents.defaults, source: 'auto', wplusStrength: 0.5, styleclip } as const;
    await savePack(directory, { ...contents, defaults });
    const { manifest } = await loadPack(directory);
    expect(manifest.text.attributes).toEqual(contents.attributes);
    expect(manifest.defaults).toEqual(defaults);
  });

  it('may lack attributes and the baselines’ mappers', async () => {
    const { attributes: _, ...contents } = tinyPackContents();
    const { generator, inverter, mapper } = contents.components;
    const towers = { 'clip-image': contents.components['clip-image'], 'clip-text': contents.components['clip-text'] };
    const folder = path.join(root, 'bare');
    await savePack(folder, { ...contents, components: { generator, inverter, mapper, ...towers } });
    const pack = await loadPack(folder);
    expect(pack.manifest.text).not.toHaveProperty('attributes');
    expect(networkNames(pack.manifest)).not.toContain('wplus-mapper');
    expect(() => buildNetwork(pack, 'wplus-mapper', 1)).toThrow(PackError);
  });

  it('is not written when it would not load again', async () => {
    const folder = path.join(root, 'refused');
    const { attributes: _, ...contents } = tinyPackContents();
    const defaults = { ...contents.defaults, source: 'auto' } as const;
    expect(await codeOf(savePack(folder, { ...contents, defaults }))).toBe('pack_damaged');
    expect(await packFolders(root)).toEqual([directory]);
  });

  it('gives the mapper of W+ every row and takes back as many', async () => {
    const pack = await loadPack(directory);
    const runner = await createRunner(buildNetwork(pack, 'wplus-mapper', 2), { threads: 1 });
    const shapes = new Map(runner.inputs.map(({ name, shape }) => [name, shape]));
    const { rows } = pack.layout;
    const { styleDim } = pack.manifest.components.generator.config;
    expect(shapes.get('wplus')).toEqual([2, rows, styleDim]);
    const feeds = Object.fromEntries(
      runner.inputs.map(({ name, dtype, shape }): [string, Tensor] => [
        name,
        { dtype, shape, data: createTypedArray(dtype, sizeOf(shape)) },
      ]),
    );
    expect((await runner.run(feeds))['delta']?.shape).toEqual([2, rows, styleDim]);
    await runner.dispose();
  });

  it('keeps components in full precision on request', async () => {
    const contents = tinyPackContents();
    await savePack(directory, { ...contents, fullPrecision: ['mapper'] });
    const pack = await loadPack(directory);
    expect(pack.weights.get('mapper')).toEqual(contents.components.mapper.weights);
  });

  it('is written the same way twice', async () => {
    const again = await buildTinyPack(path.join(root, 'again'));
    expect(again).toEqual(JSON.parse(await readFile(path.join(directory, 'pack.json'), 'utf8')));
  });

  it('is found by its folder', async () => {
    expect(await packFolders(root)).toEqual([directory]);
    expect(await packFolders(path.join(root, 'nowhere'))).toEqual([]);
  });

  it.each(['separate', 'in-style-code'] as const)('runs every network with toRGB styles %s', async (colourStyles) => {
    await buildTinyPack(directory, { colourStyles });
    const pack = await loadPack(directory);
    const names = networkNames(pack.manifest);
    expect(names).toHaveLength(10);
    for (const name of names) {
      const runner = await createRunner(buildNetwork(pack, name, 2), { threads: 1 });
      const feeds = Object.fromEntries(
        runner.inputs.map(({ name: input, dtype, shape }): [string, Tensor] => [
          input,
          { dtype, shape, data: createTypedArray(dtype, sizeOf(shape)) },
        ]),
      );
      const results = await runner.run(feeds);
      expect(runner.inputs.some(({ name: input }) => input === 'rgb')).toBe(
        name === 'synthesis' && colourStyles === 'separate',
      );
      for (const { data, shape } of Object.values(results)) {
        expect(shape[0]).toBe(2);
        expect([...data].every((value) => Number.isFinite(Number(value)))).toBe(true);
      }
      await runner.dispose();
    }
  });
});

describe('a damaged pack is refused', () => {
  const weights = (): string => path.join(directory, 'mapper.safetensors');

  it('when the folder is empty', async () => {
    expect(await codeOf(loadPack(root))).toBe('pack_missing');
  });

  it('when a weights file is cut, extended, changed or gone', async () => {
    const original = await readFile(weights());
    await truncate(weights(), 100);
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
    await writeFile(weights(), original);
    await appendFile(weights(), 'x');
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
    original[original.length - 1]! ^= 1;
    await writeFile(weights(), original);
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
    await rm(weights());
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
  });

  it('when a file is a link out of the pack', async () => {
    await rename(weights(), path.join(root, 'elsewhere'));
    await symlink(path.join(root, 'elsewhere'), weights());
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
  });

  it('when weights do not fit their architecture', async () => {
    const contents = tinyPackContents();
    contents.components.mapper.config = { ...contents.components.mapper.config, hidden: 17 };
    await savePack(directory, contents);
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
  });

  it.each<[string, (string | number)[], unknown]>([
    ['another format', ['format'], 'zip'],
    ['a newer version', ['formatVersion'], 2],
    ['a path that leaves the folder', ['statistics'], '../secret.safetensors'],
    ['an absolute path', ['files', 0, 'path'], '/etc/passwd'],
    ['an unlisted file', ['files'], []],
    ['a wrong digest', ['files', 0, 'sha256'], '0'.repeat(64)],
    ['disagreeing resolutions', ['resolution'], 64],
    ['an absurd width', ['components', 'clip-text', 'config', 'width'], 1e12],
    ['a missing component', ['components', 'inverter'], undefined],
    ['an unknown upsampling', ['components', 'generator', 'config', 'upsampling'], 'magic'],
    ['a template without a gap', ['text', 'templates'], ['a face']],
    ['a strength that is no number', ['defaults', 'strength'], '1'],
  ])('when the manifest has %s', async (_, keys, value) => {
    await editManifest(keys, value);
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
  });

  it('when the manifest is not JSON', async () => {
    await writeFile(path.join(directory, 'pack.json'), '{"format":');
    expect(await codeOf(loadPack(directory))).toBe('pack_damaged');
  });

  it('when a network is asked for that it lacks', async () => {
    const pack = await loadPack(directory);
    expect(() => buildNetwork(pack, 'diffusion', 1)).toThrow(PackError);
  });
});
