/** Results that survive in files: bounded, checked, and never a reason to fail. */
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '@deltaspace/models';
import { TensorFiles } from './tensor-files.js';

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'deltaspace-tensors-'));
  directory = path.join(parent, 'cache');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** Files that are written as soon as the event loop turns. */
const open = (limitBytes = 1_000_000, folder = directory): TensorFiles =>
  new TensorFiles(folder, {
    limitBytes,
    after: (_delayMs, action) => {
      setImmediate(action);
      return () => undefined;
    },
    encode: (tensors) => writeSafetensors(tensors),
    decode: (bytes) => readSafetensors(bytes).tensors,
  });

const some = (value: number) =>
  new Map([['x', { dtype: 'float32' as const, shape: [2], data: Float32Array.of(value, value / 3) }]]);

describe('kept tensors', () => {
  it('come back bit for bit, before they are written, after, and in the next process', async () => {
    const files = open();
    files.write('key', some(7));
    expect(files.read('key')).toEqual(some(7));
    expect(files.read('other key')).toBeUndefined();
    await files.written();
    expect(files.read('key')).toEqual(some(7));
    expect(open().read('key')).toEqual(some(7));
  });

  it('do not name their key', async () => {
    const files = open();
    files.write('what a user typed', some(7));
    await files.written();
    const [name = ''] = await readdir(directory);
    expect(name).not.toContain('typed');
    expect((await readFile(path.join(directory, name))).includes('typed')).toBe(false);
  });

  it.each([
    ['a flipped bit', (bytes: Buffer) => bytes.map((byte, i) => (i === 90 ? byte ^ 1 : byte))],
    ['a missing end', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['nothing in it', () => Buffer.alloc(0)],
    ['other words', () => Buffer.from('this is no tensor file at all, but some text that is long enough')],
  ])('are deleted and computed again when the file has %s', async (_name, damage) => {
    const files = open();
    files.write('key', some(7));
    await files.written();
    const file = path.join(directory, (await readdir(directory))[0] as string);
    await writeFile(file, damage(await readFile(file)));
    const next = open();
    expect(next.read('key')).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
    expect(next.sizeBytes).toBe(0);
  });

  it('are not taken for those of another key when a file was renamed', async () => {
    const files = open();
    files.write('a', some(1));
    await files.written();
    const [nameOfA = ''] = await readdir(directory);
    files.write('b', some(2));
    await files.written();
    const nameOfB = (await readdir(directory)).find((name) => name !== nameOfA) as string;
    await rename(path.join(directory, nameOfB), path.join(directory, nameOfA));
    expect(open().read('a')).toBeUndefined();
  });

  it('stay within their bytes, those used last', async () => {
    const files = open(2 * 4096);
    for (const key of ['a', 'b']) files.write(key, some(1));
    await files.written();
    files.read('a');
    files.write('c', some(1));
    await files.written();
    expect(['a', 'b', 'c'].map((key) => files.read(key) !== undefined)).toEqual([true, false, true]);
    expect(files.sizeBytes).toBe(2 * 4096);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('may vanish while the process runs', async () => {
    const files = open();
    files.write('key', some(7));
    await files.written();
    await rm(directory, { recursive: true });
    expect(files.read('key')).toBeUndefined();
    files.write('key', some(8));
    await files.written();
    expect(files.read('key')).toEqual(some(8));
  });

  it('are left out without a word where they cannot be written', async () => {
    await writeFile(path.join(parent, 'file'), '');
    const files = open(1_000_000, path.join(parent, 'file', 'cache'));
    files.write('key', some(7));
    await files.written();
    expect(files.read('key')).toBeUndefined();
  });

  it('leave no half-written file to the next process', async () => {
    const files = open();
    files.write('key', some(7));
    await files.written();
    await writeFile(path.join(directory, 'something.tensors.new'), 'half');
    open();
    expect(await readdir(directory)).toHaveLength(1);
  });
});
