/**
 * `npm run bench`: what this machine delivers, against the floors the project sets itself. Prints as it goes; figures are
 * the fastest of repeated runs. Needs about 3 GB of memory and some minutes. Never fails the build: it reports.
 *
 * Usage: node test/dist/bench/main.js [SECTION …]   (all sections without arguments; `sections` has their names)
 */

import { cpus } from 'node:os';
import { benchCrowd } from './crowd.js';
import { benchHealth, benchListing } from './health.js';
import { benchIdleSockets } from './idle-sockets.js';
import { benchLatency } from './latency.js';
import { benchProviders } from './providers.js';
import { benchRenderer } from './renderer.js';
import { formatResults, type BenchmarkResult } from './report.js';
import { benchRestart } from './restart.js';
import { benchThroughput } from './throughput.js';
import { benchTraining } from './training.js';
import { benchUpload } from './upload.js';

const sections: Readonly<Record<string, () => Promise<BenchmarkResult[]>>> = {
  latency: benchLatency,
  throughput: benchThroughput,
  training: benchTraining,
  providers: benchProviders,
  renderer: benchRenderer,
  upload: benchUpload,
  crowd: benchCrowd,
  sockets: benchIdleSockets,
  restart: benchRestart,
  health: benchHealth,
  listing: benchListing,
};

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.filter((name) => !(name in sections));
  if (unknown.length > 0) {
    console.error(`unknown section ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`);
    return 2;
  }
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} hardware threads, Node ${process.version}\n`,
  );
  for (const [name, run] of Object.entries(sections)) {
    if (wanted.length === 0 || wanted.includes(name)) console.log(formatResults(await run()));
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
