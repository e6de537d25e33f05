/**
 * What the daemon adds to an edit: the time of an edit through the socket (upload, call, download of the result, raw pixels)
 * against the bare sum of the onnxruntime runs it consists of, measured in this process with the same models and threads,
 * in turns of ten with the edits, so that both run warm. Medians, since single requests are short.
 */
import { loadPack, buildNetwork, packFolders, type Pack } from '@deltaspace/models';
import { createRunner, openSocket, type Runner } from '@deltaspace/daemon';
import { sizeOf, type Tensor } from '@deltaspace/onnx-graph';
import { DeltaClient } from '@deltaspace/shared-protocol';
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { deltaspace } from '../fakes/command.js';
import { temporaryFolder } from '../fakes/daemon-process.js';
import type { BenchmarkResult } from './report.js';

const turns = 8;
const perTurn = 10;
/** Floor of the product: an edit of a new layer, everything loaded. */
const floor = 1.5;

export async function benchLatency(): Promise<BenchmarkResult[]> {
  const [folder] = await packFolders();
  if (folder === undefined) return [{ name: 'edit through the socket', value: 'no pack ships' }];
  const pack = await loadPack(folder);
  const dataRoot = await temporaryFolder();
  const started = await deltaspace(['start', '--json'], { dataRoot, cwd: dataRoot });
  if (started.exitCode !== 0) throw new Error(`the daemon did not start: ${started.stderr}`);
  try {
    const client = await connect(dataRoot, (JSON.parse(started.stdout) as { port: number }).port);
    const fresh = await compare(pack, client, true);
    const slider = await compare(pack, client, false);
    client.close();
    return [row('edit of a new layer', fresh, floor), row('slider step (same layer, new strength)', slider)];
  } finally {
    await deltaspace(['stop'], { dataRoot, cwd: dataRoot });
    await rm(dataRoot, { recursive: true, force: true });
  }
}

async function connect(dataRoot: string, port: number): Promise<DeltaClient> {
  const token = (await readFile(path.join(dataRoot, 'token'), 'utf8')).trim();
  return DeltaClient.connect(await openSocket(port, token), {
    name: 'bench',
    version: '0',
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
}

interface Comparison {
  readonly socketMs: number;
  readonly bareMs: number;
}

function row(name: string, { socketMs, bareMs }: Comparison, limit?: number): BenchmarkResult {
  const ratio = socketMs / bareMs;
  return {
    name,
    value: `${socketMs.toFixed(2)} ms through the socket, ${bareMs.toFixed(2)} ms in onnxruntime: ${ratio.toFixed(2)}×`,
    ...(limit === undefined ? {} : { floor: { text: `≤ ${limit}×`, met: ratio <= limit } }),
  };
}

/** Alternates edits through the socket with the bare runs they consist of. */
async function compare(pack: Pack, client: DeltaClient, newLayers: boolean): Promise<Comparison> {
  const side = pack.manifest.resolution;
  const names = newLayers
    ? ['inverter', 'affine', 'clip-image', 'synthesis', 'mapper', 'synthesis']
    : ['mapper', 'synthesis'];
  const bare = await bareRuns(pack, names);
  const layer = new Uint8Array(4 * side * side).map((_, i) => (i % 4 === 3 ? 255 : (i * 7) % 251));
  const times = { socket: [] as number[], bare: [] as number[] };
  let request = 0;
  const edit = async (): Promise<void> => {
    request++;
    if (newLayers) layer[0] = request;
    const digest = await client.upload(layer);
    const { outputs } = await client.call('edit', {
      image: { encoding: 'rgba8', digest, width: side, height: side },
      targets: ['face with sunglasses'],
      strength: 0.5 + request / 100,
      encoding: 'rgba8',
    });
    await client.download(outputs[0]?.image.digest ?? '');
  };
  const runAll = async (): Promise<void> => {
    for (const run of bare) await run();
  };
  for (let turn = 0; turn <= turns; turn++) {
    const [socket, alone] = [await timed(edit), await timed(runAll)];
    if (turn === 0) continue; // loads models and compiles code
    times.socket.push(...socket);
    times.bare.push(...alone);
  }
  return { socketMs: median(times.socket), bareMs: median(times.bare) };
}

/** Milliseconds of each of ten calls in a row. */
async function timed(work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < perTurn; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}

async function bareRuns(pack: Pack, names: readonly string[]): Promise<(() => Promise<unknown>)[]> {
  const runners = new Map<string, Runner>();
  for (const name of new Set(names)) runners.set(name, await createRunner(buildNetwork(pack, name, 1), {}));
  return names.map((name) => {
    const runner = runners.get(name) as Runner;
    const feeds = Object.fromEntries(
      runner.inputs.map((input): [string, Tensor] => {
        const shape = input.shape.map(Number);
        return [input.name, { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)).fill(0.1) }];
      }),
    );
    return () => runner.run(feeds);
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
