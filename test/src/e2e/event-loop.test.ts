/**
 * Whether the daemon's event loop turns while there is work. Turns are counted, not milliseconds: how much may be done in one of
 * them does not depend on the machine.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { encodePng } from '@deltaspace/daemon';
import { protocolLimits, type DeltaClient } from '@deltaspace/shared-protocol';
import { missingBlobs } from '../fakes/ask-for-blobs.js';
import { leaveBlobs } from '../fakes/blob-folder.js';
import { startScriptedDaemon, temporaryFolder, type TestDaemon } from '../fakes/daemon-process.js';
import { exchange, head } from '../fakes/raw-http.js';

let daemon: TestDaemon;
let client: DeltaClient;
afterEach(async () => {
  client.close();
  await daemon.dispose();
});

async function start(folder: string): Promise<void> {
  daemon = await startScriptedDaemon(folder);
  client = await daemon.connect();
}

/** Turns of the daemon's loop during some work. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  const turns = await daemon.countTurns();
  await work();
  return turns();
}

/** How many health checks, one after the other, are answered while some work goes on. */
async function healthChecksDuring(work: Promise<unknown>): Promise<number> {
  const running = { now: true };
  void work.catch(() => undefined).finally(() => (running.now = false));
  const request = head('GET /healthz HTTP/1.1', [['Host', `127.0.0.1:${daemon.port}`]]);
  let answered = 0;
  while (running.now) {
    expect(await exchange(daemon.port, request)).toMatchObject({ status: 200 });
    if (running.now) answered++;
  }
  await work;
  return answered;
}

describe('the event loop of the daemon', () => {
  it('turns at least once per megabyte while blobs of an earlier process are hashed', async () => {
    const folder = await temporaryFolder();
    const [count, megabytes] = [2, 32];
    const digests = leaveBlobs(folder, count, megabytes * 1024 * 1024);
    await start(folder);
    const turns = await turnsDuring(async () => expect(await missingBlobs(client, digests)).toEqual([]));
    expect(turns).toBeGreaterThanOrEqual(count * megabytes);
  });

  it('turns after each blob of a question while small ones are compared, and once per question while they are listed', async () => {
    const folder = await temporaryFolder();
    const digests = leaveBlobs(folder, 4096, 4);
    await start(folder);
    const work = async (): Promise<void> => expect(await missingBlobs(client, digests)).toEqual([]);
    // Questions that come at the same time are worked at side by side.
    const sideBySide = Math.ceil(digests.length / protocolLimits.digestsPerQuery);
    expect(await turnsDuring(work)).toBeGreaterThanOrEqual(digests.length / sideBySide);
    expect(await turnsDuring(work)).toBeGreaterThanOrEqual(sideBySide);
  });

  it('answers health checks while a large image is decoded', async () => {
    await start(await temporaryFolder());
    const side = 1500;
    const data = Uint8Array.from({ length: 4 * side * side }, (_, i) => (i % 4 === 3 ? 255 : (i * i) >> 7));
    const digest = await client.upload(await encodePng({ width: side, height: side, data }));
    const edit = client.call('edit', { image: { encoding: 'file', digest }, targets: ['hat'] });
    expect(await healthChecksDuring(edit)).toBeGreaterThanOrEqual(3);
  });

  it('answers a health check between the chunks of an upload', async () => {
    await start(await temporaryFolder());
    const upload = client.upload(new Uint8Array(64 * protocolLimits.chunkBytes));
    expect(await healthChecksDuring(upload)).toBeGreaterThanOrEqual(3);
  });
});
