/** Lanes against real onnxruntime, in real threads. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Graph, matmul, serializeModel, tanh, type Tensor } from '@deltaspace/onnx-graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLanes, createRunner, type Lanes } from './index.js';

/** Threads run compiled code. */
const entry = pathToFileURL(fileURLToPath(new URL('../../dist/runtime/lane.js', import.meta.url)));

let lanes: Lanes;
beforeAll(() => {
  lanes = createLanes({ entry });
});
afterAll(() => lanes.dispose());

function model(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [4, 8]);
  graph.output(
    tanh(
      matmul(
        x,
        graph.constant(
          Array.from({ length: 64 }, (_, i) => Math.sin(i)),
          [8, 8],
        ),
      ),
    ),
    'y',
  );
  return serializeModel(graph);
}

const feedOf = (seed: number): Tensor => ({
  dtype: 'float32',
  shape: [4, 8],
  data: Float32Array.from({ length: 32 }, (_, i) => Math.cos(seed + i)),
});

describe('lanes', () => {
  it('give what a runner gives, whichever lane a run lands on, and leave the feeds alone', async () => {
    const [here, beside] = [await createRunner(model(), { threads: 1 }), await lanes.open(model())];
    expect([beside.inputs, beside.outputs]).toEqual([here.inputs, here.outputs]);
    const feeds = Array.from({ length: 9 }, (_, seed) => feedOf(seed));
    const results = await Promise.all(feeds.map((x) => beside.run({ x })));
    for (const [seed, { y }] of results.entries()) expect(y).toEqual((await here.run({ x: feedOf(seed) }))['y']);
    expect(feeds).toEqual(Array.from({ length: 9 }, (_, seed) => feedOf(seed)));
    await Promise.all([here.dispose(), beside.dispose()]);
  });

  it('pass on what was wrong, by code', async () => {
    const runner = await lanes.open(model());
    await expect(runner.run({})).rejects.toMatchObject({ code: 'runtime/input-rejected' });
    await expect(lanes.open(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'runtime/model-rejected' });
    await runner.dispose();
    await runner.dispose();
    await expect(runner.run({ x: feedOf(0) })).rejects.toMatchObject({ code: 'runtime/disposed' });
  });

  it('let the caller go on while they compute', async () => {
    const runner = await lanes.open(model());
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    const running = Array.from({ length: 2000 }, (_, seed) => runner.run({ x: feedOf(seed) }));
    await Promise.all(running);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(1);
    await runner.dispose();
  });

  it('notice a thread that does not come back', async () => {
    const deaf = new URL(
      'data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {});',
    );
    const stuck = createLanes({ entry: deaf, longestMs: 20 });
    expect(stuck.isStuck()).toBe(false);
    const opening = stuck.open(model());
    opening.catch(() => undefined);
    expect(stuck.isStuck()).toBe(false);
    await expect.poll(() => stuck.isStuck()).toBe(true);
    await stuck.dispose();
    await expect(opening).rejects.toMatchObject({ code: 'runtime/disposed' });
  });

  it('reject what waits when they end', async () => {
    const ending = createLanes({ entry });
    const runner = await ending.open(model());
    const waiting = runner.run({ x: feedOf(1) });
    waiting.catch(() => undefined);
    await ending.dispose();
    await expect(waiting).rejects.toMatchObject({ code: 'runtime/disposed' });
    await expect(runner.run({ x: feedOf(1) })).rejects.toMatchObject({ code: 'runtime/disposed' });
  });
});
