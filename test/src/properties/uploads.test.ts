/**
 * Any order of chunks, commits and lost connections, over real sockets to a real daemon, against a model of what must come of it:
 * a blob is held if and only if its bytes came whole, in order and as announced.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import { Peer, protocolRange, type DeltaClient } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { digestOf } from '../fakes/tiny-edits.js';

let daemon: TestDaemon;
let client: DeltaClient;
beforeAll(async () => {
  daemon = await startScriptedDaemon();
  client = await daemon.connect();
});
afterAll(async () => {
  client.close();
  await daemon.dispose();
});

/** What is done to one of a few uploads that are open side by side. */
type Step =
  /** The next bytes, as they should come. */
  | { readonly kind: 'next'; readonly upload: number; readonly length: number }
  /** Bytes for another place. */
  | { readonly kind: 'elsewhere'; readonly upload: number; readonly offset: number }
  /** The next byte, changed. */
  | { readonly kind: 'changed'; readonly upload: number }
  | { readonly kind: 'commit'; readonly upload: number };

const sizeBytes = 40;
const uploads = 3;
const upload = fc.nat(uploads - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('next'), upload, length: fc.integer({ min: 1, max: 45 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('elsewhere'), upload, offset: fc.nat(sizeBytes + 5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('changed'), upload }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit'), upload }) },
);

/** The model of one upload. */
interface Expected {
  received: number;
  broken: boolean;
  changed: boolean;
  open: boolean;
  held: boolean;
}

let runs = 0;

async function play(steps: readonly Step[]): Promise<void> {
  const run = runs++;
  const contents = Array.from({ length: uploads }, (_, i) => Buffer.alloc(sizeBytes, `run ${run}, upload ${i}; `));
  const model = contents.map((): Expected => ({ received: 0, broken: false, changed: false, open: true, held: false }));
  const peer = new Peer(await openSocket(daemon.port, daemon.token));
  await peer.request('initialize', { protocol: { ...protocolRange }, client: { name: 'property', version: '0' } });
  for (const [i, bytes] of contents.entries())
    await peer.request('blob.begin', { digest: digestOf(bytes), sizeBytes, uploadId: `u${i}` });
  for (const one of steps) {
    const expected = model[one.upload] as Expected;
    const content = contents[one.upload] as Buffer;
    if (one.kind === 'commit') await commit(peer, one.upload, expected);
    else sendChunk(peer, one, content, expected);
  }
  peer.close();
  const digests = contents.map(digestOf);
  const { missing } = await client.call('blob.have', { digests });
  expect(digests.map((digest) => !missing.includes(digest))).toEqual(model.map(({ held }) => held));
}

function sendChunk(peer: Peer, one: Exclude<Step, { kind: 'commit' }>, content: Buffer, expected: Expected): void {
  const offset = one.kind === 'elsewhere' ? one.offset : expected.received;
  const length = one.kind === 'next' ? one.length : 1;
  const payload = Buffer.alloc(length, 'beyond');
  content.copy(payload, 0, Math.min(offset, sizeBytes), Math.min(offset + length, sizeBytes));
  if (one.kind === 'changed') payload[0] = (payload[0] as number) ^ 1;
  peer.sendFrame({ type: 'uploadChunk', header: { uploadId: `u${one.upload}`, offset }, payload });
  if (offset !== expected.received || offset + length > sizeBytes) expected.broken = true;
  if (expected.broken) return;
  expected.received += length;
  if (one.kind === 'changed') expected.changed = true;
}

async function commit(peer: Peer, index: number, expected: Expected): Promise<void> {
  const answer = await peer.request('blob.commit', { uploadId: `u${index}` }).then(
    () => 'held',
    (error: unknown) => (error as { code: string }).code,
  );
  const incomplete = expected.broken || expected.received < sizeBytes;
  const outcome = incomplete ? 'upload_incomplete' : expected.changed ? 'digest_mismatch' : 'held';
  expect(answer).toBe(expected.open ? outcome : 'upload_unknown');
  if (expected.open) expected.held = outcome === 'held';
  expected.open = false;
}

it('a blob is held if and only if it came whole, in order and as announced', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), (steps) => play(steps)),
    { numRuns: 60 },
  );
  await expect
    .poll(async () =>
      (await readdir(path.join(daemon.dataRoot, 'blobs'))).filter((name) => !name.startsWith('sha256-')),
    )
    .toEqual([]);
});
