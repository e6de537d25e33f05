/** Disks that are full, read-only or out of handles: the error says so, and nothing that was there is lost. */
import { execFileSync } from 'node:child_process';
import * as files from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestOf, writeDerivedBlob } from './blob-files.js';
import { BlobStore, type BlobLimits } from './blob-store.js';

/** Fails the next calls of `open` with this code, as long as it is set. */
const fault = vi.hoisted(() => ({ code: undefined as string | undefined }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof files>();
  return {
    ...real,
    open: (...given: Parameters<typeof real.open>) => {
      if (fault.code === undefined) return real.open(...given);
      return Promise.reject(Object.assign(new Error(`${fault.code}: injected`), { code: fault.code }));
    },
  };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'deltaspace-faults-'));
});
afterEach(() => {
  fault.code = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const limits: BlobLimits = {
  blobBytes: 4_000_000,
  storeBytes: 8_000_000,
  eagerUploadBytes: 10,
  partialUploadMs: 1000,
  freeFloorBytes: 0,
};
const bytesOf = (value: number, size = 100): Uint8Array => new Uint8Array(size).fill(value);

async function upload(store: BlobStore, bytes: Uint8Array): Promise<void> {
  const open = await store.beginUpload(digestOf(bytes), bytes.length);
  open.write(open.file.heldBytes, bytes.subarray(open.file.heldBytes), () => undefined);
  await store.finishUpload(open, true);
}

describe('the store on a disk that fails', () => {
  it.each([
    ['ENOSPC', 'storage_full'],
    ['EDQUOT', 'storage_full'],
    ['EMFILE', 'storage_unavailable'],
    ['EROFS', 'storage_unavailable'],
    ['EACCES', 'storage_unavailable'],
    ['EIO', 'storage_unavailable'],
  ])('answers %s with %s, and takes the same upload once the disk is well again', async (code, told) => {
    const store = await BlobStore.open(directory, limits);
    fault.code = code;
    await expect(upload(store, bytesOf(1))).rejects.toMatchObject({ code: told, retryable: true });
    fault.code = undefined;
    await upload(store, bytesOf(1));
    expect(store.usage).toMatchObject({ count: 1, sizeBytes: 100, partialBytes: 0 });
  });

  it('does not take a blob that cannot be opened now for one that is gone', async () => {
    const store = await BlobStore.open(directory, limits);
    await upload(store, bytesOf(1));
    await store.synced();
    fault.code = 'EMFILE';
    await expect(store.read(digestOf(bytesOf(1)), 0, 5)).rejects.toMatchObject({ code: 'storage_unavailable' });
    fault.code = undefined;
    expect((await store.read(digestOf(bytesOf(1)), 0, 5)).payload).toEqual(bytesOf(1, 5));
  });
});

describe('the floor of free space', () => {
  const floor = { ...limits, freeFloorBytes: 1000 };

  it('is kept by letting old blobs go, then by refusing', async () => {
    let freeBytes = 1100;
    const store = await BlobStore.open(directory, floor, Date.now, () => Promise.resolve(freeBytes));
    await upload(store, bytesOf(1));
    freeBytes = 1000;
    await upload(store, bytesOf(2));
    expect([store.has(digestOf(bytesOf(1))), store.has(digestOf(bytesOf(2)))]).toEqual([false, true]);
    const unpin = store.pin([digestOf(bytesOf(2))]);
    await expect(upload(store, bytesOf(3))).rejects.toMatchObject({
      code: 'storage_full',
      message: expect.stringContaining('the disk of the data folder has 1000 bytes left') as string,
    });
    unpin();
    await upload(store, bytesOf(3));
  });

  it('lets results of the worker in: they are written already', async () => {
    const store = await BlobStore.open(directory, floor, Date.now, () => Promise.resolve(0));
    const { digest, sizeBytes } = writeDerivedBlob(directory, bytesOf(9));
    await store.adopt(digest, sizeBytes);
    expect(store.has(digest)).toBe(true);
  });
});

describe('a collection', () => {
  it('deletes what is not pinned, and only tells in a dry run', async () => {
    const store = await BlobStore.open(directory, limits);
    for (const value of [1, 2]) await upload(store, bytesOf(value));
    const cut = await store.beginUpload(digestOf(bytesOf(3)), 100);
    await new Promise<void>((resolve) => cut.write(0, bytesOf(3, 40), () => resolve()));
    await store.finishUpload(cut, false);
    store.pin([digestOf(bytesOf(1))]);
    const expected = {
      blobs: { count: 1, sizeBytes: 100 },
      partials: { count: 1, sizeBytes: 40 },
      kept: { count: 1, sizeBytes: 100 },
    };
    expect(await store.collect(true)).toEqual(expected);
    expect(await files.readdir(directory)).toHaveLength(3);
    expect(await store.collect(false)).toEqual(expected);
    expect(await files.readdir(directory)).toEqual([`sha256-${digestOf(bytesOf(1)).slice(7)}`]);
    expect(store.usage).toMatchObject({ count: 1, sizeBytes: 100, partialBytes: 0 });
  });
});

/** A disk of a megabyte, where this user may mount one. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'deltaspace-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}

const smallDisk = mountSmallDisk();
afterAll(() => {
  if (smallDisk === undefined) return;
  execFileSync('umount', [smallDisk], { stdio: 'ignore' });
  rmSync(smallDisk, { recursive: true, force: true });
});

describe.skipIf(smallDisk === undefined)('a real disk of a megabyte (skipped where none can be mounted)', () => {
  it('that fills up fails one upload or result, leaves nothing of it, and serves the next', async () => {
    const disk = smallDisk as string;
    const store = await BlobStore.open(disk, limits, Date.now, () => Promise.resolve(Infinity));
    await upload(store, bytesOf(1));
    await expect(upload(store, bytesOf(2, 3_000_000))).rejects.toMatchObject({ code: 'storage_full' });
    expect(() => writeDerivedBlob(disk, bytesOf(4, 3_000_000))).toThrow(
      expect.objectContaining({ code: 'storage_full' }) as Error,
    );
    await store.synced();
    expect(await files.readdir(disk)).toEqual([`sha256-${digestOf(bytesOf(1)).slice(7)}`]);
    await upload(store, bytesOf(3, 500_000));
  });

  it('is measured before an upload begins', async () => {
    const store = await BlobStore.open(smallDisk as string, limits);
    store.pin([digestOf(bytesOf(1)), digestOf(bytesOf(3, 500_000))]);
    await expect(store.beginUpload(digestOf(bytesOf(5, 3_000_000)), 3_000_000)).rejects.toMatchObject({
      code: 'storage_full',
    });
  });
});
