import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobPath, digestOf, readBlobFile, writeDerivedBlob } from './blob-files.js';
import { BlobStore } from './blob-store.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'deltaspace-blobs-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const limits = { blobBytes: 100, storeBytes: 250, eagerUploadBytes: 100, partialUploadMs: 1000, freeFloorBytes: 0 };
const bytesOf = (value: number, size = 100): Uint8Array => new Uint8Array(size).fill(value);

async function upload(store: BlobStore, bytes: Uint8Array, digest = digestOf(bytes)): Promise<string> {
  const open = await store.beginUpload(digest, bytes.length);
  open.write(0, bytes, () => undefined);
  await store.finishUpload(open, true);
  return digest;
}

describe('an upload', () => {
  it('becomes a blob with its digest, and leaves no other file', async () => {
    const store = await BlobStore.open(directory, limits);
    const digest = await upload(store, bytesOf(7));
    expect(store.has(digest)).toBe(true);
    expect(await readdir(directory)).toEqual([`sha256-${digest.slice(7)}`]);
    expect([...readBlobFile(directory, digest)]).toEqual([...bytesOf(7)]);
  });

  it('confirms each chunk once it is written', async () => {
    const store = await BlobStore.open(directory, limits);
    const bytes = bytesOf(1);
    const open = await store.beginUpload(digestOf(bytes), 100);
    const confirmed: number[] = [];
    open.write(0, bytes.subarray(0, 60), (offset) => confirmed.push(offset));
    open.write(60, bytes.subarray(60), (offset) => confirmed.push(offset));
    expect(open.unwrittenBytes).toBe(100);
    await store.finishUpload(open, true);
    expect(confirmed).toEqual([60, 100]);
  });

  it.each([
    ['a gap', 10, 50],
    ['more bytes than announced', 0, 101],
  ])('with %s fails at commit and leaves nothing', async (_name, offset, size) => {
    const store = await BlobStore.open(directory, { ...limits, blobBytes: 200 });
    const digest = digestOf(bytesOf(1));
    const open = await store.beginUpload(digest, 100);
    open.write(offset, bytesOf(1, size), () => undefined);
    await expect(store.finishUpload(open, true)).rejects.toMatchObject({ code: 'upload_incomplete' });
    expect(store.has(digest)).toBe(false);
    expect(await readdir(directory)).toEqual([]);
  });

  it('that stops early is incomplete', async () => {
    const store = await BlobStore.open(directory, limits);
    const open = await store.beginUpload(digestOf(bytesOf(1)), 100);
    open.write(0, bytesOf(1, 99), () => undefined);
    await expect(store.finishUpload(open, true)).rejects.toMatchObject({ code: 'upload_incomplete' });
  });

  it('with a wrong digest leaves the good blob of that digest alone', async () => {
    const store = await BlobStore.open(directory, limits);
    const digest = await upload(store, bytesOf(1));
    await expect(upload(store, bytesOf(2), digest as `sha256:${string}`)).rejects.toMatchObject({
      code: 'digest_mismatch',
    });
    expect([...readBlobFile(directory, digest)]).toEqual([...bytesOf(1)]);
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('may run twice at once for the same blob', async () => {
    const store = await BlobStore.open(directory, { ...limits, storeBytes: 1000 });
    const [first, second] = await Promise.all([upload(store, bytesOf(1)), upload(store, bytesOf(1))]);
    expect(first).toBe(second);
    expect(store.usage).toMatchObject({ count: 1, sizeBytes: 100 });
  });

  it.each([
    ['no bytes', 0, 'blob_empty'],
    ['too many bytes', 101, 'blob_too_large'],
  ])('of %s is refused at the beginning', async (_name, size, code) => {
    const store = await BlobStore.open(directory, limits);
    await expect(store.beginUpload(digestOf(bytesOf(1)), size)).rejects.toMatchObject({ code });
  });
});

describe('the store', () => {
  it('lets the least recently used blob go when it is full', async () => {
    const store = await BlobStore.open(directory, limits);
    const first = await upload(store, bytesOf(1));
    const second = await upload(store, bytesOf(2));
    store.has(first); // used again: now `second` is the older one
    const third = await upload(store, bytesOf(3));
    expect([first, second, third].map((digest) => store.has(digest))).toEqual([true, false, true]);
    expect(() => readBlobFile(directory, second)).toThrow(expect.objectContaining({ code: 'blob_missing' }));
  });

  it('keeps pinned blobs and says that it is full instead', async () => {
    const store = await BlobStore.open(directory, limits);
    const first = await upload(store, bytesOf(1));
    const second = await upload(store, bytesOf(2));
    const unpin = store.pin([first, second]);
    await expect(upload(store, bytesOf(3))).rejects.toMatchObject({ code: 'storage_full', retryable: true });
    unpin();
    await upload(store, bytesOf(3));
    expect(store.usage.sizeBytes).toBe(200);
  });

  it('knows after a restart what it held and what was used last', async () => {
    const store = await BlobStore.open(directory, limits);
    const first = await upload(store, bytesOf(1));
    const second = await upload(store, bytesOf(2));
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(blobPath(directory, second), hourAgo, hourAgo);
    const again = await BlobStore.open(directory, limits);
    expect(again.usage).toMatchObject({ count: 2, sizeBytes: 200 });
    await upload(again, bytesOf(3));
    expect([first, second].map((digest) => again.has(digest))).toEqual([true, false]);
  });

  it('looks at the bytes that an earlier process left, once, and drops those of another digest', async () => {
    const earlier = await BlobStore.open(directory, limits);
    const [good, torn] = [await upload(earlier, bytesOf(1)), await upload(earlier, bytesOf(2))];
    await earlier.synced();
    await writeFile(blobPath(directory, torn), bytesOf(0));
    const store = await BlobStore.open(directory, limits);
    expect([await store.verify(good), await store.verify(torn)]).toEqual([true, false]);
    expect(await readdir(directory)).toEqual([`sha256-${good.slice(7)}`]);
    expect(store.usage).toMatchObject({ count: 1, sizeBytes: 100 });
    await expect(store.read(torn, 0, 10)).rejects.toMatchObject({ code: 'blob_missing' });
    await writeFile(blobPath(directory, good), bytesOf(0));
    expect(await store.verify(good)).toBe(true);
  });

  it('removes half-written files of an earlier process and keeps its hands off others', async () => {
    await writeFile(path.join(directory, 'incoming-0123'), 'half');
    await writeFile(path.join(directory, 'notes.txt'), 'mine');
    await BlobStore.open(directory, limits);
    expect(await readdir(directory)).toEqual(['notes.txt']);
  });

  it('reads ranges, shortened at the end', async () => {
    const store = await BlobStore.open(directory, limits);
    const digest = await upload(
      store,
      Uint8Array.from({ length: 10 }, (_, index) => index),
    );
    expect(await store.read(digest, 7, 100)).toEqual({ sizeBytes: 10, payload: Uint8Array.of(7, 8, 9) });
    await expect(store.read(digest, 10, 1)).rejects.toMatchObject({ code: 'range_invalid' });
  });

  it('says that a blob is missing when someone deleted its file', async () => {
    const store = await BlobStore.open(directory, limits);
    const digest = await upload(store, bytesOf(1));
    await rm(blobPath(directory, digest));
    await expect(store.read(digest, 0, 1)).rejects.toMatchObject({ code: 'blob_missing' });
    expect(store.has(digest)).toBe(false);
  });

  it('takes in what the worker wrote', async () => {
    const store = await BlobStore.open(directory, limits);
    const { digest, sizeBytes } = writeDerivedBlob(directory, bytesOf(9));
    expect(store.has(digest)).toBe(false);
    await store.adopt(digest, sizeBytes);
    expect((await store.read(digest, 0, 5)).payload).toEqual(bytesOf(9, 5));
  });
});

describe('a digest', () => {
  it.each(['sha256:../../etc/passwd', 'sha256:', `sha256:${'A'.repeat(64)}`, `md5:${'0'.repeat(64)}`, '', 'sha256-0'])(
    'of the form %j never becomes a path',
    (digest) => {
      expect(() => blobPath('/blobs', digest)).toThrow(/expected a digest/);
    },
  );
});
