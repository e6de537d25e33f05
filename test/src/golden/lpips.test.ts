/** Case 08: LPIPS against the reference implementation, layer by layer. */
import { lpips, type LpipsConfig } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { describe, expect, it } from 'vitest';
import { floats, goldenCase } from './golden-files.js';
import { runGraph } from './run-graph.js';
import { readTorch, stateDict } from './torch-reader.js';

const golden = goldenCase('08_lpips');

describe.skipIf(golden === null)('case 08: LPIPS', () => {
  if (golden === null) return;
  const reference = golden.config as {
    channels: number[];
    shift: LpipsConfig['shift'];
    scale: LpipsConfig['scale'];
    normalise_eps: number;
  };
  const tolerance = golden.tolerance as { distance: number };
  const config: LpipsConfig = { ...reference, epsilon: reference.normalise_eps };
  // The trunk is stored as float16 and computed with in float32, the linear weights are the published ones.
  const weights = new Map([
    ...stateDict(readTorch(golden.bytes('squeezenet_features.pth'))),
    ...stateDict(readTorch(golden.bytes('lpips_squeeze_lin.pth'))),
  ]);
  const [a, b] = [golden.npy('a.npy'), golden.npy('b.npy')];

  const measure = (a: Tensor, b: Tensor): Promise<Record<string, Tensor>> =>
    runGraph(weights, { a, b }, (scope, { a, b }) => ({ ...lpips(scope, config, a!, b!) }));

  const relativeError = (actual: Tensor, expected: Tensor): number => {
    expect(actual.shape).toEqual(expected.shape);
    return Math.max(...floats(expected).map((value, k) => Math.abs(floats(actual)[k]! - value) / value));
  };

  it('finds the distance of every pair, and every layer’s share', async () => {
    const { distance, perLayer } = await measure(a, b);
    expect(relativeError(distance!, golden.npy('distance.npy'))).toBeLessThan(tolerance.distance);
    expect(relativeError(perLayer!, golden.npy('per_layer.npy'))).toBeLessThan(tolerance.distance);
  });

  it('is symmetric, and zero between an image and itself', async () => {
    const { distance } = await measure(b, a);
    expect(relativeError(distance!, golden.npy('distance.npy'))).toBeLessThan(tolerance.distance);
    const { distance: none } = await measure(a, a);
    expect(Math.max(...floats(none!))).toBe(0);
  });
});
