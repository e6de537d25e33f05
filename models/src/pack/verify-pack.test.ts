/** The check of a pack file by file, on a copy of the one that ships: each way of being damaged is told apart and named. */
import { cp, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from './load-pack.js';
import { packFolders } from './shipped-packs.js';
import { verifyPack, type VerifiedFile } from './verify-pack.js';

let folder: string;
let pack: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-verify-'));
  pack = path.join(folder, 'avatars');
  await cp((await packFolders())[0] as string, pack, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (name: string): string => path.join(pack, name);

async function faults(): Promise<Pick<VerifiedFile, 'path' | 'verdict' | 'reason'>[]> {
  const { sound, files } = await verifyPack(pack);
  const found = files.filter(({ verdict }) => verdict !== 'sound');
  expect(sound).toBe(found.length === 0);
  return found;
}

describe('verifyPack', () => {
  it('finds the pack that ships sound, and tells how far it is', async () => {
    const told: number[] = [];
    const { sound, manifest, files } = await verifyPack(pack, {
      onProgress: (done, total) => told.push(done / total),
    });
    expect(sound).toBe(true);
    expect(files).toHaveLength(manifest?.files.length ?? 0);
    expect(told).toHaveLength(files.length);
    expect(told.at(-1)).toBe(1);
  });

  it('names every file that is damaged, not only the first', async () => {
    await rm(file('mapper.safetensors'));
    await truncate(file('inverter.safetensors'), 1000);
    const bytes = await readFile(file('generator.safetensors'));
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    await writeFile(file('generator.safetensors'), bytes);
    const found = Object.fromEntries((await faults()).map(({ path: name, verdict }) => [name, verdict]));
    expect(found).toEqual({
      'generator.safetensors': 'wrong_digest',
      'inverter.safetensors': 'wrong_size',
      'mapper.safetensors': 'missing',
    });
  });

  it('tells bytes that are those of the manifest, but not what the network needs', async () => {
    const manifest = JSON.parse(await readFile(file('pack.json'), 'utf8')) as {
      components: Record<string, { weights: string }>;
      files: { path: string; sizeBytes: number; sha256: string }[];
    };
    const other = await readFile(file('wplus-mapper.safetensors'));
    await writeFile(file('mapper.safetensors'), other);
    const row = manifest.files.find(({ path: name }) => name === 'mapper.safetensors');
    Object.assign(row ?? {}, { sizeBytes: other.length, sha256: sha256(other) });
    await writeFile(file('pack.json'), JSON.stringify(manifest));
    expect(await faults()).toEqual([
      expect.objectContaining({ path: 'mapper.safetensors', verdict: 'wrong_content' }) as unknown,
    ]);
    expect((await faults())[0]?.reason).toContain('mapper: weight');
  });

  it('does not follow links out of the pack', async () => {
    await rename(file('vocabulary.json'), path.join(folder, 'elsewhere.json'));
    await symlink(path.join(folder, 'elsewhere.json'), file('vocabulary.json'));
    expect(await faults()).toMatchObject([
      { path: 'vocabulary.json', verdict: 'missing', reason: 'it is not a regular file' },
    ]);
  });

  it.each([
    ['is no JSON', 'hello', 'pack.json is not JSON'],
    ['lists files outside', '{"format":"deltaspace-pack","files":[{"path":"../x"}]}', ''],
  ])('looks at no file when the manifest %s', async (_name, text, words) => {
    await writeFile(file('pack.json'), text);
    const verdict = await verifyPack(pack);
    expect(verdict).toMatchObject({ sound: false, files: [] });
    expect(verdict.reason).toContain(words);
  });

  it('stops between two pieces when it is told to', async () => {
    const stop = new AbortController();
    let told = 0;
    const check = verifyPack(pack, { signal: stop.signal, onProgress: () => (told++, stop.abort()) });
    await expect(check).rejects.toThrow();
    expect(told).toBe(1);
  });
});
