/** Case 04, first part: the forward pass of the Delta Mapper against the reference implementation. */
import { describe, expect, it } from 'vitest';
import { deltaMapper, foldEqualLinear, referenceDeltaMapper, type LevelRange } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { floats, goldenCase, maxAbsDifference, rows } from './golden-files.js';
import { runGraph } from './run-graph.js';
import { stateDict } from './torch-reader.js';

const golden = goldenCase('04_delta_mapper');

describe.skipIf(golden === null)('case 04: Delta Mapper', () => {
  if (golden === null) return;
  const reference = golden.config as {
    coarse: [number, number];
    medium: [number, number];
    fine: number;
    s_total: number;
    cond_dim: number;
  };
  const tolerance = golden.tolerance as { delta_s: number };
  const layout = { levels: levelsOf(reference), styleWidth: reference.s_total };
  const stored = stateDict(golden.torch('net_face.pt'));

  const predict = async (weights: 'folded' | 'equalised', s: Tensor, condition: Tensor): Promise<Float32Array> => {
    const config = { ...referenceDeltaMapper(reference.cond_dim), weights };
    const parameters = weights === 'folded' ? foldEqualLinear(stored) : stored;
    const { delta } = await runGraph(parameters, { s, condition }, (scope, { s, condition }) => ({
      delta: deltaMapper(scope, config, layout, s!, condition!),
    }));
    return floats(delta!);
  };

  it.each(['folded', 'equalised'] as const)('predicts Δs from %s weights', async (weights) => {
    const delta = await predict(weights, golden.npy('s.npy'), golden.npy('cond.npy'));
    expect(maxAbsDifference(delta, floats(golden.npy('delta_s.npy')))).toBeLessThan(tolerance.delta_s);
  });

  it('predicts Δs of the inference example', async () => {
    const delta = await predict('folded', rows(golden.npy('s.npy'), 0, 1), golden.npy('inference_cond.npy'));
    expect(maxAbsDifference(delta, floats(golden.npy('inference_delta_s.npy')))).toBeLessThan(tolerance.delta_s);
  });
});

function levelsOf({
  coarse,
  medium,
  fine,
}: {
  coarse: [number, number];
  medium: [number, number];
  fine: number;
}): LevelRange[] {
  const widths = ([layers, width]: [number, number]): number[] => new Array<number>(layers).fill(width);
  const ranges: [LevelRange['level'], number[]][] = [
    ['coarse', widths(coarse)],
    ['medium', widths(medium)],
    ['fine', [fine]],
  ];
  let offset = 0;
  const present = ranges.filter(([, layerWidths]) => layerWidths.some((width) => width > 0));
  return present.map(([level, layerWidths]) => {
    const width = layerWidths.reduce((a, b) => a + b, 0);
    offset += width;
    return { level, offset: offset - width, width, layerWidths };
  });
}
