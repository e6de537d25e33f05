/**
 * Where a network's weights come from. A network builder asks a `ParameterScope` for every weight it needs; in training the
 * scope declares graph inputs and remembers how to initialise them, in inference it binds tensors from a pack. One builder
 * therefore serves both, and the names in a pack are the names in the training checkpoint.
 */
import type { Graph, Value } from './ir/graph.js';
import { assertShape, sizeOf, type Shape } from './ir/shape.js';
import type { Tensor } from './ir/tensor.js';

/** Initial contents of a weight, and the factor on its learning rate (StyleGAN's equalised learning rates). */
export type Initialization = (
  { readonly kind: 'constant'; readonly value: number } | { readonly kind: 'normal'; readonly std: number }
) & { readonly learningRateScale?: number };

/** Returns the value of the named weight. Asking twice for one name returns the same value. */
export type ParameterScope = (name: string, shape: Shape, init: Initialization) => Value;

export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly init: Initialization;
}

/** Prefixes every name: `prefixed(scope, 'inverter')` turns `head.weight` into `inverter.head.weight`. */
export function prefixed(scope: ParameterScope, prefix: string): ParameterScope {
  return (name, shape, init) => scope(`${prefix}.${name}`, shape, init);
}

/** For training: every weight becomes a float32 graph input `parameter/NAME`. `specs` fills as the network is built. */
export function declareParameters(graph: Graph): {
  scope: ParameterScope;
  specs: ParameterSpec[];
  values: Map<string, Value>;
} {
  const specs: ParameterSpec[] = [];
  const values = new Map<string, Value>();
  const scope: ParameterScope = (name, shape, init) => {
    const known = values.get(name);
    if (known) {
      assertShape(`parameter ${name}, asked for a second time,`, shape, known.shape);
      return known;
    }
    const value = graph.input(`parameter/${name}`, shape);
    values.set(name, value);
    specs.push({ name, shape, init });
    return value;
  };
  return { scope, specs, values };
}

/** For inference: weights are initialisers. Throws when one is missing or has another shape; extra tensors are ignored. */
export function bindParameters(graph: Graph, tensors: ReadonlyMap<string, Tensor>): ParameterScope {
  const values = new Map<string, Value>();
  return (name, shape) => {
    const known = values.get(name);
    if (known) return known;
    const contents = tensors.get(name);
    if (!contents) throw new Error(`weight ${name} is missing; the network expects shape [${shape.join(', ')}]`);
    assertShape(`weight ${name}`, contents.shape, shape);
    const value = graph.initializer(name, contents);
    values.set(name, value);
    return value;
  };
}

/** Fresh float32 weights. `normal` returns one standard normal number per call, so equal seeds give equal weights. */
export function initializeParameters(specs: readonly ParameterSpec[], normal: () => number): Map<string, Tensor> {
  const contents = (spec: ParameterSpec): Tensor => {
    const data = new Float32Array(sizeOf(spec.shape));
    const { init } = spec;
    if (init.kind === 'constant') data.fill(init.value);
    else for (let i = 0; i < data.length; i++) data[i] = normal() * init.std;
    return { dtype: 'float32', shape: spec.shape, data };
  };
  return new Map(specs.map((spec) => [spec.name, contents(spec)]));
}
