import { describe, expect, it } from 'vitest';
import type { PackManifest } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { editedCode, methodDefaults, predict, type EditMethod, type MethodPack } from './edited-codes.js';

const vector = (...values: number[]): Float32Array => Float32Array.from(values);
const tensor = (shape: number[], ...values: number[]): Tensor => ({ dtype: 'float32', shape, data: vector(...values) });
const methods: EditMethod[] = ['deltaedit', 'straightforward', 'wplus', 'styleclip-gd'];

/** A layer in a pack with three channels of S, two rows of W+ with one value each, and embeddings of two numbers. */
const inversion = {
  wPlus: tensor([1, 2, 1], 10, 20),
  s: tensor([1, 3], 1, 2, 3),
  rgb: null,
  imageFeature: vector(0, 2),
  reconstruction: vector(),
};
const change = vector(1, 1, -1);

interface Asked {
  mapper: string;
  conditions: number[][];
}

/** Mappers that always answer `change`, and an affine layer that repeats the first value of W+ and keeps the second. */
function pack(defaults: Partial<PackManifest['defaults']> = {}, networks: readonly string[] = []) {
  const asked: Asked[] = [];
  const answer = (
    mapper: string,
    conditions: readonly Float32Array[],
    delta: Float32Array,
  ): Promise<Float32Array[]> => {
    asked.push({ mapper, conditions: conditions.map((condition) => [...condition]) });
    return Promise.resolve(conditions.map(() => delta));
  };
  const session: MethodPack = {
    pack: {
      manifest: { id: 'tiny', defaults: { strength: 1, threshold: 0.3, ...defaults } },
      statistics: {
        styleMean: vector(0, 0, 0),
        styleStd: vector(1, 2, 4),
        styleLow: vector(0, 0, 0),
        styleHigh: vector(9, 2.5, 9),
        relevance: vector(1, 0, 0.5, 0, 0, 1),
      },
    },
    has: (network) => networks.includes(network),
    mapStyles: (mapper, _, conditions) => answer(mapper, conditions, change),
    mapWPlus: (_, conditions) => answer('wplus-mapper', conditions, vector(1, -1)),
    stylesOf: ({ data }) => {
      const [first, second] = [Number(data[0]), Number(data[1])];
      return Promise.resolve({ s: vector(first, first, second), rgb: tensor([1, 1], second) });
    },
  };
  return { session, asked };
}
const allNetworks = ['straightforward-mapper', 'wplus-mapper'];
/** Relevance to it is 0.8, 0.4 and 0; its length is 0.8. */
const delta = vector(0.8, 0);
const target = vector(0.6, 0.8);

describe('prediction', () => {
  it('asks each method’s own mapper, with the difference or with the target itself', async () => {
    const { session, asked } = pack({}, allNetworks);
    for (const method of methods) await predict(session, inversion, method, [{ delta, target }]);
    const rounded = asked.map(({ mapper, conditions }) => [
      mapper,
      conditions.flat().map((v) => Math.round(v * 10) / 10),
    ]);
    expect(rounded).toEqual([
      ['mapper', [0, 1, 1, 0]],
      ['straightforward-mapper', [0, 1, 0.6, 0.8]],
      ['wplus-mapper', [0, 1, 1, 0]],
    ]);
  });

  it('takes relevance with the difference as long as it is', async () => {
    const [prediction] = await predict(pack().session, inversion, 'deltaedit', [{ delta, target }]);
    expect([...(prediction?.relevance ?? [])].map((value) => Number(value.toFixed(6)))).toEqual([0.8, 0.4, 0]);
  });

  it.each(['straightforward', 'wplus'] as const)('is refused for %s by a pack without its mapper', async (method) => {
    const { session, asked } = pack();
    await expect(predict(session, inversion, method, [{ delta, target }])).rejects.toMatchObject({
      code: 'network_missing',
    });
    expect(asked).toEqual([]);
  });
});

