/**
 * Whether the daemon answers while there is work: `/healthz` asked every few milliseconds, alone, while images are decoded, while
 * a gigabyte is hashed (blobs of an earlier process, which are compared with their names), and while blobs are listed.
 * What this process asks for itself delays its own clock, so the figures are upper bounds.
 */
import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { encodePng } from '@deltaspace/daemon';
import { startRealDaemon } from '../e2e/real-daemon.js';
import { missingBlobs } from '../fakes/ask-for-blobs.js';
import { leaveBlobs } from '../fakes/blob-folder.js';
import { startScriptedDaemon, temporaryFolder } from '../fakes/daemon-process.js';
import { percentile, spread } from './percentiles.js';
import type { BenchmarkResult } from './report.js';

/** Milliseconds that a health check may take while there is work, in 99 of 100 cases. */
const slowestMs = 50;
const askEveryMs = 2;
const idleMs = 2000;

const hashed = { count: 4, sizeBytes: 256 * 1024 * 1024 };
const listed = { count: 100_000, sizeBytes: 4 };
const decoded = { count: 2, side: 2400 };

export async function benchHealth(): Promise<BenchmarkResult[]> {
  const hashing = await whileBlobsAreAskedFor(hashed, async (port, ask) => [
    row('idle', await healthWhile(port, () => delay(idleMs))),
    row('1 GiB is hashed', await healthWhile(port, ask)),
  ]);
  return [...hashing, await whileImagesDecode()];
}

/** A section of its own: a hundred thousand files take their time. */
export async function benchListing(): Promise<BenchmarkResult[]> {
  return whileBlobsAreAskedFor(listed, async (port, ask) => [
    row(`${listed.count} blobs are compared with their names`, await healthWhile(port, ask)),
    row(`${listed.count} blobs are listed`, await healthWhile(port, ask)),
  ]);
}

/** A daemon in a folder with blobs of an earlier process; `ask` asks it for all of them. */
async function whileBlobsAreAskedFor(
  blobs: { readonly count: number; readonly sizeBytes: number },
  measure: (port: number, ask: () => Promise<unknown>) => Promise<BenchmarkResult[]>,
): Promise<BenchmarkResult[]> {
  const folder = await temporaryFolder();
  const digests = leaveBlobs(folder, blobs.count, blobs.sizeBytes);
  const daemon = await startScriptedDaemon(folder);
  const client = await daemon.connect();
  try {
    return await measure(daemon.port, () => missingBlobs(client, digests));
  } finally {
    client.close();
    await daemon.dispose();
  }
}

async function whileImagesDecode(): Promise<BenchmarkResult> {
  const daemon = await startRealDaemon();
  try {
    const digests: string[] = [];
    for (let mark = 0; mark < decoded.count; mark++) digests.push(await daemon.client.upload(await noisyImage(mark)));
    const times = await healthWhile(daemon.port, async () => {
      for (const digest of digests) {
        await daemon.client.call('edit', { image: { encoding: 'file', digest }, targets: ['face with sunglasses'] });
      }
    });
    return row(`${decoded.count} images of ${decoded.side} × ${decoded.side} pixels are decoded and edited`, times);
  } finally {
    await daemon.dispose();
  }
}

function row(work: string, times: readonly number[]): BenchmarkResult {
  return {
    name: `/healthz, ${work}`,
    value: spread(times),
    floor: { text: `p99 < ${slowestMs} ms`, met: percentile(times, 0.99) < slowestMs },
  };
}

/** Milliseconds of every health check that was asked while the work went on. */
async function healthWhile(port: number, work: () => Promise<unknown>): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  const running = { now: true };
  const asking = (async () => {
    while (running.now) {
      const start = performance.now();
      await checkHealth(port, agent);
      times.push(performance.now() - start);
      await delay(askEveryMs);
    }
  })();
  await work().finally(() => (running.now = false));
  await asking;
  agent.destroy();
  return times;
}

function checkHealth(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/healthz', agent }, (response) => {
      response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error('not healthy'))));
    }).on('error', reject);
  });
}

/** A picture that does not compress to nothing, so that decoding it is work. */
async function noisyImage(mark: number): Promise<Uint8Array> {
  const { side } = decoded;
  const data = new Uint8Array(4 * side * side);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (Math.imul(i + mark, 2654435761) >>> 24) & 63;
  return encodePng({ width: side, height: side, data });
}
