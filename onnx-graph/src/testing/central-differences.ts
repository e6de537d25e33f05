/**
 * Checks gradients against central differences, (f(x+h) − f(x−h))/2h, in double precision through the reference evaluator.
 *
 * A tensor-valued function becomes a scalar by a dot product with a random cotangent r: f(x) = Σ r·y(x). For second order
 * the function checked is ‖∂f/∂x‖², summed over all inputs, the quantity behind the R1 penalty.
 */
import { gradients } from '../autodiff/gradients.js';
import { Graph, type Value } from '../ir/graph.js';
import { type Shape, sizeOf } from '../ir/shape.js';
import { add, mul, square } from '../ops/elementwise.js';
import { sumAll } from '../ops/reduce.js';
import { evaluate } from './evaluate.js';

/** A point at which to check: numbers for one input, row-major. */
export interface CheckedInput {
  readonly shape: Shape;
  readonly numbers: readonly number[];
}

export interface GradientCheck {
  /** Builds the function from float64 inputs. */
  readonly build: (...inputs: Value[]) => Value;
  readonly inputs: readonly CheckedInput[];
  /** 1: the gradient of f. 2: the gradient of ‖∂f/∂x‖². */
  readonly order?: 1 | 2;
  /** Uniform numbers in [0, 1): they choose the cotangent and the entries checked. */
  readonly random: () => number;
  /** Entries checked per input; all of them when the input is not larger. */
  readonly entriesPerInput?: number;
  /** The step h. */
  readonly stepSize?: number;
}

export interface GradientError {
  /** Largest |analytic − difference|, relative to the largest entry of that input's gradient (at least 1e-3). */
  readonly relative: number;
  /** Where it is: which input, which flat position, and the two numbers. */
  readonly at: string;
}

/** The worst disagreement over the checked entries. The caller compares `relative` with its tolerance. */
export function centralDifferences(check: GradientCheck): GradientError {
  const { inputs, random, entriesPerInput = 16, stepSize = 1e-5 } = check;
  const { scalar, slopes } = buildChecked(check);
  const feeds = Object.fromEntries(inputs.map((input, k) => [`x${k}`, input.numbers] as const));
  const analytic = evaluate(slopes, feeds);
  let worst: GradientError = { relative: 0, at: 'nowhere' };
  inputs.forEach((input, k) => {
    const name = `x${k}`;
    const slope = analytic[k]?.data ?? new Float64Array();
    const scale = slope.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
    for (const position of chooseEntries(sizeOf(input.shape), entriesPerInput, random)) {
      const at = (offset: number) => {
        const moved = input.numbers.map((value, index) => (index === position ? value + offset : value));
        return evaluate([scalar], { ...feeds, [name]: moved })[0]?.data[0] ?? NaN;
      };
      const difference = (at(stepSize) - at(-stepSize)) / (2 * stepSize);
      const error = Math.abs(difference - (slope[position] ?? NaN)) / scale;
      // NaN must win: a comparison with it is never true.
      if (!(error <= worst.relative))
        worst = {
          relative: error,
          at: `input ${k}, entry ${position}: rule ${slope[position]}, difference ${difference}`,
        };
    }
  });
  return worst;
}

/** The scalar to differentiate, and its gradients by our rules. */
function buildChecked({ build, inputs, order = 1, random }: GradientCheck): { scalar: Value; slopes: Value[] } {
  const graph = new Graph('gradient-check');
  const xs = inputs.map((input, k) => graph.input(`x${k}`, input.shape, 'float64'));
  const y = build(...xs);
  const cotangent = Array.from({ length: sizeOf(y.shape) }, () => 0.25 + random());
  const first = sumAll(mul(y, graph.constant(cotangent, y.shape, y.dtype)));
  if (order === 1) return { scalar: first, slopes: gradients(first, xs) };
  const squares = gradients(first, xs).map((slope) => sumAll(square(slope)));
  const scalar = squares.reduce((total, value) => add(total, value));
  return { scalar, slopes: gradients(scalar, xs) };
}

function chooseEntries(size: number, count: number, random: () => number): number[] {
  if (size <= count) return Array.from({ length: size }, (_, position) => position);
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(Math.floor(random() * size));
  return [...chosen];
}
