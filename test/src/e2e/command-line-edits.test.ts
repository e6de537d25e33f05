/** `edit`, `interpolate` and `mix` as they are typed: everything real, the networks are tiny random packs. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, encodePng, heatmapWithLegend, type PixelImage } from '@deltaspace/daemon';
import { savePack } from '@deltaspace/models';
import { deltaspace, type CommandResult } from '../fakes/command.js';
import { temporaryFolder } from '../fakes/daemon-process.js';
import { buildTinyPack, tinyPackContents } from '../fixtures/tiny-pack.js';

let folder: string;
let dataRoot: string;

const file = (name: string): string => path.join(folder, name);
const run = (...commandLine: string[]): Promise<CommandResult> => deltaspace(commandLine, { dataRoot, cwd: folder });
const picture = async (name: string): Promise<PixelImage> => decodeImage(await readFile(file(name)));

/** Runs on the tiny pack; what `--json` printed. */
async function report(...commandLine: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await run(...commandLine, '--pack', 'tiny', '--json');
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function drawLayer(name: string, width: number, height: number, seed: number): Promise<void> {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 40 + (i % 200) : (i * seed + (i >> 5)) % 256,
  );
  await writeFile(file(name), await encodePng({ width, height, data }));
}

beforeAll(async () => {
  folder = await temporaryFolder();
  dataRoot = path.join(folder, 'data');
  await mkdir(path.join(dataRoot, 'packs'), { recursive: true });
  await buildTinyPack(path.join(dataRoot, 'packs', 'tiny'), { resolution: 64 });
  const { attributes: _none, components, ...rest } = tinyPackContents({ id: 'plain' });
  const { 'wplus-mapper': _mapper, ...fewer } = components;
  await savePack(path.join(dataRoot, 'packs', 'plain'), { ...rest, components: fewer });
  await drawLayer('a.png', 70, 50, 7);
  await drawLayer('b.png', 40, 60, 11);
  await drawLayer('c.png', 48, 48, 3);
  expect((await run('start')).exitCode).toBe(0);
});
afterAll(async () => {
  await run('stop');
  await rm(folder, { recursive: true, force: true });
});

describe('edit', () => {
  it('--source auto reports the text that was written for the layer', async () => {
    const { outputs, timingsMs } = await report(
      'edit',
      'a.png',
      '--target',
      'face with hat',
      '--source',
      'auto',
      '-o',
      'x.png',
    );
    const [output] = outputs as Record<string, unknown>[];
    expect(output).toMatchObject({ target: 'face with hat', source: expect.stringMatching(/^\w/) as string });
    expect(output?.['source']).not.toBe('auto');
    expect(timingsMs).toMatchObject({ total: expect.any(Number) as number, networks: expect.any(Number) as number });
  });

  it('--from-image and --to-image make the change of two pictures, named after them', async () => {
    const { outputs } = await report(
      'edit',
      'a.png',
      '--from-image',
      'b.png',
      '--to-image',
      'c.png',
      '--strength',
      '3',
    );
    const [output] = outputs as Record<string, unknown>[];
    expect(output).toMatchObject({ file: 'a-b-to-c.png', strength: 3 });
    expect(output).not.toHaveProperty('target');
    const [before, after] = [await picture('a.png'), await picture('a-b-to-c.png')];
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    expect(after.data).not.toEqual(before.data);
  });

  it('--top-channels keeps that many', async () => {
    const { outputs } = await report(
      'edit',
      'a.png',
      '--target',
      'face with hat',
      '--top-channels',
      '4',
      '-o',
      'x.png',
    );
    expect(outputs).toMatchObject([{ channelsKept: 4 }]);
  });

  it('--method wplus works where the pack has that network and says what is missing where not', async () => {
    const { outputs } = await report('edit', 'a.png', '--target', 'hat', '--method', 'wplus', '-o', 'x.png');
    expect(outputs).toHaveLength(1);
    const commandLine = ['edit', 'a.png', '--target', 'hat', '--method', 'wplus', '-o', 'never.png', '--json'];
    const { exitCode, stdout, stderr } = await run(...commandLine, '--pack', 'plain');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'network_missing' } });
    expect(stderr).toMatch(/plain has no wplus-mapper.*use method deltaedit/);
    expect(await readdir(folder)).not.toContain('never.png');
  });

  it('prints everything that is known about each output', async () => {
    const commandLine = ['edit', 'a.png', 'b.png', '--target', 'face with zorp', '-o', 'both', '--heatmap', 'maps'];
    const { edits } = await report(...commandLine);
    expect(edits).toHaveLength(2);
    expect((edits as unknown[])[0]).toEqual({
      input: 'a.png',
      pack: 'tiny',
      outputs: [
        {
          target: 'face with zorp',
          source: 'face',
          file: path.join('both', 'a-face-with-zorp.png'),
          heatmap: path.join('maps', 'a-face-with-zorp-heatmap.png'),
          strength: 1,
          threshold: 0.03,
          channelsKept: expect.any(Number) as number,
          reach: expect.any(Number) as number,
          styleChange: expect.any(Number) as number,
          alignment: expect.any(Number) as number,
          unknownWords: ['zorp'],
          warnings: expect.arrayContaining([
            { code: 'unknown_words', message: expect.stringContaining('zorp') as string },
          ]) as unknown[],
        },
      ],
      timingsMs: expect.any(Object) as object,
    });
  });

  it('writes heat maps with their scale below', async () => {
    await report(
      'edit',
      'a.png',
      '--target',
      'face with hat',
      '--strength',
      '8',
      '-o',
      'x.png',
      '--heatmap',
      'map.png',
    );
    const [layer, map] = [await picture('a.png'), await picture('map.png')];
    expect(map.width).toBe(layer.width);
    expect(map.height).toBeGreaterThan(layer.height);
    const bare = { ...layer, data: map.data.slice(0, layer.data.length) };
    expect(map.data).toEqual(heatmapWithLegend(bare).data);
  });
});

