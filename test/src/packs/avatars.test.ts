/**
 * The pack that ships, through the engine that the worker runs: edits of avatars that training never saw do what their text
 * says. A few avatars only, with bounds far below what `deltaspace evaluate` measures: this finds a broken pack or a
 * broken path to it, not a worse pack.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  avatarAt,
  createEngine,
  createRenderPool,
  createRunner,
  pixelImage,
  toNetworkImage,
  valuesOf,
  type EditEngine,
  type PixelImage,
} from '@deltaspace/daemon';
import { loadPack, packFolders, type Pack } from '@deltaspace/models';

const count = 12;
const side = 96;
type Attribute = Parameters<typeof valuesOf>[0];
const hooks = { progress: (): void => undefined, signal: new AbortController().signal };

let pack: Pack;
let engine: EditEngine;
const avatars = Array.from({ length: count }, (_, index) => avatarAt('test', index));
let layers: PixelImage[];
beforeAll(async () => {
  const folders = await packFolders();
  pack = await loadPack(folders.find((folder) => folder.endsWith('avatars')) as string);
  engine = await createEngine(folders, (model) => createRunner(model, { threads: 1 }));
  const pool = createRenderPool({ threads: 0 });
  const pixels = await pool.render({ avatars, size: side });
  await pool.dispose();
  const opaque = (first: number): Uint8Array =>
    Uint8Array.from({ length: 4 * side * side }, (_, i) =>
      i % 4 === 3 ? 255 : (pixels[first + 3 * (i >> 2) + (i % 4)] as number),
    );
  layers = avatars.map((_, k) => pixelImage(side, side, opaque(k * 3 * side * side)));
});
afterAll(() => engine.dispose());

/** What the pack's own classifier sees of one attribute. */
async function seenIn(image: PixelImage, attribute: Attribute): Promise<string | undefined> {
  const { resolution, components } = pack.manifest;
  const heads = components['attribute-classifier']?.config.heads ?? [];
  const position = heads.findIndex(({ name }) => name === attribute);
  const offset = heads.slice(0, position).reduce((total, { values }) => total + values, 0);
  const shape = [1, 3, resolution, resolution];
  const input = new Map([['image', { dtype: 'float32' as const, shape, data: toNetworkImage(image, resolution) }]]);
  const logits = (await engine.runNetwork('avatars', 'attribute-classifier', input)).get('logits');
  const head = [...(logits?.data as Float32Array)].slice(offset, offset + (heads[position]?.values ?? 0));
  return valuesOf(attribute)[head.indexOf(Math.max(...head))];
}

describe('the pack that ships', () => {
  it.each([
    { text: 'face with sunglasses', attribute: 'accessories', value: 'sunglasses' },
    { text: 'smiling face', attribute: 'mouth', value: 'smile' },
    { text: 'guy in a winter hat', attribute: 'top', value: 'beanie' },
    { text: 'face with dark skin', attribute: 'skin', value: 'dark' },
  ] as const)('makes of most avatars a $text', async ({ text, attribute, value }) => {
    let [before, after] = [0, 0];
    for (const layer of layers) {
      const { outputs } = await engine.edit('avatars', layer, { targets: [text] }, hooks);
      before += (await seenIn(layer, attribute)) === value ? 1 : 0;
      after += (await seenIn(outputs[0]?.image as PixelImage, attribute)) === value ? 1 : 0;
      expect(outputs[0]?.unknownWords).toEqual([]);
    }
    expect(before).toBeLessThan(count / 2);
    expect(after).toBeGreaterThan((2 * count) / 3);
  });

  it('writes the source text for each layer, of what the text is about', async () => {
    const mouths: Record<string, string> = {
      smile: 'smiling face',
      neutral: 'serious face',
      open: 'face with an open mouth',
      tongue: 'face with tongue out',
    };
    let right = 0;
    for (const layer of layers) {
      const { outputs } = await engine.edit('avatars', layer, { targets: ['sad face'] }, hooks);
      const seen = (await seenIn(layer, 'mouth')) ?? '';
      // A face that is sad already has nothing to be named: the noun stays.
      right += outputs[0]?.source === (mouths[seen] ?? 'face') ? 1 : 0;
    }
    expect(right).toBeGreaterThan((3 * count) / 4);
  });

  it('makes the change between two pictures to a third', async () => {
    // A pair of glasses and sunglasses says "darker", not "sunglasses": the first picture of this one has neither.
    const bare = avatars.findIndex(({ values }) => values.accessories === 'none');
    const from = layers[bare] as PixelImage;
    const others = layers.filter((layer) => layer !== from);
    const { outputs } = await engine.edit('avatars', from, { targets: ['face with sunglasses'] }, hooks);
    const pair = { from, to: outputs[0]?.image as PixelImage };
    let after = 0;
    for (const layer of others) {
      const changed = await engine.edit('avatars', layer, { targets: [], pair }, hooks);
      after += (await seenIn(changed.outputs[0]?.image as PixelImage, 'accessories')) === 'sunglasses' ? 1 : 0;
    }
    expect(after).toBeGreaterThan(others.length / 2);
  });

  it('warns of a text that is out of its reach', async () => {
    const { outputs } = await engine.edit('avatars', layers[0] as PixelImage, { targets: ['xylophone zzyzx'] }, hooks);
    expect(outputs[0]?.unknownWords).toContain('zzyzx');
    expect(outputs[0]?.warnings.map(({ code }) => code)).toContain('unknown_words');
  });

  it('stays below the size that the repository sets for packs', () => {
    const total = pack.manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(total).toBeLessThan(32_000_000);
  });
});
