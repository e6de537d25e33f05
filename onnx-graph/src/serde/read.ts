/**
 * ONNX `ModelProto` bytes → graph, for the operators we know. Strict: unknown operators, attributes, domains and opsets,
 * dynamic dimensions, subgraphs, functions, sparse initialisers, duplicate names and sizes that do not fit are refused with a
 * reason; nothing is guessed.
 */
import { dtypeFromOnnx } from '../ir/dtype.js';
import type { DType } from '../ir/dtype.js';
import { type Attribute, type Attributes, Graph, type Value } from '../ir/graph.js';
import { assertShape, type Shape } from '../ir/shape.js';
import { inferenceOf } from '../ops/inference.js';
import { checkAttributes } from './attribute-rules.js';
import { collect, type Fields } from './fields.js';
import { asModelError, ModelError } from './model-error.js';
import { checkCount, checkDimensions, defaultModelLimits, type ModelLimits } from './model-limits.js';
import { type ExternalReader, readTensor } from './read-tensor.js';

/**
 * Opsets whose operators mean what ours mean. Before 18 some took as attributes what are inputs now (`axes` of ReduceMean):
 * such nodes are refused by attribute-rules.ts. Before 13 the same word could mean something else (Softmax).
 */
export const oldestOpset = 13;
export const newestOpset = 22;

export interface ParseOptions {
  /** Returns `length` bytes of an external data file. Absent: external data is refused. */
  readonly readExternal?: ExternalReader;
  readonly limits?: Partial<ModelLimits>;
}

/** Rebuilds the graph of a serialised model. Throws ModelError with the reason when the bytes are no model of our kind. */
export function parseModel(bytes: Uint8Array, options: ParseOptions = {}): Graph {
  try {
    return readModel(bytes, { ...defaultModelLimits, ...options.limits }, options.readExternal);
  } catch (thrown) {
    throw asModelError(thrown);
  }
}

function readModel(bytes: Uint8Array, limits: ModelLimits, readExternal?: ExternalReader): Graph {
  const model = collect(bytes);
  const body = model.message(7);
  if (!body) throw new ModelError('model/damaged', 'not an ONNX model: it has no graph');
  if (model.bytes(25).length > 0) throw new ModelError('model/unsupported', 'model-local functions are not supported');
  checkOpsets(model);
  const fields = collect(body);
  if (fields.bytes(15).length > 0) throw new ModelError('model/unsupported', 'sparse initialisers are not supported');
  checkCount('initialisers', fields.bytes(5).length, limits.maxInitializers);
  checkCount('inputs', fields.bytes(11).length, limits.maxPorts);
  checkCount('outputs', fields.bytes(12).length, limits.maxPorts);
  checkCount('nodes', fields.bytes(1).length, limits.maxNodes);
  const graph = new Graph(fields.text(2) ?? 'graph');
  const values = new Map<string, Value>();
  const define = (name: string, value: Value) => {
    if (name === '' || values.has(name))
      throw new ModelError('model/inconsistent', `the model defines ${JSON.stringify(name)} twice or unnamed`);
    values.set(name, value);
  };
  for (const entry of fields.bytes(5)) {
    const { name, contents } = readTensor(entry, limits, readExternal);
    define(name, graph.initializer(name, contents));
  }
  for (const entry of fields.bytes(11)) readInput(entry, limits, graph, values, define);
  for (const entry of fields.bytes(1)) readNode(entry, limits, graph, values, define);
  for (const entry of fields.bytes(12)) readOutput(entry, limits, graph, values);
  return graph;
}

function checkOpsets(model: Fields): void {
  const imports = model.bytes(8).map((entry) => {
    const fields = collect(entry);
    return { domain: fields.text(1) ?? '', version: fields.integer(2) };
  });
  const own = imports.filter(({ domain }) => domain === '' || domain === 'ai.onnx');
  const version = own[0]?.version;
  if (own.length !== 1 || version === undefined)
    throw new ModelError('model/unsupported', `the model imports ${own.length} ONNX opsets, expected 1`);
  if (version < oldestOpset || version > newestOpset)
    throw new ModelError(
      'model/unsupported',
      `opset ${version} is not supported, expected ${oldestOpset} to ${newestOpset}`,
    );
}