describe('subjects', () => {
  it('are listed with their regions, and edit --subject edits one of them', async () => {
    const data = new Uint8Array(4 * 120 * 60);
    for (const left of [5, 70])
      for (let y = 10; y < 50; y++)
        for (let x = left; x < left + 40; x++) data.set([x * 2, y * 4, 90, 255], 4 * (120 * y + x));
    await writeFile(file('two.png'), await encodePng({ width: 120, height: 60, data }));
    const listed = JSON.parse((await run('subjects', 'two.png', '--json')).stdout) as { subjects: { x: number }[] };
    expect(listed).toMatchObject({ width: 120, height: 60, separation: 'alpha' });
    expect(listed.subjects).toHaveLength(2);
    const edit = ['edit', 'two.png', '--target', 'face with hat', '--strength', '4', '--threshold', '0'];
    await report(...edit, '--subject', '2', '-o', 'second.png');
    const edited = await picture('second.png');
    const changedIn = (from: number, to: number): boolean =>
      edited.data.some((value, i) => (i >> 2) % 120 >= from && (i >> 2) % 120 < to && value !== data[i]);
    expect([changedIn(0, 60), changedIn(65, 120)]).toEqual([false, true]);
    expect((await run('subjects', 'two.png')).stdout).toContain('2 (apart from transparent pixels)');
  });

  it.each([
    [['--subject', '3'], 1, 'a.png: there is no subject 3: '],
    [['--region', '0,0,9'], 2, 'expected X,Y,WIDTH,HEIGHT'],
    [['--region', '0,0,500,5'], 1, 'does not lie inside the layer'],
    [['--region', '0,0,5,5', '--subject', '1'], 2, 'say one of them'],
  ])('%j that cannot be are refused', async (flags, exitCode, words) => {
    const result = await run('edit', 'a.png', '--target', 'face with hat', '--pack', 'tiny', ...flags, '-o', 'no.png');
    expect(result).toMatchObject({ exitCode, stderr: expect.stringContaining(words) as string });
  });
});

describe('interpolate', () => {
  const pictures = async (name: string): Promise<PixelImage[]> =>
    Promise.all((await readdir(file(name))).sort().map((frame) => picture(path.join(name, frame))));

  it('between texts writes numbered frames of the size of the layer', async () => {
    const commandLine = [
      '--from',
      'face with hat',
      '--to',
      'red zorp hair',
      '--steps',
      '3',
      '--strength',
      '4',
      '-o',
      'texts',
    ];
    const printed = await report('interpolate', 'a.png', ...commandLine);
    expect(printed).toEqual({
      input: 'a.png',
      from: 'face with hat',
      to: 'red zorp hair',
      pack: 'tiny',
      frames: [0, 0.5, 1].map((weight, i) => ({ file: path.join('texts', `frame-0${i}.png`), weight })),
      unknownWords: ['zorp'],
      timingsMs: expect.any(Object) as object,
    });
    const frames = await pictures('texts');
    expect(frames).toHaveLength(3);
    for (const { width, height } of frames) expect([width, height]).toEqual([70, 50]);
    expect(frames[0]?.data).not.toEqual(frames[2]?.data);
  });

  it('between images begins with the first one', async () => {
    const printed = await report('interpolate', 'a.png', 'b.png', '--steps', '4', '-o', 'images');
    expect(printed).toMatchObject({ input: 'a.png', other: 'b.png', frames: [{}, {}, {}, { weight: 1 }] });
    const frames = await pictures('images');
    expect(frames[0]?.data).toEqual((await picture('a.png')).data);
    expect(frames[3]?.data).not.toEqual(frames[0]?.data);
  });

  it('names what could not be read', async () => {
    const { exitCode, stderr } = await run('interpolate', 'a.png', 'nothing.png', '-o', 'never');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('nothing.png does not exist');
    expect(await readdir(folder)).not.toContain('never');
  });
});

