/** Interrupted uploads that another one goes on with: by example, and as a machine of states against a model. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, readBlobFile } from './blob-files.js';
import { BlobStore, type BlobLimits } from './blob-store.js';
import type { Upload } from './upload.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'deltaspace-partials-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const limits: BlobLimits = {
  blobBytes: 100,
  storeBytes: 250,
  eagerUploadBytes: 10,
  partialUploadMs: 1000,
  freeFloorBytes: 0,
};
const bytesOf = (seed: number, size = 100): Uint8Array => Uint8Array.from({ length: size }, (_, i) => seed + i);
const ignore = (): void => undefined;

/** Sends bytes up to `end` from where the upload stands, and waits until they are written. */
async function send(upload: Upload, bytes: Uint8Array, from: number, end: number): Promise<void> {
  await new Promise<void>((resolve) => upload.write(from, bytes.subarray(from, end), () => resolve()));
}

async function interrupted(store: BlobStore, bytes: Uint8Array, end: number): Promise<void> {
  const upload = await store.beginUpload(digestOf(bytes), bytes.length);
  await send(upload, bytes, upload.file.heldBytes, end);
  await store.finishUpload(upload, false);
}

async function whole(store: BlobStore, bytes: Uint8Array): Promise<void> {
  const upload = await store.beginUpload(digestOf(bytes), bytes.length);
  upload.write(upload.file.heldBytes, bytes.subarray(upload.file.heldBytes), ignore);
  await store.finishUpload(upload, true);
}

const partialName = (bytes: Uint8Array): string => `partial-${digestOf(bytes).slice(7)}`;
const blobName = (bytes: Uint8Array): string => `sha256-${digestOf(bytes).slice(7)}`;

describe('an interrupted upload', () => {
  it('is gone on with by the next one, also after the daemon was killed', async () => {
    const bytes = bytesOf(1);
    const killed = await BlobStore.open(directory, limits);
    const unfinished = await killed.beginUpload(digestOf(bytes), 100);
    await send(unfinished, bytes, 0, 40);
    const store = await BlobStore.open(directory, limits);
    await unfinished.interrupt(); // gives its file handle back
    await interrupted(store, bytes, 70);
    const last = await store.beginUpload(digestOf(bytes), 100);
    expect(last.file.heldBytes).toBe(70);
    last.write(70, bytes.subarray(70), ignore);
    await store.finishUpload(last, true);
    expect([...readBlobFile(directory, digestOf(bytes))]).toEqual([...bytes]);
    expect(await readdir(directory)).toEqual([blobName(bytes)]);
  });

  it('passes over what is sent again from the start', async () => {
    const bytes = bytesOf(1);
    const store = await BlobStore.open(directory, limits);
    await interrupted(store, bytes, 40);
    const upload = await store.beginUpload(digestOf(bytes), 100);
    const confirmed: number[] = [];
    for (const from of [0, 30, 60, 90])
      upload.write(from, bytes.subarray(from, from + 30), (offset) => confirmed.push(offset));
    await store.finishUpload(upload, true);
    expect(confirmed).toEqual([40, 60, 90, 100]);
    expect([...readBlobFile(directory, digestOf(bytes))]).toEqual([...bytes]);
  });

  it('leaves nothing when it is small: it is sent whole again', async () => {
    const store = await BlobStore.open(directory, limits);
    await interrupted(store, bytesOf(1, 10), 5);
    expect(await readdir(directory)).toEqual([]);
  });

  it('leaves nothing once a chunk was wrong', async () => {
    const store = await BlobStore.open(directory, limits);
    const upload = await store.beginUpload(digestOf(bytesOf(1)), 100);
    await send(upload, bytesOf(1), 0, 40);
    upload.write(50, bytesOf(1, 10), ignore);
    await store.finishUpload(upload, false);
    expect(await readdir(directory)).toEqual([]);
  });

  it('with foreign bytes fails at commit, is deleted, and starts over', async () => {
    const bytes = bytesOf(1);
    await writeFile(path.join(directory, partialName(bytes)), bytesOf(9, 40));
    const store = await BlobStore.open(directory, limits);
    await expect(whole(store, bytes)).rejects.toMatchObject({ code: 'digest_mismatch' });
    expect(await readdir(directory)).toEqual([]);
    await whole(store, bytes);
    expect(await readdir(directory)).toEqual([blobName(bytes)]);
  });

  it.each([
    ['too long', 101],
    ['whole but of another digest', 100],
  ])('is deleted at once when it is %s', async (_name, size) => {
    const bytes = bytesOf(1);
    await writeFile(path.join(directory, partialName(bytes)), bytesOf(9, size));
    const store = await BlobStore.open(directory, limits);
    const upload = await store.beginUpload(digestOf(bytes), 100);
    expect(upload.file.heldBytes).toBe(0);
    expect(await readdir(directory)).toEqual([]);
  });

  it('that has all bytes needs only its commit', async () => {
    const bytes = bytesOf(1);
    const store = await BlobStore.open(directory, limits);
    await interrupted(store, bytes, 100);
    await whole(store, bytes);
    expect(store.usage).toMatchObject({ count: 1, sizeBytes: 100, partialBytes: 0 });
  });

  it('has one writer: a second upload of the same bytes starts from the beginning, in a file of its own', async () => {
    const bytes = bytesOf(1);
    const store = await BlobStore.open(directory, limits);
    const [first, second] = [
      await store.beginUpload(digestOf(bytes), 100),
      await store.beginUpload(digestOf(bytes), 100),
    ];
    await send(first, bytes, 0, 40);
    await send(second, bytes, 0, 100);
    await store.finishUpload(second, true);
    await store.finishUpload(first, false);
    expect(await readdir(directory)).toEqual([blobName(bytes)]);
  });

  it('is waited for while it ends', async () => {
    const bytes = bytesOf(1);
    const store = await BlobStore.open(directory, limits);
    const upload = await store.beginUpload(digestOf(bytes), 100);
    await send(upload, bytes, 0, 40);
    const ending = store.finishUpload(upload, false);
    expect((await store.beginUpload(digestOf(bytes), 100)).file.heldBytes).toBe(40);
    await ending;
  });
});

