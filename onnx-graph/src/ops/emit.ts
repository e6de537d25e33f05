/**
 * How operator builders add nodes: one inference row per operator says what it returns, so that building, reading a
 * serialised model and rewriting all agree on shapes and types.
 */
import type { Attributes, Graph, Node, Value, ValueType } from '../ir/graph.js';
import type { DType } from '../ir/dtype.js';
import { toNumbers } from '../ir/tensor.js';

/** Result types from inputs and attributes. Throws when they do not fit the operator. */
export type Inference = (inputs: readonly (Value | null)[], attributes: Attributes) => readonly ValueType[];

export type InferenceTable = Readonly<Record<string, Inference>>;

/** A value, or a number that becomes a scalar constant of the partner's dtype. */
export type Operand = Value | number;

/** Adds a node whose result types come from `infer`. */
export function emitNode(
  opType: string,
  infer: Inference,
  inputs: readonly (Value | null)[],
  attributes: Attributes = {},
  domain: Node['domain'] = '',
): Node {
  const graph = graphOf(inputs);
  return graph.addNode(opType, inputs, attributes, infer(inputs, attributes), domain);
}

/** Adds a node with one result and returns it. */
export function emit(
  opType: string,
  infer: Inference,
  inputs: readonly (Value | null)[],
  attributes: Attributes = {},
  domain: Node['domain'] = '',
): Value {
  return first(emitNode(opType, infer, inputs, attributes, domain).outputs);
}

export function graphOf(inputs: readonly (Value | null)[]): Graph {
  const value = inputs.find((input) => input !== null);
  if (!value) throw new Error('an operator needs at least one input');
  return value.graph;
}

/** The input at `index`, which must be present. */
export function required(inputs: readonly (Value | null)[], index: number): Value {
  const value = inputs[index];
  if (!value) throw new Error(`input ${index} is missing`);
  return value;
}

export function first<T>(items: readonly T[]): T {
  const item = items[0];
  if (item === undefined) throw new Error('expected at least one item');
  return item;
}

/** Turns a number into a scalar constant in the graph and dtype of `partner`. */
export function asValue(operand: Operand, partner: Value): Value {
  return typeof operand === 'number' ? partner.graph.constant([operand], [], partner.dtype) : operand;
}

/** An int64 vector constant, the form in which ONNX takes shapes, axes and paddings. */
export function int64Vector(graph: Graph, numbers: readonly number[]): Value {
  return graph.constant(numbers, [numbers.length], 'int64');
}

/** The numbers of an initialiser input. Throws when the input is computed: shapes must be static. */
export function constantNumbers(value: Value): number[] {
  const contents = value.graph.initializers.get(value);
  if (!contents) throw new Error(`${value.name} must be a constant, but it is computed`);
  return toNumbers(contents);
}

export function intAttribute(attributes: Attributes, name: string, fallback?: number): number {
  const attribute = attributes[name];
  if (attribute?.kind === 'int') return attribute.value;
  if (attribute === undefined && fallback !== undefined) return fallback;
  throw new Error(`attribute ${name} must be an int`);
}

export function floatAttribute(attributes: Attributes, name: string, fallback?: number): number {
  const attribute = attributes[name];
  if (attribute?.kind === 'float') return attribute.value;
  if (attribute === undefined && fallback !== undefined) return fallback;
  throw new Error(`attribute ${name} must be a float`);
}

export function intsAttribute(attributes: Attributes, name: string, fallback?: readonly number[]): readonly number[] {
  const attribute = attributes[name];
  if (attribute?.kind === 'ints') return attribute.value;
  if (attribute === undefined && fallback !== undefined) return fallback;
  throw new Error(`attribute ${name} must be a list of ints`);
}

export function stringAttribute(attributes: Attributes, name: string, fallback?: string): string {
  const attribute = attributes[name];
  if (attribute?.kind === 'string') return attribute.value;
  if (attribute === undefined && fallback !== undefined) return fallback;
  throw new Error(`attribute ${name} must be a string`);
}

/** Inference of operators that return the type of their first input. */
export const likeFirst: Inference = (inputs) => [required(inputs, 0)];

/** Checks that two values have one dtype and returns it. */
export function commonDType(opType: string, a: Value, b: Value): DType {
  if (a.dtype !== b.dtype) throw new Error(`${opType}: ${a.name} is ${a.dtype} but ${b.name} is ${b.dtype}`);
  return a.dtype;
}
