/**
 * ONNX `ModelProto` bytes → graph, for the operators we know. Strict: unknown operators, domains, dynamic dimensions,
 * subgraphs, sparse initialisers, duplicate names and sizes that do not fit are refused with a reason; nothing is guessed.
 */
import { dtypeFromOnnx, dtypeSizeBytes, type DType, viewTypedArray } from '../ir/dtype.js';
import { type Attribute, type Attributes, Graph, type Value } from '../ir/graph.js';
import { assertShape, sizeOf, type Shape } from '../ir/shape.js';
import { tensor, tensorFromNumbers, type Tensor } from '../ir/tensor.js';
import { inferenceOf } from '../ops/inference.js';
import { type ProtobufField, readFields, readPackedVarints } from './protobuf.js';

/** Largest tensor, in elements, that a model may declare. */
export const maxTensorElements = 2 ** 31;
const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface ParseOptions {
  /** Returns `length` bytes of an external data file. Absent: external data is refused. */
  readonly readExternal?: (location: string, offset: number, length: number) => Uint8Array;
}

/** Rebuilds the graph of a serialised model. Throws with the reason when the bytes are no model of our kind. */
export function parseModel(bytes: Uint8Array, options: ParseOptions = {}): Graph {
  const body = collect(bytes).bytes(7)[0];
  if (!body) throw new Error('not an ONNX model: it has no graph');
  const fields = collect(body);
  if (fields.bytes(15).length > 0) throw new Error('sparse initialisers are not supported');
  const graph = new Graph(fields.text(2) ?? 'graph');
  const values = new Map<string, Value>([['', null as unknown as Value]]);
  const define = (name: string, value: Value) => {
    if (values.has(name)) throw new Error(`the model defines ${name} twice`);
    values.set(name, value);
  };
  for (const entry of fields.bytes(5)) {
    const { name, contents } = readTensor(entry, options);
    define(name, graph.initializer(name, contents));
  }
  for (const entry of fields.bytes(11)) {
    const { name, shape, dtype } = readValueInfo(entry);
    if (!values.has(name)) define(name, graph.input(name, shape, dtype));
  }
  for (const entry of fields.bytes(1)) readNode(entry, graph, values, define);
  for (const entry of fields.bytes(12)) {
    const { name, shape } = readValueInfo(entry);
    const value = values.get(name);
    if (!value) throw new Error(`the model returns ${name} but does not compute it`);
    assertShape(`output ${name}`, value.shape, shape);
    graph.output(value, name);
  }
  return graph;
}

/** Fields of a message by number. */
function collect(bytes: Uint8Array) {
  const fields: ProtobufField[] = [...readFields(bytes)];
  const all = <K extends ProtobufField['kind']>(kind: K, number: number) =>
    fields.filter(
      (field): field is Extract<ProtobufField, { kind: K }> => field.field === number && field.kind === kind,
    );
  const texts = (number: number) => all('bytes', number).map((field) => utf8.decode(field.value));
  return {
    bytes: (number: number) => all('bytes', number).map((field) => field.value),
    texts,
    text: (number: number) => texts(number)[0],
    float: (number: number) => all('fixed32', number)[0]?.value,
    integer: (number: number) => safe(all('varint', number)[0]?.value ?? 0n),
    /** Packed and unpacked repeated integers. */
    integers: (number: number) => [
      ...all('bytes', number).flatMap((field) => readPackedVarints(field.value).map(safe)),
      ...all('varint', number).map((field) => safe(field.value)),
    ],
  };
}

function safe(raw: bigint): number {
  const value = Number(BigInt.asIntN(64, raw));
  if (!Number.isSafeInteger(value)) throw new Error(`integer ${raw} is out of range`);
  return value;
}

