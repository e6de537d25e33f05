/** Every way to change an image, over a real socket with the real engine; the networks are a tiny random pack. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packFolders, savePack } from '@deltaspace/models';
import { Peer, protocolRange, type DeltaClient, type Frame, type ParamsInput } from '@deltaspace/shared-protocol';
import { buildTinyPack, tinyAttributes, tinyPackContents } from '../fixtures/tiny-pack.js';
import { startRealDaemon, type RealDaemon } from './real-daemon.js';

/** Matches a text with that part; typed, unlike vitest's own. */
const containing = (part: string): unknown => expect.stringContaining(part);

let daemon: RealDaemon;
let client: DeltaClient;

beforeAll(async () => {
  daemon = await startRealDaemon(async (packs) => {
    await buildTinyPack(path.join(packs, 'tiny'), { resolution: 64 });
    const { attributes: _none, ...plain } = tinyPackContents({ id: 'plain' });
    await savePack(path.join(packs, 'plain'), plain);
  });
  client = daemon.client;
});
afterAll(() => daemon.dispose());

interface Layer {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A layer with uneven alpha; other seeds, other pixels. */
function layer(width: number, height: number, seed: number): Layer {
  const data = Uint8Array.from({ length: 4 * width * height }, (_, i) =>
    i % 4 === 3 ? 60 + (i % 190) : (i * seed + (i >> 6)) % 256,
  );
  return { width, height, data };
}

/** A layer without contrasts, opaque. */
function softLayer(width: number, height: number): Layer {
  const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => {
    const [x, y] = [(i >> 2) % width, Math.floor((i >> 2) / width)];
    return i % 4 === 3 ? 255 : 128 + Math.round(20 * Math.sin(x / 40 + (i % 4)) + 20 * Math.cos(y / 30));
  });
  return { width, height, data };
}

const wide = layer(70, 50, 7);
const tall = layer(40, 60, 11);
const square = layer(48, 48, 3);

const alphaOf = (data: Uint8Array): Uint8Array => data.filter((_, i) => i % 4 === 3);
const upload = async ({ width, height, data }: Layer) =>
  ({ encoding: 'rgba8', digest: await client.upload(data), width, height }) as const;

async function edit(params: Partial<ParamsInput<'edit'>>, of: Layer = wide) {
  return client.call('edit', { pack: 'tiny', encoding: 'rgba8', image: await upload(of), ...params });
}

describe('several targets in one call', () => {
  it('give one picture each, in order, at the size and with the alpha of the layer', async () => {
    const targets = ['face with hat', 'face with red hair', 'glasses'];
    const { outputs, pack } = await edit({ targets, strength: 3 });
    expect(pack).toBe('tiny');
    expect(outputs.map(({ target }) => target)).toEqual(targets);
    expect(new Set(outputs.map(({ image }) => image.digest)).size).toBe(3);
    for (const { image } of outputs) {
      const data = await client.download(image.digest);
      expect([image.width, image.height]).toEqual([wide.width, wide.height]);
      expect(alphaOf(data)).toEqual(alphaOf(wide.data));
    }
  });

  it('give the same pictures as one call each', async () => {
    const [hat, hair] = ['face with hat', 'red hair'];
    const together = await edit({ targets: [hat, hair, hat] }, tall);
    const digests = together.outputs.map(({ image }) => image.digest);
    expect(digests[2]).toBe(digests[0]);
    const pixels = await Promise.all([hat, hair].map(async (target) => edit({ targets: [target] }, tall)));
    for (const [index, { outputs }] of pixels.entries()) {
      const [alone, among] = await Promise.all(
        [outputs[0]?.image.digest, digests[index]].map((digest) => client.download(digest ?? '')),
      );
      // Batches add up in another order, which may turn a rounding.
      const furthest = alone?.reduce((most, value, i) => Math.max(most, Math.abs(value - (among?.[i] ?? 0))), 0);
      expect(furthest).toBeLessThanOrEqual(1);
    }
  });
});

