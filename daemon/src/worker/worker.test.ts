import { ProtocolError } from '@deltaspace/shared-protocol';
import { describe, expect, it } from 'vitest';
import type { EditEngine } from '../jobs/engine-port.js';
import { explainFailure } from './explain.js';
import { explainMissingPack, loadPacks } from './load-packs.js';
import { RecentImages } from './recent-images.js';

/** An engine that knows each folder as a pack; folders called `bad` and repeated names are refused. */
function create(disposed: string[][] = []) {
  return (directories: readonly string[]): Promise<EditEngine> => {
    const bad = directories.find((directory) => directory.includes('bad'));
    if (bad !== undefined) return Promise.reject(new Error(`${bad} has a wrong digest`));
    if (new Set(directories).size < directories.length) return Promise.reject(new Error('two packs with one id'));
    const packs = directories.map((id) => ({ id, version: '1', domain: 'face', resolution: 8, networks: [] }));
    const dispose = (): Promise<void> => Promise.resolve(void disposed.push([...directories]));
    return Promise.resolve({ packs: () => packs, dispose } as unknown as EditEngine);
  };
}

describe('loading packs', () => {
  it('loads sound ones in one go', async () => {
    const disposed: string[][] = [];
    const { inventory } = await loadPacks(['a', 'b'], create(disposed));
    expect(inventory).toMatchObject({ models: [{ id: 'a' }, { id: 'b' }], damaged: [] });
    expect(disposed).toEqual([]);
  });

  it('loses only the damaged and the repeated one, by name', async () => {
    const disposed: string[][] = [];
    const { engine, inventory } = await loadPacks(['a', 'x/bad', 'b', 'a'], create(disposed));
    expect(engine.packs().map(({ id }) => id)).toEqual(['a', 'b']);
    expect(inventory.damaged).toEqual([
      { folder: 'bad', reason: 'x/bad has a wrong digest' },
      { folder: 'a', reason: 'two packs with one id' },
    ]);
    expect(disposed).toEqual([[], ['a']]);
  });
});

describe('failures', () => {
  const coded = (code: string): Error => Object.assign(new Error('why'), { code });

  it.each([
    ['image_damaged', 'image_damaged'],
    ['pack_damaged', 'pack_damaged'],
    ['format/truncated', 'tensor_invalid'],
    ['runtime/input-rejected', 'tensor_invalid'],
    ['runtime/model-rejected', 'pack_damaged'],
  ])('with the code %s travel as %s', (code, expected) => {
    expect(explainFailure(coded(code))).toMatchObject({ code: expected, message: 'why' });
  });

  it.each([new Error('no code'), coded('EIO'), coded('runtime/disposed'), 'text', undefined])(
    'that are defects stay unexplained: %s',
    (thrown) => {
      expect(explainFailure(thrown)).toBeUndefined();
    },
  );

  it('name damaged packs when a pack is missing', () => {
    const missing = new ProtocolError('pack_missing', 'there is no pack "a"');
    expect(explainMissingPack(missing, [])).toBe(missing);
    expect(explainMissingPack(missing, [{ folder: 'a', reason: 'digest' }])).toMatchObject({
      code: 'pack_damaged',
      message: 'there is no pack "a". Damaged and not loaded: a: digest',
    });
  });
});

describe('recent images', () => {
  const image = (pixels: number) => ({ width: pixels, height: 1, data: new Uint8Array(4 * pixels) });

  it('decodes again only what had to make room, the least recently used first', async () => {
    const images = new RecentImages(100);
    const decoded: string[] = [];
    const get = (key: string, pixels: number) =>
      images.get(key, () => {
        decoded.push(key);
        return Promise.resolve(image(pixels));
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key, 40);
    expect(decoded).toEqual(['a', 'b', 'c', 'b']);
    expect((await get('huge', 101)).width).toBe(101);
    await get('huge', 101);
    expect(decoded.slice(4)).toEqual(['huge', 'huge']);
  });

  it('keeps nothing of a decoding that failed', async () => {
    const images = new RecentImages(100);
    await expect(images.get('a', () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged');
    await expect(images.get('a', () => Promise.resolve(image(1)))).resolves.toMatchObject({ width: 1 });
  });
});
