/** `deltaspace analyze` as a user runs it: feature files in, figures and a picture out, failures by code. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '@deltaspace/daemon';
import { writeNpy } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { deltaspace, type CommandResult } from '../fakes/command.js';
import { temporaryFolder } from '../fakes/daemon-process.js';

const [pairs, width] = [24, 6];
let folder: string;

const analyze = (...rest: string[]): Promise<CommandResult> =>
  deltaspace(['analyze', ...rest], { dataRoot: path.join(folder, 'data'), cwd: folder });

/** Rows at the corners of a fixed pattern; texts stand off by `shift` along the last axis and repeat the pattern. */
function features(shift: number, rows = pairs, columns = width): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return column === columns - 1 ? shift : Math.sin(1 + 12.9898 * row + 78.233 * column * (row + 1));
  });
}

const save = (name: string, data: Tensor['data'], shape: readonly number[], dtype: Tensor['dtype'] = 'float32') =>
  writeFile(path.join(folder, name), writeNpy({ dtype, shape, data }));

const files = ['--image-features', 'i.npy', '--text-features', 't.npy'];

beforeAll(async () => {
  folder = await temporaryFolder();
  await save('i.npy', features(4), [pairs, width]);
  await save('t.npy', features(-4), [pairs, width]);
  await save('unlike.npy', features(0.5).reverse(), [pairs, width]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Report {
  differences: { origin: string; firstPartners?: number[] };
  spaces: Record<'clip' | 'delta', { pairedCosine: number; modalityGap: number; imageToText: { at1: number } }>;
}

describe('analyze', () => {
  it('prints both spaces as JSON, with differences made by the seed', async () => {
    const { exitCode, stdout } = await analyze(...files, '--seed', '5', '--json');
    expect(exitCode).toBe(0);
    const { spaces, differences } = JSON.parse(stdout) as Report;
    expect(spaces.clip.modalityGap).toBeGreaterThan(1.5);
    expect(spaces.clip.pairedCosine).toBeLessThan(0);
    // The texts are the images but for a constant: the differences are parallel but for the scaling to unit length.
    expect(spaces.delta.pairedCosine).toBeGreaterThan(0.95);
    expect(spaces.delta.imageToText.at1).toBe(1);
    expect(differences.firstPartners).toHaveLength(8);
    expect((await analyze(...files, '--seed', '5', '--json')).stdout).toBe(stdout);
    expect((await analyze(...files, '--seed', '6', '--json')).stdout).not.toBe(stdout);
  });

  it('takes given differences and says so', async () => {
    const given = ['--delta-image-features', 'i.npy', '--delta-text-features', 'unlike.npy'];
    const { exitCode, stdout } = await analyze(...files, ...given);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^differences as given/);
    const { spaces } = JSON.parse((await analyze(...files, ...given, '--json')).stdout) as Report;
    expect(spaces.delta.imageToText.at1).toBeLessThan(0.5);
  });

  it.each(['pca', 'tsne'])('draws both spaces by %s', async (projection) => {
    const { exitCode, stdout } = await analyze(...files, '-o', `${projection}.png`, '--projection', projection);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${projection}.png: ${pairs} pairs by ${projection}`);
    const { width: wide, height, data } = await decodeImage(await readFile(path.join(folder, `${projection}.png`)));
    expect([wide, height]).toEqual([1216, 652]);
    expect(new Set(data).size).toBeGreaterThan(20);
  });
});

describe('bad features', () => {
  const bad: [string, () => Promise<void>, string][] = [
    ['other rows', () => save('bad.npy', features(1, 23), [23, width]), 'features_mismatch'],
    ['other widths', () => save('bad.npy', features(1, pairs, 5), [pairs, 5]), 'features_mismatch'],
    ['one axis', () => save('bad.npy', features(1), [pairs * width]), 'features_wrong_rank'],
    ['whole numbers', () => save('bad.npy', new Int32Array(12).fill(1), [6, 2], 'int32'), 'features_not_float'],
    ['a NaN', () => save('bad.npy', features(1).fill(NaN, 7, 8), [pairs, width]), 'features_not_finite'],
    ['a zero row', () => save('bad.npy', features(1).fill(0, 6, 12), [pairs, width]), 'features_zero_row'],
    ['too few rows', () => save('bad.npy', features(1, 3), [3, width]), 'features_too_few'],
    ['too wide rows', () => save('bad.npy', features(1, 4, 4097), [4, 4097]), 'features_too_large'],
    ['no array', () => writeFile(path.join(folder, 'bad.npy'), 'hello, hello, hello'), 'format/not-this-format'],
    ['no bytes', () => writeFile(path.join(folder, 'bad.npy'), ''), 'tensor_invalid'],
    ['no file', () => rm(path.join(folder, 'bad.npy')), 'input_missing'],
  ];

  it.each(bad)('(%s) fail with a code, the name of the file and no picture', async (_name, prepare, code) => {
    await prepare();
    const { exitCode, stdout, stderr } = await analyze('--image-features', 'i.npy', '--text-features', 'bad.npy', '-o', 'never.png', '--json'); // prettier-ignore
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(stderr).toContain('bad.npy');
    expect(await readdir(folder)).not.toContain('never.png');
  });
});

describe('wrong usage', () => {
  it.each([
    ['nothing to analyse', []],
    ['images without texts', ['--image-features', 'i.npy']],
    ['one kind of differences', [...files, '--delta-image-features', 'i.npy']],
    ['files and a pack', [...files, '--pack', 'avatars']],
    ['a split without a pack', [...files, '--split', 'test']],
    ['a projection without a picture', [...files, '--projection', 'pca']],
    ['an unknown projection', [...files, '-o', 'x.png', '--projection', 'umap']],
    ['a picture that is no PNG', [...files, '-o', 'x.jpg']],
    ['half a seed', [...files, '--seed', '0.5']],
    ['too few avatars', ['--pack', 'avatars', '--avatars', '10']],
  ])('is %s: exit code 2', async (_name, commandLine) => {
    expect((await analyze(...commandLine)).exitCode).toBe(2);
  });

  it('is not an unknown pack, which is a failure', async () => {
    const { exitCode, stderr } = await analyze('--pack', 'nobody');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('pack_missing');
  });
});
