/** Between edits and between layers: interpolation and style mixing, with the engine on tiny packs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layerPicture, toNetworkImage, type InterpolateParameters } from '@deltaspace/daemon';
import { tinyPackContents } from '../fixtures/tiny-pack.js';
import { byteDifference, hooks, patternLayer, softLayer, tinyEngine, type TinyEngine } from './tiny-engine.js';

let setup: TinyEngine;
beforeAll(async () => {
  setup = await tinyEngine(
    tinyPackContents(),
    tinyPackContents({ id: 'apart', colourStyles: 'separate' }),
    tinyPackContents({ id: 'fine', resolution: 64 }),
  );
});
afterAll(() => setup.close());

const [layer, other] = [softLayer(0), softLayer(2)];
const interpolate = (pack: string, parameters: InterpolateParameters, image = layer) =>
  setup.engine.interpolate(pack, image, parameters, hooks);
const mix = (pack: string, fromLayer?: number) =>
  setup.engine.mix(pack, layer, other, fromLayer === undefined ? {} : { fromLayer }, hooks);
const reconstructionOf = async (pack: string, image: typeof layer) =>
  (await setup.engine.invert(pack, image, hooks)).reconstruction;

describe.each(['tiny', 'apart'])('interpolation with pack %s', (pack) => {
  it('between texts begins with the first edit and ends with the second', async () => {
    const [from, to] = ['face with hat', 'red hair'];
    const { frames } = await interpolate(pack, { between: 'texts', from, to, steps: 5, threshold: 0 });
    expect(frames.map(({ weight }) => weight)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const { outputs } = await setup.engine.edit(pack, layer, { targets: [from, to], threshold: 0 }, hooks);
    expect(byteDifference(frames[0]!.image, outputs[0]!.image)).toBeLessThanOrEqual(1);
    expect(byteDifference(frames[4]!.image, outputs[1]!.image)).toBeLessThanOrEqual(1);
    expect(byteDifference(outputs[0]!.image, outputs[1]!.image)).toBeGreaterThan(1);
    const way = byteDifference(frames[0]!.image, frames[4]!.image);
    expect(byteDifference(frames[2]!.image, frames[0]!.image)).toBeLessThan(way);
    expect(byteDifference(frames[2]!.image, frames[4]!.image)).toBeLessThan(way);
  });

  it('between layers begins with the layer itself and ends with the other as the network sees it', async () => {
    const image = patternLayer(7);
    const { frames, unknownWords } = await interpolate(pack, { between: 'layers', other, steps: 3 }, image);
    expect(frames[0]?.image).toEqual(image);
    const seen = layerPicture(toNetworkImage(other, 32), 32, image);
    expect(byteDifference(frames[2]!.image, seen)).toBeLessThanOrEqual(1);
    expect(byteDifference(frames[1]!.image, image)).toBeGreaterThan(1);
    expect(unknownWords).toEqual([]);
  });

  it('between a layer and itself stays where it is', async () => {
    const { frames } = await interpolate(pack, { between: 'layers', other: { ...layer }, steps: 4 });
    for (const { image } of frames) expect(byteDifference(image, layer)).toBeLessThanOrEqual(1);
  });
});

describe('interpolation', () => {
  it('takes strength, threshold and source as edits do, and names unknown words once', async () => {
    const source = { kind: 'text', text: 'hat' } as const;
    const sliders = { source, strength: -0.5, threshold: 0.1 };
    const ends = { from: 'zorb hair', to: 'glasses zorb' };
    const { frames, unknownWords } = await interpolate('tiny', { between: 'texts', ...ends, ...sliders, steps: 2 });
    const { outputs } = await setup.engine.edit('tiny', layer, { targets: [ends.from, ends.to], ...sliders }, hooks);
    outputs.forEach(({ image }, i) => expect(byteDifference(image, frames[i]!.image)).toBeLessThanOrEqual(1));
    expect(unknownWords).toEqual(['zorb']);
  });

  it('with one step is refused', async () => {
    const refused = interpolate('tiny', { between: 'layers', other, steps: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'edit_failed' });
  });
});

describe.each(['tiny', 'apart'])('style mixing with pack %s', (pack) => {
  it('from row 0 on is the style layer’s reconstruction', async () => {
    const { image, fromLayer } = await mix(pack, 0);
    expect(fromLayer).toBe(0);
    expect(byteDifference(image, await reconstructionOf(pack, other))).toBeLessThanOrEqual(1);
  });

  it('from behind the last row on is the content layer’s reconstruction', async () => {
    const { layers } = await mix(pack);
    expect(layers).toBe(8);
    const { image } = await mix(pack, layers);
    expect(byteDifference(image, await reconstructionOf(pack, layer))).toBeLessThanOrEqual(1);
  });

  it('in between is neither', async () => {
    const { image } = await mix(pack, 3);
    expect(byteDifference(image, await reconstructionOf(pack, layer))).toBeGreaterThan(1);
    expect(byteDifference(image, await reconstructionOf(pack, other))).toBeGreaterThan(1);
  });
});

describe('style mixing', () => {
  it('begins with the fine level when no row is given', async () => {
    expect(await mix('fine')).toMatchObject({ fromLayer: 7, layers: 10 });
    expect((await mix('fine')).image).toEqual((await mix('fine', 7)).image);
    expect(await mix('tiny')).toMatchObject({ fromLayer: 8, layers: 8 });
  });

  it.each([-1, 9, 1.5])('refuses row %s of 8', async (row) => {
    await expect(mix('tiny', row)).rejects.toMatchObject({ code: 'edit_failed' });
  });
});
