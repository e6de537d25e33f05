/**
 * What the machine's float32 units deliver through onnxruntime at best: the yardstick for training steps.
 *
 * Four 2048 × 2048 products in a row whose right-hand side is a run-time input, as weights are in training (a constant
 * one would be repacked once and flatter the figure). Only one number leaves the graph, so that no copy is measured.
 */

import { createRunner, type Runner } from '@deltaspace/daemon';
import { Graph, matmul, meanAll, serializeModel, type Tensor } from '@deltaspace/onnx-graph';

const SIZE = 2048;
const PRODUCTS = 4;

/** Arithmetic of one run, in GFLOP. */
export const MATMUL_GFLOP = (PRODUCTS * 2 * SIZE ** 3) / 1e9;

/** A run of the products, to be timed. */
export interface MatMulWorkload {
  run(): Promise<unknown>;
  dispose(): Promise<void>;
}

export async function createMatMulWorkload(): Promise<MatMulWorkload> {
  const graph = new Graph();
  const a = graph.input('a', [SIZE, SIZE]);
  const b = graph.input('b', [SIZE, SIZE]);
  let product = a;
  for (let i = 0; i < PRODUCTS; i++) product = matmul(product, b);
  graph.output(meanAll(product), 'mean');
  const runner: Runner = await createRunner(serializeModel(graph));
  const tensor = (): Tensor => ({
    dtype: 'float32',
    shape: [SIZE, SIZE],
    data: Float32Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(i) / 32), // products keep their magnitude
  });
  const feeds = { a: tensor(), b: tensor() };
  return { run: () => runner.run(feeds), dispose: () => runner.dispose() };
}
