/** How long a daemon takes from its fork to an open port, with an empty store and with many jobs in it, in turns. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { SqliteJobStore } from '@deltaspace/daemon/testing';
import { startScriptedDaemon, temporaryFolder } from '../fakes/daemon-process.js';
import { percentile } from './percentiles.js';
import type { BenchmarkResult } from './report.js';

const jobCount = 10_000;
const rounds = 5;

export async function benchRestart(): Promise<BenchmarkResult[]> {
  const times = { empty: [] as number[], full: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const kind of ['empty', 'full'] as const) {
      const folder = await temporaryFolder();
      await mkdir(folder, { recursive: true });
      if (kind === 'full') fillStore(path.join(folder, 'jobs.db'));
      const start = performance.now();
      const daemon = await startScriptedDaemon(folder);
      times[kind].push(performance.now() - start);
      await daemon.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  }
  const [empty, full] = [percentile(times.empty, 0.5), percentile(times.full, 0.5)];
  return [
    {
      name: `restart with ${jobCount} jobs in the store`,
      value: `${full.toFixed(0)} ms, with none ${empty.toFixed(0)} ms: ${(full / empty).toFixed(2)}×`,
    },
  ];
}

/** Jobs that ended with a result, of a store that keeps more of them than a daemon does. */
function fillStore(file: string): void {
  const store = SqliteJobStore.open(file, { finishedKept: jobCount, forgottenAtOnce: 1 }, Date.now());
  for (let count = 0; count < jobCount; count++) {
    const queued = store.add({
      id: `job-${count}`,
      owner: 'user',
      request: { kind: 'run', params: { pack: 'p', network: 'n', inputs: {} } },
      fingerprint: 'f',
      priority: 'bulk',
      onDisconnect: 'keep',
      queuedAtMs: 1,
    });
    store.update(queued, { state: 'succeeded', result: { outputs: {}, timingsMs: {} } });
  }
  store.close();
}