describe('edited codes', () => {
  const edit = async (
    method: EditMethod,
    settings: { strength?: number; threshold?: number; topChannels?: number },
    { session } = pack({}, allNetworks),
    direction = delta,
  ) => {
    const [prediction] = await predict(session, inversion, method, [{ delta: direction, target }]);
    if (prediction === undefined) throw new Error('no prediction');
    return editedCode(session, inversion, prediction, { strength: 1, threshold: 0, ...settings });
  };

  it.each(methods)('are the code itself for a direction of no length, with method %s', async (method) => {
    const code = await edit(method, { strength: 5 }, pack({}, allNetworks), vector(0, 0));
    expect(code).toEqual({ s: inversion.s.data, rgb: null, channelsKept: 0 });
  });

  it('change the channels above the threshold by strength times the prediction', async () => {
    expect(await edit('deltaedit', { strength: 0.5, threshold: 0.3 })).toEqual({
      s: vector(1.5, 2.5, 3),
      rgb: null,
      channelsKept: 2,
    });
  });

  it('change the most relevant channels when a number of them is asked for, whatever the threshold', async () => {
    const code = await edit('deltaedit', { threshold: 0.1, topChannels: 1 });
    expect([code.channelsKept, ...code.s]).toEqual([1, 2, 2, 3]);
    expect((await edit('deltaedit', { threshold: 99, topChannels: 99 })).channelsKept).toBe(3);
    const global = await edit('styleclip-gd', { threshold: 99, topChannels: 1 });
    expect([global.channelsKept, ...global.s]).toEqual([1, 2, 2, 3]);
  });

  it('stay inside the usual range in packs that clamp', async () => {
    const clamping = pack({ clampStyles: true }, allNetworks);
    expect((await edit('deltaedit', {}, clamping)).s).toEqual(vector(2, 2.5, 2));
    expect((await edit('straightforward', {}, clamping)).s).toEqual(vector(2, 3, 2));
  });

  it('mask nothing in the straightforward solution unless a threshold is given', async () => {
    expect(await edit('straightforward', {})).toMatchObject({ s: vector(2, 3, 2), channelsKept: 3 });
    expect(await edit('straightforward', { threshold: 0.5 })).toMatchObject({ s: vector(2, 2, 3), channelsKept: 1 });
  });

  it('move W+ and take styles and toRGB styles from there in the baseline of W+', async () => {
    const code = await edit('wplus', { strength: 2 });
    expect(code).toEqual({ s: vector(12, 12, 18), rgb: tensor([1, 1], 18), channelsKept: 3 });
  });

  it('follow R_s alone in StyleCLIP’s global directions, in deviations of the channel', async () => {
    // relevance to the unit direction is 1, 0.5, 0; times σ 1, 2, 4 and strength 3
    expect(await edit('styleclip-gd', { strength: 3, threshold: 0.2 })).toEqual({
      s: vector(4, 5, 3),
      rgb: null,
      channelsKept: 2,
    });
    expect((await edit('styleclip-gd', { strength: 3, threshold: 0.8 })).channelsKept).toBe(1);
  });
});

describe('defaults of a method', () => {
  it('are the pack’s, and those of the baseline where it names some', () => {
    const named = pack({ strength: 2, styleclip: { strength: 5, threshold: 0.2 }, wplusStrength: 0.5 }).session;
    expect(methods.map((method) => methodDefaults(named, method))).toEqual([
      { strength: 2, threshold: 0.3 },
      { strength: 1, threshold: 0 },
      { strength: 0.5, threshold: 0 },
      { strength: 5, threshold: 0.2 },
    ]);
  });

  it('are the pack’s strength for W+ and 3 and 0.1 for global directions where it names none', () => {
    const silent = pack({ strength: 2 }).session;
    expect(methodDefaults(silent, 'wplus').strength).toBe(2);
    expect(methodDefaults(silent, 'styleclip-gd')).toEqual({ strength: 3, threshold: 0.1 });
  });
});
