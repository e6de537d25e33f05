/**
 * The graph: nodes in creation order, which is a topological order, over statically typed values.
 *
 * Why our own: training needs graphs that differentiate into graphs. The graph only grows (passes make new graphs, see
 * `passes/rewrite.ts`); it knows nothing of protobuf, of gradients or of how an operator infers its result.
 *
 * Central types: `Graph`, `Node`, `Value`.
 */
import type { DType } from './dtype.js';
import { formatShape, type Shape } from './shape.js';
import { tensorFromNumbers, type Tensor } from './tensor.js';

/** A node attribute, tagged with its ONNX kind. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] };

export type Attributes = Readonly<Record<string, Attribute>>;

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const string = (value: string): Attribute => ({ kind: 'string', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });

/** What an operator says of one of its results. */
export interface ValueType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One tensor flowing through a graph. Immutable except for its name, which `Graph.output` may set. */
export class Value implements ValueType {
  constructor(
    readonly graph: Graph,
    /** Creation number: a value's id is larger than the ids of everything it depends on. */
    readonly id: number,
    public name: string,
    readonly shape: Shape,
    readonly dtype: DType,
    /** The node that computes it; null for inputs and initialisers. */
    readonly producer: Node | null,
  ) {}

  toString(): string {
    return `${this.name}: ${this.dtype}${formatShape(this.shape)}`;
  }
}

/** One application of an operator. Domain `''` is ONNX; `deltaspace` marks operators lowered before serialisation. */
export interface Node {
  readonly opType: string;
  readonly domain: '' | 'deltaspace';
  /** `null` stands for an omitted optional input. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly initializers = new Map<Value, Tensor>();
  private nextId = 0;
  /** Every name in use. Names that we made up ourselves give way to a caller who wants one of them. */
  private readonly names = new Map<string, Value>();
  private readonly madeUp = new Set<Value>();
  private readonly smallConstants = new Map<string, Value>();

  constructor(readonly name = 'graph') {}

  /** Declares an input. Throws when the name is taken. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
    this.claim(name);
    const value = this.newValue(name, { shape, dtype }, null);
    this.inputs.push(value);
    return value;
  }

  /** Adds an initialiser. The graph shares the tensor's array. Throws when the name is taken. */
  initializer(name: string, contents: Tensor): Value {
    this.claim(name);
    const value = this.newValue(name, contents, null);
    this.initializers.set(value, contents);
    return value;
  }

  /** An unnamed constant; small equal ones are shared. */
  constant(numbers: ArrayLike<number>, shape: Shape, dtype: DType = 'float32'): Value {
    const key = numbers.length <= 64 ? `${dtype}${formatShape(shape)}${Array.from(numbers).join()}` : null;
    const known = key === null ? undefined : this.smallConstants.get(key);
    if (known) return known;
    const contents = tensorFromNumbers(dtype, shape, numbers);
    const value = this.newUnnamed('constant', contents, null);
    this.initializers.set(value, contents);
    if (key !== null) this.smallConstants.set(key, value);
    return value;
  }

  /** Appends a node with results of the given types. Inputs must belong to this graph. */
  addNode(
    opType: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes,
    types: readonly ValueType[],
    domain: Node['domain'] = '',
  ): Node {
    for (const input of inputs)
      if (input && input.graph !== this) throw new Error(`${opType}: input ${input.name} belongs to another graph`);
    const outputs: Value[] = [];
    const node: Node = { opType, domain, inputs, outputs, attributes };
    for (const type of types) outputs.push(this.newUnnamed(opType, type, node));
    this.nodes.push(node);
    return node;
  }

  /**
   * Makes a value an output under `name`. A value that is an input, an initialiser or already an output is copied. Throws
   * when the name is taken or the value is another graph's.
   */
  output(value: Value, name: string): Value {
    if (value.graph !== this) throw new Error(`output ${name}: ${value.name} belongs to another graph`);
    const mustCopy = value.producer === null || this.outputs.includes(value);
    const result = mustCopy ? this.copyOf(value) : value;
    if (result.name !== name) {
      this.claim(name);
      this.rename(result, name);
    }
    this.madeUp.delete(result);
    this.outputs.push(result);
    return result;
  }

  private copyOf(value: Value): Value {
    const copy = this.addNode('Identity', [value], {}, [value]).outputs[0];
    if (!copy) throw new Error('Identity has one result');
    return copy;
  }

  private newValue(name: string, type: ValueType, producer: Node | null): Value {
    const value = new Value(this, this.nextId++, name, type.shape, type.dtype, producer);
    this.names.set(name, value);
    return value;
  }

  private newUnnamed(stem: string, type: ValueType, producer: Node | null): Value {
    const value = this.newValue(this.freeName(stem), type, producer);
    this.madeUp.add(value);
    return value;
  }

  /** `stem_ID`, with more appended until nobody has it. */
  private freeName(stem: string): string {
    let name = `${stem}_${this.nextId}`;
    while (this.names.has(name)) name += '_';
    return name;
  }

  private rename(value: Value, name: string): void {
    this.names.delete(value.name);
    value.name = name;
    this.names.set(name, value);
  }

  /** Makes a name available, or throws when a caller chose it before. */
  private claim(name: string): void {
    const holder = this.names.get(name);
    if (!holder) return;
    if (!this.madeUp.has(holder)) throw new Error(`graph ${this.name} already has a value named ${name}`);
    this.rename(holder, this.freeName(name));
  }
}
