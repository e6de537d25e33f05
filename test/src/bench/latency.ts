/**
 * What the daemon adds to an edit: the time of an edit through the socket (upload, call, download of the result, raw pixels)
 * against the bare sum of the onnxruntime runs it consists of, measured in this process with the same models and threads,
 * in turns of ten with the edits, so that both run warm. Medians, since single requests are short; and the fastest of each,
 * which other work on the machine disturbs least.
 */
import { loadPack, buildNetwork, packFolders, type Pack } from '@deltaspace/models';
import { createRunner, type Runner } from '@deltaspace/daemon';
import { sizeOf, type Tensor } from '@deltaspace/onnx-graph';
import type { DeltaClient } from '@deltaspace/shared-protocol';
import { startRealDaemon } from '../e2e/real-daemon.js';
import { benchLayer, editLayer } from './edit-cases.js';
import type { BenchmarkResult } from './report.js';

const turns = 8;
const perTurn = 10;
/** Floor of the product: an edit of a new layer, everything loaded. */
const floor = 1.2;

export async function benchLatency(): Promise<BenchmarkResult[]> {
  const [folder] = await packFolders();
  if (folder === undefined) return [{ name: 'edit through the socket', value: 'no pack ships' }];
  const pack = await loadPack(folder);
  const daemon = await startRealDaemon();
  try {
    const fresh = await compare(pack, daemon.client, true);
    const slider = await compare(pack, daemon.client, false);
    return [...rows('edit of a new layer', fresh, floor), ...rows('slider step (same layer, new strength)', slider)];
  } finally {
    await daemon.dispose();
  }
}

/** Milliseconds of every edit, and of every series of the runs it consists of. */
interface Comparison {
  readonly socket: readonly number[];
  readonly bare: readonly number[];
}

function rows(name: string, { socket, bare }: Comparison, limit?: number): BenchmarkResult[] {
  const row = (how: string, of: (values: readonly number[]) => number): BenchmarkResult => {
    const [socketMs, bareMs] = [of(socket), of(bare)];
    const ratio = socketMs / bareMs;
    return {
      name: `${name}, ${how}`,
      value: `${socketMs.toFixed(2)} ms through the socket, ${bareMs.toFixed(2)} ms in onnxruntime: ${ratio.toFixed(2)}×`,
      ...(limit === undefined ? {} : { floor: { text: `≤ ${limit}×`, met: ratio <= limit } }),
    };
  };
  return [row('median', median), row('fastest', (values) => Math.min(...values))];
}

/** Alternates edits through the socket with the bare runs they consist of. */
async function compare(pack: Pack, client: DeltaClient, newLayers: boolean): Promise<Comparison> {
  const side = pack.manifest.resolution;
  // Both pictures are embedded too, the unedited and the edited one: the answer says how the edit moved it.
  const everyStep = ['synthesis', 'clip-image'];
  const names = newLayers
    ? ['inverter', 'affine', 'clip-image', 'synthesis', 'clip-image', 'mapper', ...everyStep]
    : everyStep;
  const bare = await bareRuns(pack, names);
  const times = { socket: [] as number[], bare: [] as number[] };
  let request = 0;
  const edit = async (): Promise<number> => {
    request++;
    const layer = benchLayer(side, newLayers ? request : 0);
    const start = performance.now();
    await editLayer(client, side, layer, { targets: ['face with sunglasses'], strength: 0.5 + request / 100 });
    return performance.now() - start;
  };
  const runAll = async (): Promise<number> => {
    const start = performance.now();
    for (const run of bare) await run();
    return performance.now() - start;
  };
  for (let turn = 0; turn <= turns; turn++) {
    const [socket, alone] = [await inARow(edit), await inARow(runAll)];
    if (turn === 0) continue; // loads models and compiles code
    times.socket.push(...socket);
    times.bare.push(...alone);
  }
  return times;
}

/** Milliseconds of each of ten calls in a row. */
async function inARow(timed: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < perTurn; i++) times.push(await timed());
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
