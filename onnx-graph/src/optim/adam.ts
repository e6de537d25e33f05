/**
 * Adam (Kingma & Ba 2015, Algorithm 1) and AdamW (decoupled weight decay, Loshchilov & Hutter 2019) as graph fragments,
 * with clipping by global norm and an exponential moving average of the weights.
 */
import type { Value } from '../ir/graph.js';
import { add, div, minimum, mul, neg, sqrt, square, sub, tanh } from '../ops/elementwise.js';
import { sumAll } from '../ops/reduce.js';

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled decay per unit of learning rate (AdamW); 0 is Adam. */
  readonly weightDecay?: number;
}

export interface AdamState {
  readonly parameter: Value;
  readonly firstMoment: Value;
  readonly secondMoment: Value;
}

/** Factors shared by all tensors of one step. Scalars. */
export interface AdamFactors {
  /** learning rate · √(1−β₂ᵗ)/(1−β₁ᵗ) */
  readonly stepSize: Value;
  /** ε·√(1−β₂ᵗ), which moves the bias correction of the second moment out of the per-element work. */
  readonly epsilon: Value;
  readonly learningRate: Value;
}

/**
 * 1 − βᵗ for a 1-based step t. Written with tanh, since 1 − exp(x) = −2u/(1−u) with u = tanh(x/2): subtracting βᵗ from 1
 * directly loses four digits for β = 0.999 in float32.
 */
export function biasCorrection(beta: number, step: Value): Value {
  const u = tanh(mul(step, Math.log(beta) / 2));
  return div(mul(neg(u), 2), sub(1, u));
}

export function adamFactors(options: AdamOptions, learningRate: Value, step: Value): AdamFactors {
  const rootSecond = sqrt(biasCorrection(options.beta2, step));
  return {
    stepSize: div(mul(learningRate, rootSecond), biasCorrection(options.beta1, step)),
    epsilon: mul(rootSecond, options.epsilon),
    learningRate,
  };
}

/** One Adam update of one tensor. `learningRateScale` multiplies the learning rate of this tensor only. */
export function adamUpdate(
  state: AdamState,
  gradient: Value,
  factors: AdamFactors,
  options: AdamOptions,
  learningRateScale = 1,
): AdamState {
  const { beta1, beta2, weightDecay = 0 } = options;
  const firstMoment = add(mul(state.firstMoment, beta1), mul(gradient, 1 - beta1));
  const secondMoment = add(mul(state.secondMoment, beta2), mul(square(gradient), 1 - beta2));
  const scaled = (value: Value) => (learningRateScale === 1 ? value : mul(value, learningRateScale));
  const step = mul(div(firstMoment, add(sqrt(secondMoment), factors.epsilon)), scaled(factors.stepSize));
  const decayed =
    weightDecay === 0 ? state.parameter : mul(state.parameter, sub(1, mul(scaled(factors.learningRate), weightDecay)));
  return { parameter: sub(decayed, step), firstMoment, secondMoment };
}

/** Scales all gradients down together when their common L2 norm exceeds `limit`. */
export function clipByGlobalNorm(gradients: readonly Value[], limit: number): Value[] {
  const total = gradients.map((gradient) => sumAll(square(gradient))).reduce((a, b) => add(a, b));
  const factor = minimum(div(limit, add(sqrt(total), 1e-6)), 1);
  return gradients.map((gradient) => mul(gradient, factor));
}

/** average + (1 − decay)·(parameter − average). */
export function movingAverage(average: Value, parameter: Value, decay: number): Value {
  return add(average, mul(sub(parameter, average), 1 - decay));
}
