/** Adam's bias correction 1 − βᵗ in float32 on onnxruntime: subtracting βᵗ from 1 would lose four digits. */
import { createRunner } from '@deltaspace/daemon';
import {
  biasCorrection,
  Graph,
  serializeModel,
  type Tensor,
  tensorFromNumbers,
  toNumbers,
} from '@deltaspace/onnx-graph';
import { describe, expect, it } from 'vitest';

const steps = [1, 2, 3, 5, 10, 37, 100, 1000, 5000, 20_000, 1_000_000];

describe('biasCorrection', () => {
  for (const beta of [0, 0.5, 0.9, 0.99, 0.999, 0.9999])
    it(`is accurate to float32 for β = ${beta}`, async () => {
      const graph = new Graph();
      graph.output(biasCorrection(beta, graph.input('step', [steps.length])), 'y');
      const runner = await createRunner(serializeModel(graph), { threads: 1 });
      try {
        const { y } = await runner.run({ step: tensorFromNumbers('float32', [steps.length], steps) });
        toNumbers(y as Tensor).forEach((got, k) => {
          const expected = -Math.expm1((steps[k] ?? NaN) * Math.log(beta));
          expect(Math.abs(got - expected) / expected, `step ${steps[k]}`).toBeLessThan(1e-6);
        });
      } finally {
        await runner.dispose();
      }
    });
});