describe('mix', () => {
  it('writes one picture of the size of the content and says where the cut lies', async () => {
    const printed = await report('mix', 'a.png', 'b.png', '-o', 'mixed.png');
    expect(printed).toMatchObject({ content: 'a.png', style: 'b.png', file: 'mixed.png', pack: 'tiny' });
    const { fromLayer, layers } = printed as { fromLayer: number; layers: number };
    expect(fromLayer).toBeGreaterThan(0);
    expect(fromLayer).toBeLessThan(layers);
    const { width, height } = await picture('mixed.png');
    expect([width, height]).toEqual([70, 50]);
  });

  it('takes the cut that is asked for, within the layers of the pack', async () => {
    const { layers } = (await report('mix', 'a.png', 'b.png', '--from-layer', '2', '-o', 'two.png')) as {
      layers: number;
    };
    expect((await picture('two.png')).data).not.toEqual((await picture('a.png')).data);
    const beyond = await run(
      'mix',
      'a.png',
      'b.png',
      '--from-layer',
      String(layers + 1),
      '-o',
      'never.png',
      '--pack',
      'tiny',
    );
    expect(beyond).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`0 to ${layers}`) as string });
  });
});

describe('wrong usage', () => {
  const edit = ['edit', 'a.png', '-o', 'never.png'];
  const frames = ['interpolate', 'a.png', '-o', 'never'];
  const texts = ['--from', 'face', '--to', 'hat'];
  const pair = ['--from-image', 'b.png', '--to-image', 'c.png'];

  it.each([
    ['an edit towards nothing', edit, '--target TEXT'],
    ['half an image pair', [...edit, '--from-image', 'b.png'], 'come together'],
    ['the other half', [...edit, '--to-image', 'b.png'], 'come together'],
    ['a pair and a target', [...edit, ...pair, '--target', 'hat'], 'leave out --target'],
    ['a pair and a source', [...edit, ...pair, '--source', 'face'], '--source'],
    [
      'two ways to choose channels',
      [...edit, '--target', 'hat', '--threshold', '0.1', '--top-channels', '3'],
      '--threshold and --top-channels',
    ],
    ['no channels', [...edit, '--target', 'hat', '--top-channels', '0'], 'whole number|from 1'],
    ['half a channel', [...edit, '--target', 'hat', '--top-channels', '1.5'], 'whole number'],
    ['a picture of the pair as output', ['edit', 'a.png', ...pair, '-o', 'b.png'], 'it is the input b.png'],
    ['frames towards nothing', frames, '--from TEXT and --to TEXT'],
    ['frames with one end', [...frames, '--from', 'face'], '--from TEXT and --to TEXT'],
    ['texts between two images', ['interpolate', 'a.png', 'b.png', ...texts, '-o', 'never'], 'leave out --from, --to'],
    [
      'a strength between two images',
      ['interpolate', 'a.png', 'b.png', '--strength', '2', '-o', 'never'],
      '--strength',
    ],
    ['one frame', [...frames, ...texts, '--steps', '1'], 'from 2 to 64'],
    ['too many frames', [...frames, ...texts, '--steps', '65'], 'from 2 to 64'],
    ['frames into a file', ['interpolate', 'a.png', ...texts, '-o', 'b.png'], 'frames go to a folder'],
    ['frames to nowhere', ['interpolate', 'a.png', ...texts], '--output'],
    ['a mix of one picture', ['mix', 'a.png', '-o', 'never.png'], 'style'],
    ['a mix to nowhere', ['mix', 'a.png', 'b.png'], '--output'],
    ['a mix into another format', ['mix', 'a.png', 'b.png', '-o', 'never.jpg'], 'end in .png'],
    ['a mix over its own input', ['mix', 'a.png', 'b.png', '-o', 'b.png'], 'it is the input b.png'],
    ['a cut behind every layer', ['mix', 'a.png', 'b.png', '--from-layer', '65', '-o', 'never.png'], 'from 0 to 64'],
  ])('is %s: exit code 2, and why', async (_name, commandLine, words) => {
    const { exitCode, stdout, stderr } = await run(...commandLine);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(words));
  });

  it('writes nothing', async () => {
    expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
    expect((await picture('b.png')).width).toBe(40);
  });
});