describe('the source', () => {
  it('that is written for the layer is told in the answer', async () => {
    const { outputs } = await edit({ targets: ['face with hat'], source: { mode: 'auto' } });
    const source = outputs[0]?.source ?? '';
    const phrases = tinyAttributes.flatMap(({ values }) => values.map(({ phrase }) => phrase));
    expect(phrases.some((phrase) => source === 'face' || source.includes(phrase) || phrase.includes(source))).toBe(
      true,
    );
    const repeated = await edit({ targets: ['face with hat'], source });
    expect(repeated.outputs[0]?.image.digest).toBe(outputs[0]?.image.digest);
  });

  it('cannot be written on a pack without attributes, and the answer says what to do', async () => {
    const call = edit({ pack: 'plain', targets: ['face with hat'], source: { mode: 'auto' } });
    await expect(call).rejects.toMatchObject({
      code: 'edit_failed',
      message: containing('give the source text yourself'),
    });
  });

  it('is the noun of the pack when asked for', async () => {
    const { outputs } = await edit({ targets: ['face with hat'], source: { mode: 'domain' } });
    expect(outputs[0]).toMatchObject({ source: 'face', target: 'face with hat' });
  });

  it('is written, or refused, on the pack that ships as its own list of attributes says', async () => {
    const [folder] = await packFolders();
    if (folder === undefined) throw new Error('no pack ships');
    const manifest = JSON.parse(await readFile(path.join(folder, 'pack.json'), 'utf8')) as {
      id: string;
      text: { domain?: string; attributes?: unknown[] };
    };
    const call = edit({ pack: manifest.id, targets: ['face with sunglasses'], source: { mode: 'auto' } });
    if (manifest.text.attributes === undefined) await expect(call).rejects.toMatchObject({ code: 'edit_failed' });
    else expect((await call).outputs[0]?.source).toMatch(/\w/);
  });
});

describe('an image pair', () => {
  it('changes the layer without any text', async () => {
    const pair = { from: await upload(tall), to: await upload(square) };
    const { outputs } = await edit({ pair, strength: 3 });
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).not.toHaveProperty('target');
    expect(outputs[0]).not.toHaveProperty('source');
    expect(outputs[0]?.image).toMatchObject({ width: wide.width, height: wide.height });
    expect(await client.download(outputs[0]?.image.digest ?? '')).not.toEqual(wide.data);
  });

  it('of one picture with itself changes nothing and says so', async () => {
    const same = await upload(tall);
    const { outputs } = await edit({ pair: { from: same, to: same } });
    expect(await client.download(outputs[0]?.image.digest ?? '')).toEqual(wide.data);
    expect(outputs[0]).toMatchObject({ reach: 0, channelsKept: 0, warnings: [{ code: 'no_change' }] });
  });

  it.each(['from', 'to'] as const)('whose "%s" the daemon does not hold is refused', async (end) => {
    const missing = { encoding: 'file', digest: `sha256:${'0'.repeat(64)}` } as const;
    const pair = { from: await upload(tall), to: await upload(square), [end]: missing };
    await expect(edit({ pair })).rejects.toMatchObject({ code: 'blob_missing' });
  });
});

describe('sliders', () => {
  it('keep as many channels as asked for', async () => {
    for (const topChannels of [1, 5]) {
      const { outputs } = await edit({ targets: ['face with hat'], topChannels });
      expect(outputs[0]?.channelsKept).toBe(topChannels);
    }
  });

  it('swap source and target when the strength is negative', async () => {
    const back = await edit({ source: 'face with hat', targets: ['face'], strength: -2 });
    const forth = await edit({ source: 'face', targets: ['face with hat'], strength: 2 });
    expect(back.outputs[0]?.image.digest).toBe(forth.outputs[0]?.image.digest);
    expect(back.outputs[0]).toMatchObject({ strength: -2, source: 'face with hat', target: 'face' });
  });

  it.each(['deltaedit', 'straightforward', 'wplus', 'styleclip-gd'] as const)('work with method %s', async (method) => {
    const { outputs } = await edit({ targets: ['face with hat'], method, strength: 4, threshold: 0 });
    expect(await client.download(outputs[0]?.image.digest ?? '')).not.toEqual(wide.data);
  });
});

