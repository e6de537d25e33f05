/** Inputs of jobs in the blob store: with several images, all of them stay until the job has ended. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '@deltaspace/shared-protocol';
import { digestOf } from './blob-files.js';
import { BlobStore } from './blob-store.js';
import { inputDigests, type JobRequest, type JobResult } from './job.js';
import { QueueUnderTest } from './queue-under-test.js';

let directory: string;
let store: BlobStore;
const blobBytes = 10;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'deltaspace-inputs-'));
  store = await BlobStore.open(directory, {
    blobBytes,
    storeBytes: 4 * blobBytes,
    eagerUploadBytes: blobBytes,
    partialUploadMs: 1000,
    freeFloorBytes: 0,
  });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function put(content: number): Promise<Digest> {
  const bytes = new Uint8Array(blobBytes).fill(content);
  const upload = await store.beginUpload(digestOf(bytes), bytes.length);
  upload.write(0, bytes, () => undefined);
  await store.finishUpload(upload, true);
  return upload.digest;
}

const image = (digest: string) => ({ encoding: 'file', digest }) as const;

const jobs: [string, (a: string, b: string, c: string) => JobRequest, number][] = [
  [
    'an edit by an image pair',
    (a, b, c) => ({
      kind: 'edit',
      params: { image: image(a), pair: { from: image(b), to: image(c) }, encoding: 'png' },
    }),
    3,
  ],
  [
    'an interpolation between images',
    (a, b) => ({ kind: 'interpolate', params: { image: image(a), other: image(b), steps: 3, encoding: 'png' } }),
    2,
  ],
  ['a mix', (a, b) => ({ kind: 'mix', params: { content: image(a), style: image(b), encoding: 'png' } }), 2],
];

describe.each(jobs)('the images of %s', (_name, requestOf, count) => {
  it('stay while the job runs, however much is uploaded, and give way afterwards', async () => {
    let finish = (_result: JobResult): void => undefined;
    const executor = { execute: (): Promise<JobResult> => new Promise((resolve) => (finish = resolve)) };
    const { queue } = new QueueUnderTest({
      executors: { foreground: executor, background: executor },
      pin: (digests) => store.pin(digests),
    });
    const [a, b, c] = [await put(1), await put(2), await put(3)];
    const request = requestOf(a, b, c);
    const inputs = inputDigests(request);
    expect(inputs).toEqual([a, b, c].slice(0, count));
    const { signal } = new AbortController();
    const waiter = { connection: 'one', owner: 'user', signal, hasLeft: () => false, progress: () => undefined };
    const job = queue.submit(request, {}, waiter);
    for (let content = 10; content < 20; content++) await put(content);
    for (const digest of inputs)
      await expect(store.read(digest, 0, 1)).resolves.toMatchObject({ sizeBytes: blobBytes });
    finish({ pack: 'any', outputs: [], timingsMs: {} });
    await job;
    for (let content = 20; content < 30; content++) await put(content);
    for (const digest of inputs) await expect(store.read(digest, 0, 1)).rejects.toMatchObject({ code: 'blob_missing' });
  });
});
