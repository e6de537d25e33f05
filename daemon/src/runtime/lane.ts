/** A computing thread: its copies of the loaded networks, run in the order in which it is asked. See lanes.ts. */
import { parentPort } from 'node:worker_threads';
import type { Tensor } from '@deltaspace/onnx-graph';
import { messageOf, RuntimeError } from './errors.js';
import type { FromLane, LaneRequest, ToLane } from './lane-messages.js';
import { createRunner, type Runner } from './runner.js';

const runners = new Map<number, Runner>();
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToLane) => {
  last = last.then(() => reply(message));
});

async function reply({ id, ...request }: ToLane): Promise<void> {
  try {
    const value = await handle(request);
    answer({ id, ok: true, value }, request.kind === 'run' ? buffersOf(value as Record<string, Tensor>) : []);
  } catch (error) {
    const code = error instanceof RuntimeError ? error.code : 'runtime/run-failed';
    answer({ id, ok: false, code, message: messageOf(error) }, []);
  }
}

async function handle(request: LaneRequest): Promise<unknown> {
  if (request.kind === 'open') {
    const { model, threads, provider } = request;
    const runner = await createRunner(model, { threads, ...(provider === undefined ? {} : { provider }) });
    runners.set(request.session, runner);
    return { inputs: runner.inputs, outputs: runner.outputs };
  }
  const runner = runners.get(request.session);
  if (runner === undefined) throw new RuntimeError('runtime/disposed', 'the runner was disposed');
  if (request.kind === 'run') return await runner.run(request.feeds);
  runners.delete(request.session);
  return await runner.dispose();
}

/** The memory of results: they are given away, not copied. */
function buffersOf(results: Readonly<Record<string, Tensor>>): ArrayBuffer[] {
  const whole = Object.values(results).filter(({ data }) => data.byteLength === data.buffer.byteLength);
  return [...new Set(whole.map(({ data }) => data.buffer as ArrayBuffer))];
}

function answer(message: FromLane, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}