describe('warnings', () => {
  it('name the words that the pack does not know', async () => {
    const { outputs } = await edit({ targets: ['face with zorp hat', 'face with hat'] });
    expect(outputs[0]).toMatchObject({
      unknownWords: ['zorp'],
      warnings: expect.arrayContaining([{ code: 'unknown_words', message: containing('zorp') }]) as unknown,
    });
    expect(outputs[1]?.unknownWords).toEqual([]);
    expect(outputs[1]?.warnings.map(({ code }) => code)).not.toContain('unknown_words');
  });

  it('say that nothing happened when no word is known', async () => {
    const { outputs } = await edit({ targets: ['zorp'] });
    expect(outputs[0]?.warnings.map(({ code }) => code)).toEqual(['unknown_words', 'no_change']);
    expect(await client.download(outputs[0]?.image.digest ?? '')).toEqual(wide.data);
  });
});

describe('previews', () => {
  it('are small, and show what the edit of full size shows', async () => {
    const big = softLayer(320, 200);
    const parameters = { targets: ['face with hat'], strength: 3, threshold: 0, heatmap: true };
    const preview = (await edit({ ...parameters, previewSide: 40 }, big)).outputs[0]!;
    const full = (await edit(parameters, big)).outputs[0]!;
    expect(preview).toMatchObject({ image: { width: 40, height: 25 }, heatmap: { width: 40, height: 25 } });
    const { styleChange, channelsKept, alignment } = full;
    expect(preview).toMatchObject({ styleChange, channelsKept, alignment }); // the same code, of the same inversion
    const small = await client.download(preview.image.digest);
    const large = await client.download(full.image.digest);
    const distanceOf = (data: Uint8Array): number => {
      let sum = 0;
      for (let y = 0; y < 25; y++)
        for (let x = 0; x < 40; x++)
          sum += Math.abs((small[4 * (40 * y + x)] as number) - meanOfBlock(data, 320, 8 * x, 8 * y, 8));
      return sum / 1000;
    };
    // A random network paints noise of single pixels, which the two ways to shrink it smooth differently.
    expect(distanceOf(large)).toBeLessThan(distanceOf(big.data) / 5);
  });

  it('of a layer that is smaller anyway have its size', async () => {
    const { outputs } = await edit({ targets: ['face with hat'], previewSide: 512 });
    expect(outputs[0]?.image).toMatchObject({ width: wide.width, height: wide.height });
  });

  it.each([15, 1025, 100.5])('cannot have a side of %d', async (previewSide) => {
    const call = client.call('edit', { image: await upload(wide), targets: ['face with hat'], previewSide });
    await expect(call).rejects.toMatchObject({ code: 'invalid_params' });
  });
});

/** Mean red of the block of pixels at (left, top), weighted by alpha. */
function meanOfBlock(data: Uint8Array, width: number, left: number, top: number, side: number): number {
  let [sum, weight] = [0, 0];
  for (let y = top; y < top + side; y++)
    for (let x = left; x < left + side; x++) {
      const at = 4 * (y * width + x);
      sum += (data[at] as number) * (data[at + 3] as number);
      weight += data[at + 3] as number;
    }
  return sum / weight;
}