function readNode(
  entry: Uint8Array,
  graph: Graph,
  values: Map<string, Value>,
  define: (name: string, value: Value) => void,
): void {
  const fields = collect(entry);
  const opType = fields.text(4) ?? '';
  const domain = fields.text(7) ?? '';
  if (domain !== '' && domain !== 'ai.onnx') throw new Error(`operator domain ${domain} (${opType}) is not supported`);
  const inputs = fields.texts(1).map((name) => {
    if (name === '') return null;
    const value = values.get(name);
    if (!value) throw new Error(`${opType} uses ${name} before it is computed`);
    return value;
  });
  const attributes: Attributes = Object.fromEntries(fields.bytes(5).map(readAttribute));
  const node = graph.addNode(opType, inputs, attributes, inferenceOf(opType)(inputs, attributes));
  fields.texts(2).forEach((name, k) => {
    const output = node.outputs[k];
    if (!output) throw new Error(`${opType} has more results in the model (${k + 1}) than we know`);
    if (name !== '') define(name, output);
  });
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
      throw new Error(`attribute ${name} has a kind that is not supported (graphs and tensors are refused)`);
  }
}

function readValueInfo(entry: Uint8Array): { name: string; shape: Shape; dtype: DType } {
  const fields = collect(entry);
  const name = fields.text(1) ?? '';
  const type = collect(fields.bytes(2)[0] ?? new Uint8Array()).bytes(1)[0];
  if (!type) throw new Error(`${name} is no tensor`);
  const tensorType = collect(type);
  const dimensions = collect(tensorType.bytes(2)[0] ?? new Uint8Array()).bytes(1);
  const shape = dimensions.map((dimension) => {
    const sizes = collect(dimension).integers(1);
    if (sizes.length !== 1) throw new Error(`${name} has a dynamic dimension; only static shapes are supported`);
    return sizes[0] ?? 0;
  });
  return { name, shape, dtype: dtypeFromOnnx(tensorType.integer(1)) };
}

function readTensor(entry: Uint8Array, options: ParseOptions): { name: string; contents: Tensor } {
  const fields = collect(entry);
  const name = fields.text(8) ?? '';
  const shape = fields.integers(1);
  const dtype = dtypeFromOnnx(fields.integer(2));
  const count = sizeOf(shape);
  if (shape.some((size) => size < 0) || count > maxTensorElements)
    throw new Error(`initialiser ${name} declares shape [${shape.join(', ')}], which is out of range`);
  const raw = fields.integer(14) === 1 ? readExternal(name, fields.bytes(13), options) : fields.bytes(9)[0];
  if (!raw) return { name, contents: tensorFromNumbers(dtype, shape, typedNumbers(fields, dtype)) };
  if (raw.length !== count * dtypeSizeBytes(dtype))
    throw new Error(`initialiser ${name} holds ${raw.length} bytes, its shape needs ${count * dtypeSizeBytes(dtype)}`);
  const aligned = raw.slice();
  return { name, contents: tensor(dtype, shape, viewTypedArray(dtype, aligned.buffer, 0, count)) };
}

/** Elements in the typed fields (`float_data`, `int32_data`, `int64_data`) that other writers use for small tensors. */
function typedNumbers(fields: ReturnType<typeof collect>, dtype: DType): number[] {
  if (dtype === 'float32') {
    const packed = fields.bytes(4).flatMap((bytes) => [...new Float32Array(bytes.slice().buffer)]);
    return packed.length > 0 ? packed : [fields.float(4)].filter((value) => value !== undefined);
  }
  return dtype === 'int64' ? fields.integers(7) : fields.integers(5);
}

function readExternal(name: string, entries: readonly Uint8Array[], { readExternal: read }: ParseOptions): Uint8Array {
  if (!read) throw new Error(`initialiser ${name} is stored outside the model, which is not allowed here`);
  const pairs = new Map(entries.map((entry) => [collect(entry).text(1), collect(entry).text(2) ?? '']));
  const location = pairs.get('location') ?? '';
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(location))
    throw new Error(`initialiser ${name} names the file ${JSON.stringify(location)}; expected a plain file name`);
  return read(location, Number(pairs.get('offset') ?? 0), Number(pairs.get('length') ?? 0));
}