describe('the room of interrupted uploads', () => {
  it('counts towards the limit, and what was used longest ago gives way, blob or not', async () => {
    let nowMs = 1;
    const store = await BlobStore.open(directory, limits, () => nowMs++);
    await whole(store, bytesOf(1));
    await interrupted(store, bytesOf(2), 60);
    expect(store.usage).toMatchObject({ sizeBytes: 100, partialBytes: 60 });
    store.has(digestOf(bytesOf(1)));
    await whole(store, bytesOf(3)); // 260 bytes would be too many, and the partial one is the oldest
    expect((await readdir(directory)).sort()).toEqual([blobName(bytesOf(1)), blobName(bytesOf(3))].sort());
    await interrupted(store, bytesOf(4), 50);
    await interrupted(store, bytesOf(5), 20);
    expect(store.usage).toMatchObject({ count: 1, sizeBytes: 100, partialBytes: 70 });
  });

  it('is free again after its time', async () => {
    let nowMs = 0;
    const store = await BlobStore.open(directory, limits, () => nowMs);
    await interrupted(store, bytesOf(1), 60);
    nowMs = 1000;
    await interrupted(store, bytesOf(2), 60);
    expect(store.usage.partialBytes).toBe(120);
    nowMs = 1001;
    await interrupted(store, bytesOf(3), 60);
    expect((await readdir(directory)).sort()).toEqual([partialName(bytesOf(2)), partialName(bytesOf(3))].sort());
  });
});