describe('subjects', () => {
  /** Two squares of noise, 40 pixels wide, on a transparent board. */
  function boardOfTwo(): Layer {
    const data = new Uint8Array(4 * 160 * 80);
    for (const left of [10, 100])
      for (let y = 20; y < 60; y++)
        for (let x = left; x < left + 40; x++)
          data.set([(x * 7) % 256, (y * 5) % 256, (x * y) % 256, 255], 4 * (160 * y + x));
    return { width: 160, height: 80, data };
  }

  it('are found, and one of them is edited while all other pixels stay', async () => {
    const board = boardOfTwo();
    const { subjects, separation } = await client.call('subjects', { image: await upload(board) });
    expect(separation).toBe('alpha');
    expect(subjects).toHaveLength(2);
    const region = subjects[1]!;
    expect(region.x).toBeGreaterThan(80);
    const { outputs } = await edit(
      { targets: ['face with hat'], strength: 3, threshold: 0, region, heatmap: true },
      board,
    );
    const { image, heatmap } = outputs[0]!;
    expect([image.width, image.height, heatmap?.width]).toEqual([160, 80, 160]);
    const edited = await client.download(image.digest);
    let changed = 0;
    edited.forEach((value, i) => {
      if (value === board.data[i]) return;
      const [x, y] = [(i >> 2) % 160, Math.floor((i >> 2) / 160)];
      expect(x >= region.x && x < region.x + region.width && y >= region.y && y < region.y + region.height).toBe(true);
      changed++;
    });
    expect(changed).toBeGreaterThan(100);
  });

  it('have previews of the whole layer', async () => {
    const region = { x: 90, y: 10, width: 60, height: 60 };
    const { outputs } = await edit({ targets: ['face with hat'], region, previewSide: 80 }, boardOfTwo());
    expect(outputs[0]?.image).toMatchObject({ width: 80, height: 40 });
  });

  it('that lie outside the layer are refused with the reason', async () => {
    const region = { x: 60, y: 0, width: 20, height: 20 };
    await expect(edit({ targets: ['face with hat'], region })).rejects.toMatchObject({
      code: 'edit_failed',
      message: containing('does not lie inside the layer of 70 × 50'),
    });
  });
});

describe('an interpolation', () => {
  const interpolate = async (params: Partial<ParamsInput<'interpolate'>>, options = {}) =>
    client.call(
      'interpolate',
      { pack: 'tiny', steps: 5, encoding: 'rgba8', image: await upload(wide), ...params },
      options,
    );

  it('between texts goes from the one edit to the other', async () => {
    const texts = { from: 'face with hat', to: 'face with red hair', strength: 3 };
    const { frames, unknownWords } = await interpolate({ texts });
    expect(frames.map(({ weight }) => weight)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(unknownWords).toEqual([]);
    expect(new Set(frames.map(({ image }) => image.digest)).size).toBe(5);
    const ends = await edit({ targets: [texts.from, texts.to], strength: texts.strength });
    for (const [frame, end] of [
      [frames[0], ends.outputs[0]],
      [frames[4], ends.outputs[1]],
    ]) {
      const [got, wanted] = [frame, end].map((one) => client.download(one?.image.digest ?? ''));
      const [pixels, expected] = [await got, await wanted];
      // Decoded in another batch: a rounding may turn.
      const furthest = pixels?.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected?.[i] ?? 0))), 0);
      expect(furthest).toBeLessThanOrEqual(1);
    }
  });

  it('between texts names unknown words of both', async () => {
    const { unknownWords } = await interpolate({ texts: { from: 'zorp face', to: 'blix hat' }, steps: 2 });
    expect([...unknownWords].sort()).toEqual(['blix', 'zorp']);
  });

  it('between images begins with the layer itself; all frames have its size and alpha', async () => {
    const { frames } = await interpolate({ other: await upload(tall), steps: 3 });
    expect(frames.map(({ weight }) => weight)).toEqual([0, 0.5, 1]);
    const pictures = [];
    for (const { image } of frames) {
      expect(image).toMatchObject({ width: wide.width, height: wide.height });
      pictures.push(await client.download(image.digest));
    }
    expect(pictures[0]).toEqual(wide.data);
    expect(pictures[2]).not.toEqual(wide.data);
    for (const picture of pictures) expect(alphaOf(picture)).toEqual(alphaOf(wide.data));
  });

  it('sends small frames ahead of its answer', async () => {
    const image = await upload(square);
    const frames: Frame[] = [];
    const peer = new Peer(await daemon.openSocket(), { frame: (frame) => frames.push(frame) });
    await peer.request('initialize', { protocol: { ...protocolRange }, client: { name: 'raw', version: '0' } });
    const texts = { from: 'face with hat', to: 'red hair', strength: 3 };
    const result = await peer.request('interpolate', { pack: 'tiny', image, texts, steps: 4, encoding: 'rgba8' });
    const pushed = frames.map(({ header, payload }) => ['digest' in header && header.digest, payload.length]);
    expect(pushed).toEqual(result.frames.map((frame) => [frame.image.digest, 4 * square.width * square.height]));
    peer.close();
  });

  it('stops when cancelled, and the next job runs', async () => {
    const abort = new AbortController();
    const stages = new Set<string>();
    const call = interpolate(
      // Large, so that its frames take far longer than a message: seconds, were they all made.
      { texts: { from: 'face with hat', to: 'red hair' }, steps: 64, image: await upload(layer(900, 800, 5)) },
      {
        signal: abort.signal,
        onProgress: ({ stage }: { stage: string }) => {
          stages.add(stage);
          abort.abort();
        },
      },
    );
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(stages).not.toContain('encode');
    expect((await edit({ targets: ['face with hat'] })).pack).toBe('tiny');
  });

  it('to an image that the daemon does not hold is refused', async () => {
    const other = { encoding: 'file', digest: `sha256:${'0'.repeat(64)}` } as const;
    await expect(interpolate({ other })).rejects.toMatchObject({ code: 'blob_missing' });
  });
});

