/**
 * Graph → ONNX `ModelProto` bytes. Field numbers are those of onnx.proto3 (Apache-2.0). Operators of domain `deltaspace` are
 * lowered first. Large initialisers can go to an external data file, which lifts the 2 GiB limit of protobuf.
 */
import { dtypeToOnnx } from '../ir/dtype.js';
import type { Attribute, Graph, Node, Value } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import { lowerGraph, type WeightGradientForm } from '../passes/lower.js';
import { ProtobufWriter } from './protobuf.js';

/** Opset of everything we emit; onnxruntime 1.17 and later run it. */
export const opsetVersion = 20;
const irVersion = 9;
/** External tensors start at multiples of this, so that they can be memory-mapped. */
const externalAlignment = 4096;

export interface SerializeOptions {
  /** How convolution weight gradients are lowered. */
  readonly weightGradientForm?: WeightGradientForm;
}

export interface ExternalDataOptions extends SerializeOptions {
  /** File name that the model refers to: a plain name, beside the model. */
  readonly location: string;
  /** Initialisers of at least this many bytes go to the file. */
  readonly thresholdBytes?: number;
}

/** ONNX bytes with all weights inside. */
export function serializeModel(graph: Graph, options: SerializeOptions = {}): Uint8Array {
  return writeModel(lowerGraph(graph, options.weightGradientForm), writeTensor);
}

/** ONNX bytes plus the contents of one external data file. */
export function serializeModelWithExternalData(
  graph: Graph,
  options: ExternalDataOptions,
): { model: Uint8Array; external: Uint8Array } {
  const { location, thresholdBytes = 1024 } = options;
  const parts: { offset: number; bytes: Uint8Array }[] = [];
  let end = 0;
  const model = writeModel(lowerGraph(graph, options.weightGradientForm), (name, contents) => {
    const bytes = rawBytes(contents);
    if (bytes.length < thresholdBytes) return writeTensor(name, contents);
    const offset = Math.ceil(end / externalAlignment) * externalAlignment;
    parts.push({ offset, bytes });
    end = offset + bytes.length;
    return writeExternalTensor(name, contents, { location, offset: String(offset), length: String(bytes.length) });
  });
  const external = new Uint8Array(end);
  for (const { offset, bytes } of parts) external.set(bytes, offset);
  return { model, external };
}

type TensorWriter = (name: string, contents: Tensor) => ProtobufWriter;

function writeModel(graph: Graph, tensorWriter: TensorWriter): Uint8Array {
  const body = new ProtobufWriter();
  const used = new Set<Value | null>([...graph.outputs, ...graph.nodes.flatMap(({ inputs }) => inputs)]);
  for (const node of graph.nodes) body.messageField(1, writeNode(node, used));
  body.stringField(2, graph.name);
  for (const [value, contents] of graph.initializers) body.messageField(5, tensorWriter(value.name, contents));
  for (const input of graph.inputs) body.messageField(11, writeValueInfo(input));
  for (const output of graph.outputs) body.messageField(12, writeValueInfo(output));
  const opset = new ProtobufWriter().stringField(1, '').varintField(2, opsetVersion);
  const model = new ProtobufWriter().varintField(1, irVersion).stringField(2, 'deltaspace');
  return model.messageField(7, body).messageField(8, opset).finish();
}

/** Results that need not be asked for. Indices of a pooling that nobody uses cost memory, and not every provider has them. */
const optionalResults: Readonly<Record<string, number>> = { MaxPool: 1 };

function writeNode(node: Node, used: ReadonlySet<Value | null>): ProtobufWriter {
  if (node.domain !== '') throw new Error(`operator ${node.domain}.${node.opType} was not lowered`);
  const writer = new ProtobufWriter();
  for (const input of node.inputs) writer.stringField(1, input?.name ?? '');
  const needed = node.outputs.length - (optionalResults[node.opType] ?? 0);
  for (const [k, output] of node.outputs.entries())
    if (k < needed || used.has(output)) writer.stringField(2, output.name);
  writer.stringField(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes))
    writer.messageField(5, writeAttribute(name, attribute));
  return writer;
}

/** `AttributeProto`: field and type number per kind. */
function writeAttribute(name: string, attribute: Attribute): ProtobufWriter {
  const writer = new ProtobufWriter().stringField(1, name);
  switch (attribute.kind) {
    case 'float':
      return writer.floatField(2, attribute.value).varintField(20, 1);
    case 'int':
      return writer.varintField(3, attribute.value).varintField(20, 2);
    case 'string':
      return writer.stringField(4, attribute.value).varintField(20, 3);
    case 'floats':
      return writer.packedFloats(7, attribute.value).varintField(20, 6);
    case 'ints':
      return writer.packedVarints(8, attribute.value).varintField(20, 7);
  }
}

function writeValueInfo({ name, dtype, shape }: Value): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const size of shape) dimensions.messageField(1, new ProtobufWriter().varintField(1, size));
  const tensorType = new ProtobufWriter().varintField(1, dtypeToOnnx(dtype)).messageField(2, dimensions);
  return new ProtobufWriter().stringField(1, name).messageField(2, new ProtobufWriter().messageField(1, tensorType));
}

const rawBytes = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const tensorHead = (name: string, { dtype, shape }: Tensor): ProtobufWriter =>
  new ProtobufWriter().packedVarints(1, shape).varintField(2, dtypeToOnnx(dtype)).stringField(8, name);

function writeTensor(name: string, contents: Tensor): ProtobufWriter {
  return tensorHead(name, contents).bytesField(9, rawBytes(contents));
}

function writeExternalTensor(name: string, contents: Tensor, entries: Record<string, string>): ProtobufWriter {
  const writer = tensorHead(name, contents);
  for (const [key, value] of Object.entries(entries))
    writer.messageField(13, new ProtobufWriter().stringField(1, key).stringField(2, value));
  return writer.varintField(14, 1);
}