/** One step of several clients that send the same two blobs, of a daemon that dies, and of a disk that is tampered with. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin' as const), client: fc.nat(2), blob: fc.nat(1) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), client: fc.nat(2), size: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), client: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const), client: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tamper' as const), blob: fc.nat(1) }) },
);

describe('uploads in any order of beginnings, chunks, cuts, commits and kills', () => {
  it('never publish other bytes, never lose confirmed ones, and never take more room than they say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const folder = await mkdtemp(path.join(directory, 'run-'));
        const blobs = [bytesOf(1), bytesOf(101)];
        let store = await BlobStore.open(folder, limits);
        const open = new Map<number, { upload: Upload; bytes: Uint8Array; sent: number }>();
        /** Bytes that lie on the disk for the next upload, as far as nobody tampered with them. */
        const kept = new Map<number, number | 'foreign'>();
        const writerOf = new Map<number, number>();
        const letGo = (client: number, left: number): void => {
          for (const [blob, writer] of writerOf)
            if (writer === client) {
              writerOf.delete(blob);
              if (left > 0 && kept.get(blob) !== 'foreign') kept.set(blob, left);
              else if (left === 0) kept.delete(blob);
            }
          open.delete(client);
        };
        for (const action of steps) {
          if (action.do === 'begin' && !open.has(action.client)) {
            const bytes = blobs[action.blob] as Uint8Array;
            if (store.has(digestOf(bytes))) continue;
            const upload = await store.beginUpload(digestOf(bytes), bytes.length).catch((error: unknown) => {
              expect(error).toMatchObject({ code: 'storage_full' });
            });
            if (upload === undefined) continue;
            const held = kept.get(action.blob) ?? 0;
            if (writerOf.has(action.blob)) expect(upload.file.heldBytes).toBe(0);
            else {
              // Room for others may have taken what was kept, but never a part of it.
              if (held !== 'foreign') expect([0, held]).toContain(upload.file.heldBytes);
              if (upload.file.heldBytes === 0) kept.delete(action.blob);
              writerOf.set(action.blob, action.client);
            }
            open.set(action.client, { upload, bytes, sent: upload.file.heldBytes });
          } else if (action.do === 'send') {
            const at = open.get(action.client);
            if (at === undefined) continue;
            const end = Math.min(at.bytes.length, at.sent + action.size);
            if (end === at.sent) continue;
            await send(at.upload, at.bytes, at.sent, end);
            at.sent = end;
          } else if (action.do === 'cut') {
            const at = open.get(action.client);
            if (at === undefined) continue;
            await store.finishUpload(at.upload, false);
            letGo(action.client, store.has(at.upload.digest) ? 0 : at.sent);
          } else if (action.do === 'commit') {
            const at = open.get(action.client);
            if (at === undefined) continue;
            const blob = blobs.indexOf(at.bytes);
            const tampered = writerOf.get(blob) === action.client && kept.get(blob) === 'foreign';
            const outcome = await store.finishUpload(at.upload, true).then(
              () => 'ok',
              (error: { code: string }) => error.code,
            );
            const expected = at.sent < at.bytes.length ? 'upload_incomplete' : tampered ? 'digest_mismatch' : 'ok';
            expect(outcome).toBe(expected);
            letGo(action.client, 0);
          } else if (action.do === 'kill') {
            const dead = [...open.values()];
            for (const [client, { sent }] of [...open]) letGo(client, sent);
            store = await BlobStore.open(folder, limits);
            for (const { upload } of dead) await upload.interrupt(); // gives its file handle back, nothing else
          } else if (action.do === 'tamper') {
            const held = kept.get(action.blob);
            const bytes = blobs[action.blob] as Uint8Array;
            if (held === undefined || held === 'foreign' || held === 0 || writerOf.has(action.blob)) continue;
            if (!(await readdir(folder)).includes(partialName(bytes))) continue;
            await writeFile(path.join(folder, partialName(bytes)), bytesOf(77, Math.min(held, 99)));
            kept.set(action.blob, 'foreign');
          }
          for (const bytes of blobs)
            if (store.has(digestOf(bytes))) expect([...readBlobFile(folder, digestOf(bytes))]).toEqual([...bytes]);
          const { sizeBytes, partialBytes } = store.usage;
          expect(sizeBytes + partialBytes).toBeLessThanOrEqual(limits.storeBytes);
        }
        for (const [client, { upload }] of [...open]) {
          await store.finishUpload(upload, false);
          open.delete(client);
        }
        const onDisk = await readdir(folder);
        expect(onDisk.filter((name) => name.startsWith('incoming-'))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });
});
