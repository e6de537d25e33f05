import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillImage, renderAvatars, renderDataset, renderPairs } from './dataset.js';
import { renderAvatar } from './renderer.js';
import type { createRenderPool } from './render-pool.js';
import { avatarAt, changedPairAt } from './splits.js';

const SIZE = 16;
const COMPILED_POOL = new URL('../../../dist/recipes/avatars/render-pool.js', import.meta.url);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'avatars-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('renderDataset', () => {
  it('gives the avatars of a split in order with their pictures', async () => {
    const set = await renderDataset({ split: 'test', count: 40, size: SIZE, threads: 0 });
    expect(set.avatars).toEqual(Array.from({ length: 40 }, (_, i) => avatarAt('test', i)));
    expect(set.images.length).toBe(40 * SIZE * SIZE * 3);
    const last = set.images.subarray(39 * SIZE * SIZE * 3);
    expect([...last]).toEqual([...(await renderAvatar(avatarAt('test', 39), SIZE))]);
  });

  it('reads the cache instead of drawing again', async () => {
    const options = { split: 'train', count: 5, size: SIZE, threads: 0, directory } as const;
    const drawn = await renderDataset(options);
    const [file] = await readdir(directory);
    const written = (await stat(join(directory, file as string))).mtimeMs;
    const progress: number[] = [];
    const cached = await renderDataset({ ...options, onProgress: (done) => progress.push(done) });
    expect(cached.images).toEqual(drawn.images);
    expect(progress).toEqual([5]);
    expect((await stat(join(directory, file as string))).mtimeMs).toBe(written);
  });

  it('draws again what is damaged in the cache', async () => {
    const options = { split: 'train', count: 3, size: SIZE, threads: 0, directory } as const;
    const drawn = await renderDataset(options);
    const path = join(directory, (await readdir(directory))[0] as string);
    for (const damaged of [(await readFile(path)).subarray(1), (await readFile(path)).fill(7, 0, 9)]) {
      await writeFile(path, damaged);
      expect((await renderDataset(options)).images).toEqual(drawn.images);
    }
  });

  it('keeps sizes and data seeds apart, and leaves no temporary files', async () => {
    const options = { split: 'train', count: 2, threads: 0, directory } as const;
    const first = await renderDataset({ ...options, size: SIZE });
    const other = await renderDataset({ ...options, size: SIZE, dataSeed: 1 });
    await renderDataset({ ...options, size: 2 * SIZE });
    expect(other.images).not.toEqual(first.images);
    const names = await readdir(directory);
    expect(names.length).toBe(3);
    expect(names.every((name) => name.endsWith('.rgb'))).toBe(true);
  });

  it('stops when aborted', async () => {
    const signal = AbortSignal.abort(new Error('stopped by the test'));
    const options = { split: 'train', count: 2, size: SIZE, threads: 0, signal } as const;
    await expect(renderDataset(options)).rejects.toThrow('stopped by the test');
  });
});

describe('renderPairs', () => {
  it('puts the picture before a change beside the one after it', async () => {
    const pairs = await renderPairs({ split: 'validation', count: 3, size: SIZE, threads: 0 });
    const expected = [0, 1, 2].map((i) => changedPairAt('validation', i));
    expect(pairs.count).toBe(6);
    expect(pairs.changed).toEqual(expected.map((pair) => pair.changed));
    expect(pairs.avatars).toEqual(expected.flatMap((pair) => [pair.before, pair.after]));
  });
});

describe('fillImage', () => {
  it('writes channels first, scaled to [-1, 1], into its slot only', () => {
    const set = { size: 1, count: 2, images: Uint8Array.of(9, 9, 9, 0, 255, 51) };
    const batch = new Float32Array(9).fill(5);
    fillImage(set, 1, batch, 1);
    expect([...batch]).toEqual([5, 5, 5, -1, 1, Math.fround(-0.6), 5, 5, 5]);
    expect(() => fillImage(set, 2, batch, 0)).toThrow('picture 2 of 2');
    expect(() => fillImage(set, 0, batch, 3)).toThrow('no slot 3');
  });
});

// Worker threads run the compiled pool; `npm test` builds it first.
describe.skipIf(!existsSync(fileURLToPath(COMPILED_POOL)))('render pool on worker threads', () => {
  const avatars = Array.from({ length: 70 }, (_, i) => avatarAt('test', i));

  it('draws the same pixels as the calling thread', async () => {
    const module = (await import(COMPILED_POOL.href)) as { createRenderPool: typeof createRenderPool };
    const pool = module.createRenderPool({ threads: 2 });
    try {
      expect(pool.threads).toBe(2);
      const pixels = await pool.render({ avatars, size: SIZE });
      const inline = await renderAvatars('inline', avatars, { size: SIZE, threads: 0 });
      expect(Buffer.compare(pixels, inline.images)).toBe(0);
    } finally {
      await pool.dispose();
    }
  });

  it('reports the error of a worker', async () => {
    const module = (await import(COMPILED_POOL.href)) as { createRenderPool: typeof createRenderPool };
    const pool = module.createRenderPool({ threads: 1 });
    try {
      await expect(pool.render({ avatars, size: 4 })).rejects.toThrow('avatar size must be an integer ≥ 8');
    } finally {
      await pool.dispose();
    }
  });
});
