import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultLimits, limitArguments, limitFlagOptions, limitFlagsOf, limitsFor } from './daemon-limits.js';
import { bytesOf, durationMsOf } from './quantities.js';
import { resolveSettings } from './resolve-settings.js';

describe('quantities', () => {
  it.each([
    ['512 MiB', 536_870_912],
    ['4 GB', 4_000_000_000],
    ['1.5kB', 1500],
    ['0 B', 0],
    ['512', undefined],
    ['-1 GB', undefined],
    ['1 gb', undefined],
    ['1e3 MB', undefined],
    [' 1 MB', undefined],
    ['1 constructor', undefined],
  ])('reads %j as %s bytes', (text, bytes) => expect(bytesOf(text)).toBe(bytes));

  it.each([
    ['10 min', 600_000],
    ['90s', 90_000],
    ['1.5 h', 5_400_000],
    ['2 d', 172_800_000],
    ['10 ms', undefined],
    ['10', undefined],
  ])('reads %j as %s milliseconds', (text, milliseconds) => expect(durationMsOf(text)).toBe(milliseconds));
});

describe('limits of a daemon', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-limits-'));
    file = path.join(folder, 'config.toml');
    vi.stubEnv('DELTASPACE_CONFIG', file);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  it('are the defaults when nothing is set', async () => {
    expect(await limitsFor({})).toEqual(defaultLimits);
  });

  it('come from flag, environment and file, in this order', async () => {
    await writeFile(file, '[models]\nmemory = "2 GiB"\nkeep_alive = "1 h"\n[storage]\ncache = "0 B"\nblobs = "1 TB"\n');
    vi.stubEnv('DELTASPACE_MODEL_KEEP_ALIVE', '30 s');
    const limits = await limitsFor({ blobStorage: '20 MiB' });
    expect(limits).toEqual({
      ...defaultLimits,
      modelMemoryBytes: 2 * 1024 ** 3,
      modelKeepAliveMs: 30_000,
      cacheBytes: 0,
      storeBytes: 20 * 1024 ** 2,
    });
  });

  it('reach the daemon process as arguments, and only those that flags gave', async () => {
    vi.stubEnv('DELTASPACE_LEAVE_FREE', '1 GB');
    const flags = limitFlagsOf(await resolveSettings({ flags: { modelMemory: '3 GiB', keepPartial: '2 h' } }));
    expect(limitArguments(flags)).toEqual(['--model-memory', '3 GiB', '--keep-partial', '2 h']);
    expect(Object.keys(limitFlagOptions)).toContain('model-memory');
    const limits = await limitsFor({ 'model-memory': '3 GiB', 'keep-partial': '2 h' });
    expect(limits).toMatchObject({ modelMemoryBytes: 3 * 1024 ** 3, partialUploadMs: 7_200_000, freeFloorBytes: 1e9 });
  });

  it.each([
    ['models.memory = "lots"', /config\.toml:1: models\.memory: expected a size such as "1 MiB", in B, kB/],
    ['models.memory = "1 kB"', /expected 1 MiB to 16 TiB/],
    ['models.keep_alive = "1 year"', /expected a time such as "7 d", in s, min, h, d/],
    ['storage.blobs = 5000', /expected a text/],
  ])('are refused where they do not fit: %s', async (line, message) => {
    await writeFile(file, line);
    await expect(limitsFor({})).rejects.toThrow(message);
  });
});