describe('a mix', () => {
  const mix = async (fromLayer?: number, pack = 'tiny') =>
    client.call('mix', {
      pack,
      content: await upload(wide),
      style: await upload(tall),
      encoding: 'rgba8',
      ...(fromLayer === undefined ? {} : { fromLayer }),
    });

  it('takes the fine layers from the style image when nothing else is said', async () => {
    const mixed = await mix();
    expect(mixed.fromLayer).toBeGreaterThan(0);
    expect(mixed.fromLayer).toBeLessThan(mixed.layers);
    expect(mixed.image).toMatchObject({ width: wide.width, height: wide.height });
    expect(alphaOf(await client.download(mixed.image.digest))).toEqual(alphaOf(wide.data));
    expect((await mix(mixed.fromLayer)).image.digest).toBe(mixed.image.digest);
  });

  it('is the inverted content when the cut lies behind all layers, and something else everywhere before', async () => {
    const { layers } = await mix();
    const inverted = await client.call('invert', { pack: 'tiny', image: await upload(wide), encoding: 'rgba8' });
    expect((await mix(layers)).image.digest).toBe(inverted.reconstruction.digest);
    const others = new Set<string>();
    for (let cut = 0; cut < layers; cut++) others.add((await mix(cut)).image.digest);
    expect(others.has(inverted.reconstruction.digest)).toBe(false);
    expect(others.size).toBeGreaterThan(1);
  });

  it('says how many layers there are when the cut lies beyond them', async () => {
    const { layers } = await mix();
    await expect(mix(layers + 1)).rejects.toMatchObject({ code: 'edit_failed', message: containing(`0 to ${layers}`) });
  });

  it('with a style that the daemon does not hold is refused', async () => {
    const style = { encoding: 'file', digest: `sha256:${'0'.repeat(64)}` } as const;
    const call = client.call('mix', { pack: 'tiny', content: await upload(wide), style });
    await expect(call).rejects.toMatchObject({ code: 'blob_missing' });
  });
});

describe('the networks of packs', () => {
  it('are in memory once they were used, side by side, and server.status says how large they are', async () => {
    await edit({ targets: ['face with hat'] });
    await edit({ targets: ['face with hat'], pack: 'plain' });
    const loaded = async () => (await client.call('server.status', {})).worker.models;
    const ids = async () => ((await loaded())?.loaded ?? []).map(({ id }) => id);
    await expect
      .poll(async () => (await ids()).filter((id) => id === 'tiny' || id === 'plain').sort())
      .toEqual(['plain', 'tiny']);
    const models = await loaded();
    const sum = models?.loaded.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
    expect(models?.loadedBytes).toBe(sum);
    for (const { sizeBytes } of models?.loaded ?? []) expect(sizeBytes).toBeGreaterThan(1000);
    expect(models?.limitBytes).toBeGreaterThan(sum ?? Infinity);
  });
});
