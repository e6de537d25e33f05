/**
 * Assembles one training step as a single graph: forward pass, loss, gradients, optimiser, averages.
 *
 * Names (the contract with the runtime): inputs `parameter/N`, `firstMoment/N`, `secondMoment/N`, `average/N`, the scalars
 * `learningRate` and `step` (float32, 1-based), and the data inputs that the build function declared; outputs `next/…` for
 * every piece of state and `metric/M`. With placement `host` there is no optimiser in the graph: the outputs are
 * `gradient/N`, and the host applies the same update (for large networks, whose in-graph update is bound by memory traffic).
 *
 * Not here: data order, learning-rate values, running anything.
 */
import { Graph, type Value } from '../ir/graph.js';
import type { DType } from '../ir/dtype.js';
import type { Shape } from '../ir/shape.js';
import { gradients } from '../autodiff/gradients.js';
import { declareParameters, type ParameterScope, type ParameterSpec } from '../parameters.js';
import { countFlops } from '../passes/flops.js';
import { type AdamOptions, adamFactors, adamUpdate, clipByGlobalNorm, movingAverage } from './adam.js';

/** State kept per parameter between steps. */
export type Slot = 'parameter' | 'firstMoment' | 'secondMoment' | 'average';

/** What a network's training needs to say: its loss, a scalar, and other scalars worth logging. */
export interface Objective {
  readonly loss: Value;
  readonly metrics?: Readonly<Record<string, Value>>;
}

export interface TrainingStepOptions {
  readonly build: (graph: Graph, scope: ParameterScope) => Objective;
  readonly optimizer: AdamOptions;
  /** Keep an exponential moving average of the weights. */
  readonly ema?: { readonly decay: number };
  /** Limit on the global gradient norm. */
  readonly clipNorm?: number;
  /** Parameters that only feed the forward pass, besides those whose learning rate scale is 0. */
  readonly frozen?: (name: string) => boolean;
  readonly placement?: 'graph' | 'host';
}

export interface TrainedParameter extends ParameterSpec {
  readonly learningRateScale: number;
  readonly frozen: boolean;
}

export interface InputSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

export interface TrainingStep {
  readonly graph: Graph;
  readonly parameters: readonly TrainedParameter[];
  readonly data: readonly InputSpec[];
  /** Scalar outputs `metric/NAME`; `loss` is always first. */
  readonly metrics: readonly string[];
  readonly slots: readonly Slot[];
  readonly optimizer: AdamOptions;
  readonly placement: 'graph' | 'host';
  /** Decay of the moving average of the weights; null when none is kept. */
  readonly averageDecay: number | null;
  /** Arithmetic of the matrix products and convolutions, forward and backward, per step. */
  readonly flopsPerStep: number;
}

/** Builds the step. Throws when the loss is not a scalar or an operator has no gradient rule. */
export function buildTrainingStep(options: TrainingStepOptions): TrainingStep {
  const graph = new Graph('training-step');
  const { scope, specs, values } = declareParameters(graph);
  const objective = options.build(graph, scope);
  const parameters = specs.map((spec) => ({
    ...spec,
    learningRateScale: spec.init.learningRateScale ?? 1,
    frozen: spec.init.learningRateScale === 0 || (options.frozen?.(spec.name) ?? false),
  }));
  const data = graph.inputs.filter((input) => !input.name.startsWith('parameter/'));
  const trained = parameters.filter((parameter) => !parameter.frozen);
  const valueOf = (name: string) => values.get(name) as Value;
  const raw = gradients(
    objective.loss,
    trained.map(({ name }) => valueOf(name)),
  );
  const clipped = options.clipNorm === undefined ? raw : clipByGlobalNorm(raw, options.clipNorm);
  const placement = options.placement ?? 'graph';
  if (placement === 'graph') addOptimizer(graph, trained, clipped, valueOf, options);
  else trained.forEach(({ name }, k) => graph.output(clipped[k] as Value, `gradient/${name}`));
  const metrics = { loss: objective.loss, ...objective.metrics };
  for (const [name, value] of Object.entries(metrics)) graph.output(value, `metric/${name}`);
  return {
    graph,
    parameters,
    data: data.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    metrics: Object.keys(metrics),
    slots: ['parameter', 'firstMoment', 'secondMoment', ...(options.ema ? (['average'] as const) : [])],
    optimizer: options.optimizer,
    placement,
    averageDecay: options.ema?.decay ?? null,
    flopsPerStep: countFlops(graph),
  };
}

function addOptimizer(
  graph: Graph,
  trained: readonly TrainedParameter[],
  gradientOf: readonly Value[],
  valueOf: (name: string) => Value,
  { optimizer, ema }: TrainingStepOptions,
): void {
  const factors = adamFactors(optimizer, graph.input('learningRate', []), graph.input('step', []));
  trained.forEach(({ name, shape, learningRateScale }, k) => {
    const state = {
      parameter: valueOf(name),
      firstMoment: graph.input(`firstMoment/${name}`, shape),
      secondMoment: graph.input(`secondMoment/${name}`, shape),
    };
    const next = adamUpdate(state, gradientOf[k] as Value, factors, optimizer, learningRateScale);
    for (const [slot, value] of Object.entries(next)) graph.output(value as Value, `next/${slot}/${name}`);
    if (ema) {
      const average = movingAverage(graph.input(`average/${name}`, shape), next.parameter, ema.decay);
      graph.output(average, `next/average/${name}`);
    }
  });
}