/** Declares an input. Older writers list initialisers among the inputs too: those must agree. */
function readInput(
  entry: Uint8Array,
  limits: ModelLimits,
  graph: Graph,
  values: ReadonlyMap<string, Value>,
  define: (name: string, value: Value) => void,
): void {
  const { name, shape, dtype } = readValueInfo(entry, limits);
  const known = values.get(name);
  if (known && graph.initializers.has(known)) checkType(`input ${name}`, known, shape, dtype);
  else define(name, graph.input(name, shape, dtype));
}

function readOutput(entry: Uint8Array, limits: ModelLimits, graph: Graph, values: ReadonlyMap<string, Value>): void {
  const { name, shape, dtype } = readValueInfo(entry, limits);
  const value = values.get(name);
  if (!value) throw new ModelError('model/inconsistent', `the model returns ${name} but does not compute it`);
  checkType(`output ${name}`, value, shape, dtype);
  graph.output(value, name);
}

function checkType(what: string, value: Value, shape: Shape, dtype: DType): void {
  assertShape(what, value.shape, shape);
  if (value.dtype !== dtype)
    throw new ModelError('model/inconsistent', `${what} is ${value.dtype}, the model says ${dtype}`);
}

function readNode(
  entry: Uint8Array,
  limits: ModelLimits,
  graph: Graph,
  values: ReadonlyMap<string, Value>,
  define: (name: string, value: Value) => void,
): void {
  const fields = collect(entry);
  const opType = fields.text(4) ?? '';
  const domain = fields.text(7) ?? '';
  if (domain !== '' && domain !== 'ai.onnx')
    throw new ModelError('model/unsupported', `operator domain ${domain} (${opType}) is not supported`);
  for (const [what, number] of Object.entries({ inputs: 1, results: 2, attributes: 5 }))
    checkCount(`${what} of one ${opType}`, fields.bytes(number).length, limits.maxPartsPerNode);
  const inputs = fields.texts(1).map((name) => {
    if (name === '') return null;
    const value = values.get(name);
    if (!value) throw new ModelError('model/inconsistent', `${opType} uses ${name} before it is computed`);
    return value;
  });
  const attributes = readAttributes(opType, fields);
  const infer = inferenceOf(opType);
  checkAttributes(opType, attributes);
  const node = graph.addNode(opType, inputs, attributes, infer(inputs, attributes));
  for (const { shape } of node.outputs) checkDimensions(`a result of ${opType}`, shape, limits);
  fields.texts(2).forEach((name, k) => {
    const output = node.outputs[k];
    if (!output)
      throw new ModelError('model/inconsistent', `${opType} has more results in the model (${k + 1}) than we know`);
    if (name !== '') define(name, output);
  });
}

function readAttributes(opType: string, fields: Fields): Attributes {
  const entries = fields.bytes(5).map(readAttribute);
  const attributes = Object.fromEntries(entries);
  if (Object.keys(attributes).length !== entries.length)
    throw new ModelError('model/inconsistent', `${opType} has an attribute twice`);
  return attributes;
}

function readAttribute(entry: Uint8Array): [string, Attribute] {
  const fields = collect(entry);
  const name = fields.text(1) ?? '';
  switch (fields.integer(20)) {
    case 1:
      return [name, { kind: 'float', value: fields.float(2) ?? 0 }];
    case 2:
      return [name, { kind: 'int', value: fields.integer(3) }];
    case 3:
      return [name, { kind: 'string', value: fields.text(4) ?? '' }];
    case 7:
      return [name, { kind: 'ints', value: fields.integers(8) }];
    default:
      throw new ModelError(
        'model/unsupported',
        `attribute ${name} has a kind that is not supported (graphs and tensors are refused)`,
      );
  }
}

function readValueInfo(entry: Uint8Array, limits: ModelLimits): { name: string; shape: Shape; dtype: DType } {
  const fields = collect(entry);
  const name = fields.text(1) ?? '';
  const type = collect(fields.message(2) ?? new Uint8Array()).message(1);
  if (!type) throw new ModelError('model/unsupported', `${name} is no tensor`);
  const tensorType = collect(type);
  const dimensions = collect(tensorType.message(2) ?? new Uint8Array()).bytes(1);
  const shape = dimensions.map((dimension) => {
    const sizes = collect(dimension).integers(1);
    const size = sizes[0];
    if (sizes.length !== 1 || size === undefined || size < 0)
      throw new ModelError(
        'model/unsupported',
        `${name} has a dynamic or negative dimension; only static shapes are supported`,
      );
    return size;
  });
  checkDimensions(name, shape, limits);
  return { name, shape, dtype: dtypeFromOnnx(tensorType.integer(1)) };
}
