/** What the mappers learn from: which pairs are drawn, what a batch holds of them, and the loss (Eq. 6) by hand. */
import { wPlusLayout } from '@deltaspace/models';
import { declareParameters, Graph, type ParameterSpec, type Tensor } from '@deltaspace/onnx-graph';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../training/index.js';
import { embedDim, mapperConfig, pairSettings } from '../settings.js';
import { validationMetrics } from '../validation.js';
import { styleWidth, wPlusWidth, type ChannelStatistics, type Codes, type EncodedPictures } from './codes.js';
import { drawPair, fillPairs, mapperObjective, mapperTasks } from './mapper.js';

/** Pictures that can be told by the first entry of each code, which is `first` + their number. */
function pictures(count: number, first: number): EncodedPictures {
  const random = new Random(first);
  const coded = (width: number) =>
    Float32Array.from({ length: count * width }, (_, i) =>
      i % width === 0 ? first + i / width : 2 * random.next() - 1,
    );
  const embeddings = Float32Array.from({ length: count * embedDim }, () => random.normal());
  for (let start = 0; start < embeddings.length; start += embedDim) {
    const row = embeddings.subarray(start, start + embedDim);
    row.set(row.map((value) => value / Math.hypot(...row)));
  }
  return { count, styles: coded(styleWidth), wPlus: coded(wPlusWidth), embeddings };
}

const statistics = (width: number, mean: number, std: number): ChannelStatistics => ({
  mean: new Float32Array(width).fill(mean),
  std: new Float32Array(width).fill(std),
  low: new Float32Array(width),
  high: new Float32Array(width),
});

const firstOfPairs = 100;
const codes: Codes = {
  singles: pictures(5, 0),
  pairs: pictures(6, firstOfPairs),
  statistics: statistics(styleWidth, 0.5, 2),
  wPlusStatistics: statistics(wPlusWidth, -1, 4),
};

describe('drawPair', () => {
  const draws = 4000;
  const random = new Random('pairs');
  const drawn = Array.from({ length: draws }, () => drawPair(codes, random));
  const changes = drawn.filter(({ set }) => set === codes.pairs);
  const others = drawn.filter(({ set }) => set === codes.singles);

  it('draws changes as often as the settings say, and random pictures otherwise', () => {
    const deviation = Math.sqrt(pairSettings.changedShare * (1 - pairSettings.changedShare) * draws);
    expect(Math.abs(changes.length - pairSettings.changedShare * draws)).toBeLessThanOrEqual(4 * deviation);
    expect(changes.length + others.length).toBe(draws);
  });

  it('leads every change from the picture before to the one after', () => {
    expect([...new Set(changes.map(({ from, to }) => `${from} ${to}`))].sort()).toEqual(['0 1', '2 3', '4 5']);
  });

  it('draws every two random pictures in either order', () => {
    expect(new Set(others.map(({ from, to }) => `${from} ${to}`)).size).toBe(codes.singles.count ** 2);
  });
});

