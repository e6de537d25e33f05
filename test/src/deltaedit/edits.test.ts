/** Edits by every method against the same steps taken one by one, and what surrounds them: sources, pairs, caches. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adaptiveSource,
  attributeTable,
  difference,
  length,
  type EditMethod,
  type EditParameters,
  type PixelImage,
} from '@deltaspace/daemon';
import { loadPack } from '@deltaspace/models';
import { tinyAttributes, tinyPackContents } from '../fixtures/tiny-pack.js';
import { ByHand } from './by-hand.js';
import { byteDifference, hooks, patternLayer, softLayer, tinyEngine, type TinyEngine } from './tiny-engine.js';

let setup: TinyEngine;
const packIds = ['tiny', 'apart', 'auto', 'plain'];
beforeAll(async () => {
  const { attributes: _, ...plain } = tinyPackContents({ id: 'plain' });
  const auto = tinyPackContents({ id: 'auto' });
  // Random towers put all texts near one another; longer word vectors bring them apart, so that attributes can be read.
  const vectors = auto.components['clip-text'].weights.get('text.word_vectors');
  (vectors?.data as Float32Array).forEach((value, i, all) => (all[i] = 8 * value));
  setup = await tinyEngine(
    tinyPackContents(),
    tinyPackContents({ id: 'apart', colourStyles: 'separate' }),
    { ...auto, defaults: { ...auto.defaults, source: 'auto', strength: -1 } },
    {
      ...plain,
      components: {
        generator: plain.components.generator,
        inverter: plain.components.inverter,
        'clip-image': plain.components['clip-image'],
        'clip-text': plain.components['clip-text'],
        mapper: plain.components.mapper,
      },
    },
  );
});
afterAll(() => setup.close());

const [layer, other, third] = [softLayer(0), softLayer(2), patternLayer(7)];
const methods: EditMethod[] = ['deltaedit', 'straightforward', 'wplus', 'styleclip-gd'];
const edit = async (parameters: EditParameters, pack = 'tiny', image: PixelImage = layer) =>
  (await setup.engine.edit(pack, image, parameters, hooks)).outputs;
const single = async (parameters: EditParameters, pack = 'tiny', image: PixelImage = layer) => {
  const [output] = await edit(parameters, pack, image);
  if (output === undefined) throw new Error('the edit has no output');
  return output;
};
const text = (value: string) => ({ kind: 'text', text: value }) as const;

const byHand = async (id: string): Promise<ByHand> =>
  new ByHand(setup.engine, await loadPack(setup.folders[packIds.indexOf(id)] as string));

describe.each(['tiny', 'apart'])('an edit with pack %s', (packId) => {
  it.each(methods)('by method %s is what its steps give one by one', async (method) => {
    const steps = await byHand(packId);
    const target = await steps.textEmbedding('face with hat');
    const delta = difference(target, await steps.textEmbedding('face'));
    const threshold = method === 'straightforward' || method === 'wplus' ? 0 : length(delta) / 10;
    const parameters = { targets: ['face with hat'], method, threshold, strength: 1 };
    const output = await single(parameters, packId);
    const expected = await steps.edit(layer, method, { delta, target, threshold });
    expect(byteDifference(output.image, expected)).toBeLessThanOrEqual(1);
    expect(byteDifference(output.image, layer)).toBeGreaterThan(1);
    expect(output.reach).toBeCloseTo(length(delta), 5);
    expect(output.styleChange).toBeGreaterThan(0.02);
    expect(Math.abs(output.alignment)).toBeLessThanOrEqual(1);
    if (method === 'deltaedit' || method === 'styleclip-gd') {
      expect(output.channelsKept).toBeGreaterThan(0);
      expect(output.channelsKept).toBeLessThan(steps.pack.layout.styleWidth);
    } else expect(output.channelsKept).toBe(steps.pack.layout.styleWidth);
  });

  it.each(methods)('by method %s with a negative strength goes from target to source', async (method) => {
    const back = await single({ targets: ['red hair'], source: text('hat'), method, strength: -0.7 }, packId);
    const there = await single({ targets: ['hat'], source: text('red hair'), method, strength: 0.7 }, packId);
    expect(byteDifference(back.image, there.image)).toBeLessThanOrEqual(1);
    expect(back).toMatchObject({ target: 'red hair', source: 'hat', strength: -0.7 });
    expect(back.alignment).toBeCloseTo(there.alignment, 4);
    expect(byteDifference(back.image, layer)).toBeGreaterThan(1);
  });

  it.each(methods)('by method %s changes nothing for a direction of no length', async (method) => {
    const same = { targets: ['face with hat'], source: text('face with hat'), method, strength: 2, threshold: 0 };
    for (const parameters of [same, { ...same, targets: ['zorb'] }, { ...same, strength: -2 }]) {
      const output = await single(parameters, packId);
      expect(output).toMatchObject({ image: layer, channelsKept: 0, reach: 0, styleChange: 0 });
    }
  });
});

describe('several targets', () => {
  it('give in one call what they give alone, in their order', async () => {
    const targets = ['face with hat', 'red hair', 'glasses', 'zorb', 'face with hat'];
    const alone = await tinyEngine(tinyPackContents());
    try {
      const together = await edit({ targets, threshold: 0 });
      expect(together.map(({ target }) => target)).toEqual(targets);
      for (const [i, target] of targets.entries()) {
        const [one] = (await alone.engine.edit('tiny', layer, { targets: [target], threshold: 0 }, hooks)).outputs;
        expect(byteDifference(together[i]!.image, one!.image)).toBeLessThanOrEqual(1);
        expect(together[i]!.styleChange).toBeCloseTo(one!.styleChange, 4);
        expect(together[i]!.alignment).toBeCloseTo(one!.alignment, 3);
        expect(together[i]!.warnings).toEqual(one!.warnings);
      }
      expect(byteDifference(together[0]!.image, together[1]!.image)).toBeGreaterThan(1);
    } finally {
      await alone.close();
    }
  });
});

describe('the source text', () => {
  it('is the noun by default, and what is given otherwise', async () => {
    expect((await single({ targets: ['hat'] })).source).toBe('face');
    expect((await single({ targets: ['hat'], source: { kind: 'domain' } })).source).toBe('face');
    expect((await single({ targets: ['hat'], source: text('smiling face') })).source).toBe('smiling face');
  });

  it('is written for the layer with `auto`, reported, and used', async () => {
    const targets = ['face with red hair', 'face with hair', 'face with red hat', 'face with hat', 'smiling face'];
    const steps = await byHand('auto');
    const phrases = [];
    for (const { name, values } of tinyAttributes)
      for (const { value, phrase } of values)
        phrases.push({ attribute: name, value, phrase, embedding: await steps.textEmbedding(phrase) });
    const table = attributeTable(tinyAttributes, phrases, await steps.textEmbedding('face'));
    const image = await steps.imageEmbedding(layer);
    const written = new Set<string>();
    for (const target of targets) {
      const expected = adaptiveSource(table, 'face', image, await steps.textEmbedding(target));
      const [output] = await edit({ targets: [target], source: { kind: 'auto' } }, 'auto');
      expect(output?.source).toBe(expected.text);
      const already = output?.warnings.filter(({ code }) => code === 'already_there') ?? [];
      expect(already).toHaveLength(expected.alreadyShown.length > 0 ? 1 : 0);
      const given = await single({ targets: [target], source: text(expected.text) }, 'auto');
      expect(output?.image).toEqual(given.image);
      written.add(expected.text).add(`already: ${expected.alreadyShown.join()}`);
    }
    // The table tells these texts apart: otherwise the loop above would have compared nouns.
    expect(written.size).toBeGreaterThan(3);
  });

  it('is the noun for a target that says nothing to the pack', async () => {
    const { source, warnings } = await single({ targets: ['zorb'], source: { kind: 'auto' } });
    expect(source).toBe('face');
    expect(warnings.map(({ code }) => code)).toEqual(['unknown_words', 'no_change']);
  });

  it('comes from where the pack says', async () => {
    const target = 'face with red hair';
    const asked = await single({ targets: [target], source: { kind: 'auto' } }, 'auto');
    expect(await single({ targets: [target] }, 'auto')).toEqual(asked);
  });

  it('cannot be written by a pack without attributes', async () => {
    await expect(edit({ targets: ['hat'], source: { kind: 'auto' } }, 'plain')).rejects.toMatchObject({
      code: 'edit_failed',
    });
  });
});

describe('strength, threshold and number of channels', () => {
  it('goes back when the pack’s own strength is negative', async () => {
    const byDefault = await single({ targets: ['hat'], source: text('red hair') }, 'auto');
    expect(byDefault.strength).toBe(-1);
    const there = await single({ targets: ['red hair'], source: text('hat'), strength: 1 }, 'auto');
    expect(byteDifference(byDefault.image, there.image)).toBeLessThanOrEqual(1);
  });

  it('keeps as many channels as are asked for, whatever the threshold', async () => {
    const ask = (topChannels: number) => single({ targets: ['hat'], topChannels, threshold: 99 });
    expect((await ask(5)).channelsKept).toBe(5);
    const all = await ask(100_000);
    expect(all.channelsKept).toBe((await byHand('tiny')).pack.layout.styleWidth);
    expect(all.image).toEqual((await single({ targets: ['hat'], threshold: 0 })).image);
  });

  it('costs no mapper to change', async () => {
    const parameters = { targets: ['portrait with glasses'] };
    await edit(parameters);
    for (const slider of [{ strength: 0.5 }, { threshold: 0.2 }, { topChannels: 7 }]) {
      setup.runs.length = 0;
      await edit({ ...parameters, ...slider });
      expect(setup.runs).toEqual(['s', 'image']);
    }
    setup.runs.length = 0;
    await edit({ ...parameters, strength: -0.5 });
    expect(setup.runs).toEqual(['condition,s', 's', 'image']);
    setup.runs.length = 0;
    await edit({ ...parameters, method: 'wplus' });
    expect(setup.runs).toEqual(['condition,wplus', 'wplus', 's', 'image']);
  });

  it('predicts for a second layer anew, and embeds no text again', async () => {
    await edit({ targets: ['a smiling portrait'] });
    setup.runs.length = 0;
    await edit({ targets: ['a smiling portrait'] }, 'tiny', softLayer(5));
    // The reconstruction, and its embedding, are decoded while the edit is predicted.
    expect(setup.runs.toSorted()).toEqual(['condition,s', 'image', 'image', 'image', 'image', 's', 's', 'wplus']);
  });
});

describe('methods that a pack may lack', () => {
  it.each(['straightforward', 'wplus'] as const)('are refused by name: %s', async (method) => {
    await expect(edit({ targets: ['hat'], method }, 'plain')).rejects.toMatchObject({ code: 'network_missing' });
    expect((await single({ targets: ['hat'], method: 'styleclip-gd' }, 'plain')).reach).toBeGreaterThan(0);
  });
});

describe('an edit from an image pair', () => {
  it('makes of the pair’s first picture what the steps give one by one', async () => {
    const steps = await byHand('tiny');
    const [before, after] = [await steps.imageEmbedding(layer), await steps.imageEmbedding(other)];
    const delta = difference(after, before);
    const output = await single({ targets: [], pair: { from: layer, to: other }, threshold: 0 });
    const expected = await steps.edit(layer, 'deltaedit', { delta, target: after, threshold: 0 });
    expect(byteDifference(output.image, expected)).toBeLessThanOrEqual(1);
    expect(output.reach).toBeCloseTo(length(delta), 5);
    expect(output).not.toHaveProperty('target');
    expect(output).not.toHaveProperty('source');
    expect(output.channelsKept).toBe(steps.pack.layout.styleWidth);
  });

  it('changes another layer too, at that layer’s size', async () => {
    const output = await single({ targets: [], pair: { from: layer, to: other }, threshold: 0 }, 'tiny', third);
    expect([output.image.width, output.image.height]).toEqual([third.width, third.height]);
    expect(byteDifference(output.image, third)).toBeGreaterThan(1);
  });

  it('swaps the pictures for a negative strength', async () => {
    const back = await single({ targets: [], pair: { from: layer, to: other }, strength: -1 });
    const there = await single({ targets: [], pair: { from: other, to: layer }, strength: 1 });
    expect(byteDifference(back.image, there.image)).toBeLessThanOrEqual(1);
  });

  it('changes nothing when both pictures are the same, and says so', async () => {
    const output = await single({ targets: [], pair: { from: other, to: { ...other } }, threshold: 0 }, 'tiny', third);
    expect(output).toMatchObject({ image: third, reach: 0, styleChange: 0, channelsKept: 0 });
    expect(output.warnings.map(({ code }) => code)).toEqual(['no_change']);
  });

  it('is refused together with texts, as is an edit with neither', async () => {
    const pair = { from: layer, to: other };
    await expect(edit({ targets: ['hat'], pair })).rejects.toMatchObject({ code: 'edit_failed' });
    await expect(edit({ targets: [] })).rejects.toMatchObject({ code: 'edit_failed' });
  });
});
