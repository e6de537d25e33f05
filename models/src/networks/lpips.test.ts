import { declareParameters, gradients, Graph, sizeOf, sumAll, type ParameterSpec } from '@deltaspace/onnx-graph';
import { evaluate } from '@deltaspace/onnx-graph/testing';
import { describe, expect, it } from 'vitest';
import { lpips, lpipsSqueeze, type LpipsConfig } from './lpips.js';

const tiny: LpipsConfig = { ...lpipsSqueeze, channels: [3, 8, 8, 8, 8, 8, 8] };
const side = 17;
const pixels = 3 * side * side;

function build(config: LpipsConfig, height = side, width = side) {
  const graph = new Graph('test');
  const { scope, specs } = declareParameters(graph);
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, [1, 3, height, width]));
  return { specs, a: a!, ...lpips(scope, config, a!, b!) };
}

const weights = (specs: readonly ParameterSpec[], scale: number): Record<string, number[]> =>
  Object.fromEntries(
    specs.map(({ name, shape }, k) => [
      `parameter/${name}`,
      Array.from({ length: sizeOf(shape) }, (_, i) =>
        name.startsWith('lin') ? 0.1 * (1 + (i % 3)) : scale * Math.sin(5 * i + k),
      ),
    ]),
  );
const picture = (seed: number): number[] => Array.from({ length: pixels }, (_, i) => Math.sin(seed + i * seed));

describe('LPIPS', () => {
  it('has the parameters of the published SqueezeNet 1.1 trunk and of its weights', () => {
    const { specs } = build(lpipsSqueeze, 64, 64);
    const count = (pattern: RegExp): number =>
      specs.filter(({ name }) => pattern.test(name)).reduce((total, { shape }) => total + sizeOf(shape), 0);
    expect(count(/^features\./)).toBe(722_496); // torchvision's 1 235 496 less the classifier's 513 000
    expect(count(/^lin\d\.model\.1\.weight$/)).toBe(2240);
    const modules = new Set(specs.flatMap(({ name }) => /^features\.\d+/.exec(name) ?? []));
    expect([...modules]).toEqual([0, 3, 4, 6, 7, 9, 10, 11, 12].map((k) => `features.${k}`));
  });

  it('is the sum of its layers, symmetric, and zero between equal images', () => {
    const { specs, distance, perLayer } = build(tiny);
    const measure = (a: number[], b: number[]) =>
      evaluate([distance, perLayer], { ...weights(specs, 0.7), a, b }).map(({ data }) => [...data]);
    const [[total], layers] = measure(picture(1), picture(2)) as [[number], number[]];
    expect(total).toBeGreaterThan(0);
    expect(layers).toHaveLength(7);
    expect(layers.reduce((sum, layer) => sum + layer)).toBeCloseTo(total, 12);
    expect(measure(picture(2), picture(1))[0]![0]).toBeCloseTo(total, 12);
    expect(measure(picture(1), picture(1))[0]).toEqual([0]);
  });

  it('has a finite gradient where no feature is active', () => {
    const { specs, distance, a } = build(tiny);
    const [slope] = gradients(sumAll(distance), [a]);
    const [result] = evaluate([slope!], { ...weights(specs, 0), a: picture(1), b: picture(2) });
    expect([...result!.data].every((value) => value === 0)).toBe(true);
  });

  it('refuses pairs of different sizes and images that are too small', () => {
    const graph = new Graph('test');
    const { scope } = declareParameters(graph);
    const [large, wide] = [graph.input('a', [1, 3, 32, 32]), graph.input('b', [1, 3, 32, 40])];
    expect(() => lpips(scope, tiny, large, wide)).toThrow('expected shape');
    expect(() => build(tiny, 16, 40)).toThrow('16×40 px');
    expect(() => build({ ...tiny, channels: [8, 8] })).toThrow('2 feature maps');
  });
});
