/**
 * What a stage has learnt, measured on avatars of the validation split: the means of its own loss and metrics over a few
 * batches that no training step has seen. The batches are the same in every run, so the figures of two runs compare.
 *
 * Not here: the figures that a finished pack is judged by (evaluation/, on the test split).
 */
import {
  bindParameters,
  createTypedArray,
  Graph,
  serializeModel,
  sizeOf,
  type Tensor,
  type TrainingStepOptions,
} from '@deltaspace/onnx-graph';
import { createRunner } from '../../runtime/index.js';
import { Random, type TrainOptions } from '../../training/index.js';

const batchCount = 8;
const seed = 1;

export interface ValidationOptions {
  /** The objective that was trained. */
  readonly build: TrainingStepOptions['build'];
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Fills a batch with validation avatars. */
  readonly fillBatch: TrainOptions['fillBatch'];
  readonly threads?: number;
}

/** Mean of `loss` and of every metric, by name. */
export async function validationMetrics(options: ValidationOptions): Promise<Record<string, number>> {
  const graph = new Graph('validation');
  const { loss, metrics } = options.build(graph, bindParameters(graph, options.weights));
  for (const [name, value] of Object.entries({ loss, ...metrics })) graph.output(value, `metric/${name}`);
  const runner = await createRunner(
    serializeModel(graph),
    options.threads === undefined ? {} : { threads: options.threads },
  );
  const feeds = Object.fromEntries(
    runner.inputs.map(({ name, dtype, shape }): [string, Tensor] => [
      name,
      { dtype, shape, data: createTypedArray(dtype, sizeOf(shape)) },
    ]),
  );
  const buffers = Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data]));
  const random = new Random(seed);
  const means: Record<string, number> = {};
  for (let batch = 1; batch <= batchCount; batch++) {
    await options.fillBatch(buffers, random, batch);
    for (const [output, { data }] of Object.entries(await runner.run(feeds))) {
      const name = output.slice('metric/'.length);
      means[name] = (means[name] ?? 0) + Number(data[0]) / batchCount;
    }
  }
  await runner.dispose();
  return means;
}
