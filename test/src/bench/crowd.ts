/**
 * What a client waits for an edit when others edit too: slider steps of one layer each, the next as soon as the last is there.
 * One job runs at a time, so with more clients each waits for the others: the median grows with their number, and what counts is
 * that the slowest is not far from it.
 */
import { createHash } from 'node:crypto';
import { loadPack, packFolders } from '@deltaspace/models';
import { DeltaClient } from '@deltaspace/shared-protocol';
import { startRealDaemon, type RealDaemon } from '../e2e/real-daemon.js';
import { benchLayer, editLayer } from './edit-cases.js';
import { spread } from './percentiles.js';
import type { BenchmarkResult } from './report.js';

const crowds = [1, 8, 64];
/** Edits of all clients together, so that each crowd takes about the same time. */
const editsPerCrowd = 128;

export async function benchCrowd(): Promise<BenchmarkResult[]> {
  const [folder] = await packFolders();
  if (folder === undefined) return [{ name: 'edits of many clients', value: 'no pack ships' }];
  const side = (await loadPack(folder)).manifest.resolution;
  const daemon = await startRealDaemon();
  const clients = [daemon.client];
  try {
    const results: BenchmarkResult[] = [];
    for (const crowd of crowds) {
      while (clients.length < crowd) clients.push(await anotherClient(daemon));
      const times = await editTogether(clients.slice(0, crowd), side);
      results.push({ name: `slider step, ${crowd} ${crowd === 1 ? 'client' : 'clients'}`, value: spread(times) });
    }
    return results;
  } finally {
    for (const client of clients.slice(1)) client.close();
    await daemon.dispose();
  }
}

/** Milliseconds of every edit. Layers are known before the clock runs: a slider moves on a layer that is there. */
async function editTogether(clients: readonly DeltaClient[], side: number): Promise<number[]> {
  const edit = (client: DeltaClient, layer: Uint8Array, step: number): Promise<unknown> =>
    editLayer(client, side, layer, { targets: ['face with sunglasses'], strength: 0.5 + step / 1000 });
  const layers = clients.map((_, index) => benchLayer(side, index + 1));
  await Promise.all(clients.map((client, index) => edit(client, layers[index] as Uint8Array, 0)));
  const times: number[] = [];
  await Promise.all(
    clients.map(async (client, index) => {
      for (let step = 1; step <= editsPerCrowd / clients.length; step++) {
        const start = performance.now();
        await edit(client, layers[index] as Uint8Array, step + clients.length);
        times.push(performance.now() - start);
      }
    }),
  );
  return times;
}

async function anotherClient(daemon: RealDaemon): Promise<DeltaClient> {
  return DeltaClient.connect(await daemon.openSocket(), {
    name: 'bench',
    version: '0',
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
}