describe('fillPairs', () => {
  /** One batch, slot by slot, and the pair that its codes tell each slot holds. */
  function batchOf(stage: keyof typeof mapperTasks, slots = 60) {
    const task = mapperTasks[stage];
    const width = task.layout.styleWidth;
    const batch = {
      s: new Float32Array(slots * width),
      condition: new Float32Array(slots * 2 * embedDim),
      target: new Float32Array(slots * width),
    };
    fillPairs(codes, task)(batch, new Random(stage));
    const { mean, std } = task.code === 'styles' ? codes.statistics : codes.wPlusStatistics;
    const raw = (values: Float32Array, slot: number, offset: Float32Array | null) =>
      values.slice(slot * width, (slot + 1) * width).map((v, c) => v * (std[c] as number) + (offset?.[c] ?? 0));
    return Array.from({ length: slots }, (_, slot) => {
      const [here, change] = [raw(batch.s, slot, mean), raw(batch.target, slot, null)];
      const name = Math.round(here[0] as number);
      const [set, first] = name < firstOfPairs ? [codes.singles, 0] : [codes.pairs, firstOfPairs];
      const from = name - first;
      return {
        ...{ here, change, set, from, to: from + Math.round(change[0] as number) },
        codeOf: (index: number) => set[task.code].subarray(index * width, (index + 1) * width),
        embeddingOf: (index: number) => set.embeddings.subarray(index * embedDim, (index + 1) * embedDim),
        condition: batch.condition.subarray(slot * 2 * embedDim, (slot + 1) * 2 * embedDim),
      };
    });
  }
  const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, i) => Math.abs(v - (b[i] as number))));
  // Standardised and back in float32, at magnitudes up to firstOfPairs + 5.
  const rounding = 1e-4;

  it.each(['mapper', 'straightforward', 'wplus'] as const)(
    'gives %s the code and its change, standardised',
    (stage) => {
      const slots = batchOf(stage);
      for (const { here, change, from, to, codeOf } of slots) {
        expect(distance(here, codeOf(from))).toBeLessThan(rounding);
        const expected = codeOf(to).map((value, c) => value - (codeOf(from)[c] as number));
        expect(distance(change, expected)).toBeLessThan(rounding);
      }
      expect(new Set(slots.map(({ set }) => set)).size).toBe(2);
    },
  );

  it.each(['mapper', 'wplus'] as const)('conditions %s on i₁ and the unit difference i₂ − i₁', (stage) => {
    for (const { condition, from, to, embeddingOf } of batchOf(stage)) {
      expect(distance(condition.subarray(0, embedDim), embeddingOf(from))).toBeLessThan(1e-6);
      const direction = condition.subarray(embedDim);
      const difference = embeddingOf(to).map((value, d) => value - (embeddingOf(from)[d] as number));
      const along = direction.reduce((sum, value, d) => sum + value * (difference[d] as number), 0);
      // Noise of the settings' length, if any, is at right angles to Δi but for chance.
      const least = 1 / Math.hypot(1, 1.5 * pairSettings.differenceNoise) - 1e-5;
      expect(along).toBeGreaterThanOrEqual(least * Math.hypot(...difference));
      expect(Math.hypot(...direction)).toBeCloseTo(from === to && pairSettings.differenceNoise === 0 ? 0 : 1, 5);
    }
  });

  it('conditions the straightforward mapper on i₁ and i₂ as they are', () => {
    for (const { condition, from, to, embeddingOf } of batchOf('straightforward')) {
      expect(distance(condition.subarray(0, embedDim), embeddingOf(from))).toBeLessThan(1e-6);
      expect(distance(condition.subarray(embedDim), embeddingOf(to))).toBeLessThan(1e-6);
    }
  });

  it('repeats itself for equal seeds', () => {
    const [first, again] = [batchOf('mapper', 8), batchOf('mapper', 8)];
    expect(first.map(({ from, to }) => [from, to])).toEqual(again.map(({ from, to }) => [from, to]));
  });
});

describe('mapperObjective', () => {
  const layout = wPlusLayout(1, 4);
  const batch = 2;

  function parameters(): readonly ParameterSpec[] {
    const graph = new Graph('parameters');
    const { scope, specs } = declareParameters(graph);
    mapperObjective(graph, scope, { layout, network: mapperConfig }, batch);
    return specs;
  }

  /** The loss where the last layer's bias is all that is not zero: the mapper then predicts the bias for everything. */
  function lossOf(predicted: readonly number[], targets: readonly number[]) {
    const weights = new Map<string, Tensor>();
    for (const { name, shape } of parameters()) {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      if (name === 'fm_coarse.mapping.3.bias') data.set(predicted);
      weights.set(name, { dtype: 'float32', shape, data });
    }
    return validationMetrics({
      build: (inner, bound) => mapperObjective(inner, bound, { layout, network: mapperConfig }, batch),
      weights,
      threads: 1,
      fillBatch: (data) => {
        (data['s'] as Float32Array).fill(0.3);
        (data['condition'] as Float32Array).fill(0.1);
        data['target']?.set(targets as never);
      },
    });
  }

  it('is the mean squared error plus one minus the cosine, the mean over the batch', async () => {
    const { loss, squared, cosine } = await lossOf([1, 0, 2, 0], [1, 0, 2, 0, 0, 3, 0, -1]);
    // Second row: differences 1, 3, 2, 1 and a right angle.
    expect(squared).toBeCloseTo((1 + 9 + 4 + 1) / 8, 5);
    expect(cosine).toBeCloseTo(0.5, 5);
    expect(loss).toBeCloseTo(15 / 8 + 0.5, 5);
  });

  it('is zero for the true change and tells direction apart from size', async () => {
    expect((await lossOf([1, 0, 2, 0], [1, 0, 2, 0, 1, 0, 2, 0])).loss).toBeCloseTo(0, 5);
    const opposite = await lossOf([1, 0, 2, 0], [-1, 0, -2, 0, -1, 0, -2, 0]);
    expect(opposite.loss).toBeCloseTo((4 + 16) / 4 + 2, 4);
  });

  it('takes codes that are standardised already: the network gets no scaling of its own', () => {
    expect(mapperConfig.standardize).toBe(true);
    expect(
      parameters()
        .map(({ name }) => name)
        .filter((name) => name.startsWith('statistics')),
    ).toEqual([]);
  });
});
