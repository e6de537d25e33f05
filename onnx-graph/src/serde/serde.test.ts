/** Writing and reading models: round trips, literal bytes, and everything that must be refused. */
import { describe, expect, it } from 'vitest';
import * as ops from '../index.js';
import {
  Graph,
  ModelError,
  type ModelLimits,
  parseModel,
  printGraph,
  serializeModel,
  serializeModelWithExternalData,
  type Value,
} from '../index.js';
import { lowerGraph } from '../passes/lower.js';
import { evaluateGraph } from '../testing/index.js';
import { seededUniform, signedSample } from '../testing/samples.js';
import { ProtobufWriter } from './protobuf.js';

/** A graph with operators of every family, their gradients included. */
function variedGraph(): Graph {
  const graph = new Graph('varied');
  const x = graph.input('x', [2, 2, 4, 4]);
  const weight = graph.initializer('net.weight', {
    dtype: 'float32',
    shape: [2, 2, 3, 3],
    data: Float32Array.from({ length: 36 }, (_, k) => Math.sin(k)),
  });
  const convolved = ops.leakyRelu(ops.conv2d(x, weight, { padding: 1 }), 0.25);
  const up = ops.convTranspose2d(convolved, weight, { stride: 2, padding: 1, outputPadding: 1 });
  const pooled = ops.averagePool(ops.resizeNearest(ops.maxPool2d(up, { kernel: 2, stride: 2 }), 2), 4);
  const picked = ops.gather(ops.reshape(pooled, [2, 8]), graph.constant([0, 3, 3], [3], 'int32'), 1);
  const scores = ops.softmax(ops.matmul(picked, ops.transposeLast(ops.flip(picked, [0]))));
  const limited = ops.clamp(ops.add(scores, ops.erf(ops.meanAll(x))), -1, 0.9);
  const flags = ops.cast(ops.greater(limited, 0.3), 'float32');
  const loss = ops.sumAll(
    ops.mul(ops.where(ops.less(limited, 0.5), limited, 2), ops.add(flags, ops.stopGradient(limited))),
  );
  const [slopeX, slopeW] = ops.gradients(loss, [x, weight]) as [Value, Value];
  graph.output(loss, 'loss');
  graph.output(slopeX, 'slopeX');
  graph.output(slopeW, 'slopeW');
  graph.output(ops.pad(flags, [0, 1], [1, 0]), 'flags');
  return graph;
}

function smallGraph(): Graph {
  const graph = new Graph('small');
  const x = graph.input('x', [2]);
  graph.output(ops.add(x, graph.constant([1, 2], [2])), 'y');
  return graph;
}

const feedsFor = (graph: Graph) => {
  const random = seededUniform(3);
  return Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, signedSample(shape, random).numbers] as const),
  );
};

describe('a serialised model', () => {
  for (const weightGradientForm of ['shifts', 'gather'] as const)
    it(`reads back as the same lowered graph (${weightGradientForm})`, () => {
      const graph = variedGraph();
      const lowered = lowerGraph(graph, weightGradientForm);
      const read = parseModel(serializeModel(graph, { weightGradientForm }));
      expect(printGraph(read)).toBe(printGraph(lowered));
      expect(evaluateGraph(read, feedsFor(graph))).toEqual(evaluateGraph(lowered, feedsFor(graph)));
    });

  it('is written the same way after reading', () => {
    const bytes = serializeModel(variedGraph());
    expect(printGraph(parseModel(serializeModel(parseModel(bytes))))).toBe(printGraph(parseModel(bytes)));
  });

  it('keeps every dtype of initialisers', () => {
    const graph = new Graph();
    const contents: ops.Tensor[] = [
      { dtype: 'float64', shape: [1], data: Float64Array.of(Math.PI) },
      { dtype: 'int64', shape: [2], data: BigInt64Array.of(-(2n ** 53n) + 1n, 7n) },
      { dtype: 'int32', shape: [1], data: Int32Array.of(-5) },
      { dtype: 'uint8', shape: [1, 2], data: Uint8Array.of(0, 255) },
      { dtype: 'int8', shape: [1], data: Int8Array.of(-128) },
      { dtype: 'float16', shape: [], data: Uint16Array.of(0x3c00) },
      { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
      { dtype: 'float32', shape: [0], data: new Float32Array() },
    ];
    contents.forEach((tensor, k) => graph.output(graph.initializer(`w${k}`, tensor), `y${k}`));
    expect([...parseModel(serializeModel(graph)).initializers.values()]).toEqual(contents);
  });

  it('has the bytes of the ONNX format', () => {
    const graph = new Graph('g');
    graph.output(ops.leakyRelu(graph.input('x', [2]), 0.5), 'y');
    // ModelProto: ir_version 9, producer, graph {node, name, input, output}, opset_import {'', 20}.
    expect(Buffer.from(serializeModel(graph)).toString('hex')).toMatchInlineSnapshot(
      `"0809120a64656c746173706163653a490a220a017812017922094c65616b7952656c752a0f0a05616c706861150000003fa001011201675a0f0a0178120a0a08080112040a020802620f0a0179120a0a08080112040a02080242040a001014"`,
    );
  });

  it('can keep large weights in a file beside it', () => {
    const graph = variedGraph();
    const { model, external } = serializeModelWithExternalData(graph, { location: 'weights.bin', thresholdBytes: 100 });
    const asked: string[] = [];
    const read = parseModel(model, {
      readExternal: (location, offset, length) => {
        asked.push(location);
        expect(offset % 4096).toBe(0);
        return external.subarray(offset, offset + length);
      },
    });
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked)).toEqual(new Set(['weights.bin']));
    expect(evaluateGraph(read, feedsFor(graph))).toEqual(evaluateGraph(lowerGraph(graph), feedsFor(graph)));
    expect(() => parseModel(model)).toThrow(/outside the model/);
    expect(() => parseModel(model, { readExternal: (_, __, length) => new Uint8Array(length - 1) })).toThrow(/needs/);
  });

  it('keeps names that look like ours apart', () => {
    const graph = new Graph();
    const x = graph.input('Add_1', [1]);
    const w = graph.initializer('constant_3', { dtype: 'float32', shape: [1], data: Float32Array.of(2) });
    graph.output(ops.mul(ops.add(x, w), ops.add(ops.add(x, 1), 5)), 'Add_4');
    const read = parseModel(serializeModel(graph));
    expect(evaluateGraph(read, { Add_1: [3] })['Add_4']?.data).toEqual(Float64Array.of(45));
  });
});

describe('parseModel', () => {
  it('refuses a model cut off at any byte', () => {
    const bytes = serializeModel(smallGraph());
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseModel(bytes.subarray(0, length)), `${length} bytes`).toThrow(ModelError);
  });

  it('never hangs and never throws anything but an error on a changed byte', () => {
    const bytes = serializeModel(smallGraph());
    for (let position = 0; position < bytes.length; position++)
      for (const change of [0x01, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[position] = (damaged[position] ?? 0) ^ change;
        try {
          expect(parseModel(damaged)).toBeInstanceOf(Graph);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }
  });

  const message = () => new ProtobufWriter();
  const opset = (version: number, domain = '') => message().stringField(1, domain).varintField(2, version);
  const info = (name: string, dimension: ProtobufWriter = message().varintField(1, 2)) => {
    const type = message().varintField(1, 1).messageField(2, message().messageField(1, dimension));
    return message().stringField(1, name).messageField(2, message().messageField(1, type));
  };
  const node = (opType: string, inputs: readonly string[], outputs: readonly string[]) => {
    const writer = message();
    for (const name of inputs) writer.stringField(1, name);
    for (const name of outputs) writer.stringField(2, name);
    return writer.stringField(4, opType);
  };
  const graphWith = (nodes: readonly ProtobufWriter[], output = 'y') => {
    const body = message();
    for (const entry of nodes) body.messageField(1, entry);
    return body.stringField(2, 'g').messageField(11, info('x')).messageField(12, info(output));
  };
  const model = (body: ProtobufWriter, version = opset(20)) =>
    message().varintField(1, 9).messageField(7, body).messageField(8, version).finish();
  const attribute = (name: string, kind: number) => message().stringField(1, name).varintField(20, kind);
  const initializer = (shape: readonly number[]) =>
    message().packedVarints(1, shape).varintField(2, 1).stringField(8, 'w');

  const shapeTensor = (shape: readonly number[]) =>
    message().packedVarints(1, [shape.length]).varintField(2, 7).stringField(8, 's').packedVarints(7, shape);
  /** Says where the contents of an initialiser lie in another file. */
  const outside = (tensor: ProtobufWriter) =>
    tensor.messageField(13, message().stringField(1, 'location').stringField(2, 'w.bin'));

  it('reads a model written by hand', () => {
    const graph = parseModel(model(graphWith([node('Neg', ['x'], ['t']), node('Abs', ['t'], ['y'])])));
    expect(evaluateGraph(graph, { x: [1, -2] })['y']?.data).toEqual(Float64Array.of(1, 2));
  });

  it('reads numbers in typed fields, packed or not', () => {
    const body = graphWith([node('Add', ['x', 'w'], ['y'])]);
    const weights = initializer([2]).floatField(4, 1.5).floatField(4, -2);
    const graph = parseModel(model(body.messageField(5, weights)));
    expect(evaluateGraph(graph, { x: [0, 0] })['y']?.data).toEqual(Float64Array.of(1.5, -2));
  });

  const negation = () => node('Neg', ['x'], ['y']);
  const refused: Record<string, [RegExp, () => Uint8Array]> = {
    'nothing at all': [/no graph/, () => new Uint8Array()],
    'two graphs': [
      /occurs 2 times/,
      () =>
        message()
          .messageField(7, graphWith([negation()]))
          .messageField(7, graphWith([negation()]))
          .finish(),
    ],
    'no opset': [
      /imports 0/,
      () =>
        message()
          .messageField(7, graphWith([negation()]))
          .finish(),
    ],
    'an opset that is too old': [/opset 12/, () => model(graphWith([negation()]), opset(12))],
    'an older opset whose operator takes as attribute what is an input now': [
      /ReduceMean: attribute axes is not supported/,
      () =>
        model(
          graphWith([node('ReduceMean', ['x'], ['y']).messageField(5, attribute('axes', 7).varintField(8, 0))]),
          opset(13),
        ),
    ],
    'an opset that is too new': [/opset 99/, () => model(graphWith([negation()]), opset(99))],
    'functions of its own': [
      /functions/,
      () =>
        message()
          .messageField(7, graphWith([negation()]))
          .messageField(8, opset(20))
          .messageField(25, message())
          .finish(),
    ],
    'an unknown operator': [
      /operator Frobnicate is not known/,
      () => model(graphWith([node('Frobnicate', ['x'], ['y'])])),
    ],
    'an operator named like a property of objects': [
      /not known/,
      () => model(graphWith([node('constructor', ['x'], ['y'])])),
    ],
    'an operator of another domain': [
      /domain com\.acme/,
      () => model(graphWith([negation().stringField(7, 'com.acme')])),
    ],
    'a value used before it is computed': [
      /before it is computed/,
      () => model(graphWith([node('Neg', ['t'], ['y'])])),
    ],
    'a value defined twice': [/twice/, () => model(graphWith([negation(), negation()]))],
    'an output that nobody computes': [/does not compute it/, () => model(graphWith([negation()], 'z'))],
    'an output of another shape': [
      /output y has shape \[2\], expected \[3\]/,
      () =>
        model(
          message()
            .messageField(1, negation())
            .messageField(11, info('x'))
            .messageField(12, info('y', message().varintField(1, 3))),
        ),
    ],
    'more results than the operator has': [/more results/, () => model(graphWith([node('Neg', ['x'], ['y', 'z'])]))],
    'a dynamic dimension': [
      /dynamic/,
      () => model(message().messageField(11, info('x', message().stringField(2, 'batch')))),
    ],
    'a negative dimension': [
      /negative/,
      () => model(message().messageField(11, info('x', message().varintField(1, -1)))),
    ],
    'a subgraph in an attribute': [
      /not supported/,
      () => model(graphWith([negation().messageField(5, attribute('body', 5))])),
    ],
    'an attribute that we do not know': [
      /attribute alpha is not supported/,
      () => model(graphWith([negation().messageField(5, attribute('alpha', 1).floatField(2, 1))])),
    ],
    'an attribute value that changes the meaning': [
      /attribute axis.*expected/,
      () => model(graphWith([node('Softmax', ['x'], ['y']).messageField(5, attribute('axis', 1).floatField(2, 1))])),
    ],
    'an attribute given twice': [
      /attribute twice/,
      () =>
        model(
          graphWith([
            node('Softmax', ['x'], ['y'])
              .messageField(5, attribute('axis', 2).varintField(3, 0))
              .messageField(5, attribute('axis', 2).varintField(3, 0)),
          ]),
        ),
    ],
    'a missing input': [/input 1 is missing/, () => model(graphWith([node('Add', ['x'], ['y'])]))],
    'sparse initialisers': [/sparse/, () => model(graphWith([negation()]).messageField(15, message()))],
    'too few bytes for a shape': [
      /holds 4 bytes, its shape needs 8/,
      () => model(graphWith([negation()]).messageField(5, initializer([2]).bytesField(9, new Uint8Array(4)))),
    ],
    'an enormous shape': [
      /out of range/,
      () => model(graphWith([negation()]).messageField(5, initializer([2 ** 30, 2 ** 30]))),
    ],
    'a negative shape': [/out of range/, () => model(graphWith([negation()]).messageField(5, initializer([-2])))],
    'an unknown element type': [
      /element type 99/,
      () => model(graphWith([negation()]).messageField(5, message().varintField(2, 99).stringField(8, 'w'))),
    ],
    'a computed shape beyond every machine': [
      /out of range/,
      () => model(graphWith([node('Expand', ['x', 's'], ['y'])]).messageField(5, shapeTensor([2 ** 40, 2]))),
    ],
    'too many axes': [
      /out of range/,
      () =>
        model(
          graphWith([negation()]).messageField(
            5,
            initializer([1, 1, 1, 1, 1, 1, 1, 1, 2]).bytesField(9, new Uint8Array(8)),
          ),
        ),
    ],
    'an input beyond every machine': [
      /out of range/,
      () => model(message().messageField(11, info('x', message().varintField(1, 2 ** 40)))),
    ],
    'two nodes that wait for each other': [
      /before it is computed/,
      () => model(graphWith([node('Neg', ['y'], ['t']), node('Neg', ['t'], ['y'])])),
    ],
    'external data that is there as well': [
      /inside and outside/,
      () =>
        model(
          graphWith([negation()]).messageField(
            5,
            outside(initializer([2]))
              .varintField(14, 1)
              .bytesField(9, new Uint8Array(8)),
          ),
        ),
    ],
    'external data that is not announced': [
      /inside and outside/,
      () => model(graphWith([negation()]).messageField(5, outside(initializer([2])).bytesField(9, new Uint8Array(8)))),
    ],
    'external data that is announced and not named': [
      /inside and outside/,
      () => model(graphWith([negation()]).messageField(5, initializer([2]).varintField(14, 1))),
    ],
    'a place of data that does not exist yet': [
      /inside and outside/,
      () => model(graphWith([negation()]).messageField(5, outside(initializer([2])).varintField(14, 2))),
    ],
    'two gigabytes that are not there': [
      /holds 4 bytes/,
      () => model(graphWith([negation()]).messageField(5, initializer([2 ** 29]).bytesField(9, new Uint8Array(4)))),
    ],
    'typed numbers that are not there': [
      /needs 536870912 elements/,
      () => model(graphWith([negation()]).messageField(5, initializer([2 ** 29]))),
    ],
    'a field of the wrong wire type': [/wire type/, () => model(graphWith([negation()]).varintField(5, 1))],
    'text that is not UTF-8': [/./, () => model(graphWith([message().bytesField(4, Uint8Array.of(0xff, 0xfe))]))],
  };

  const limits: [string, string, Partial<ModelLimits>][] = [
    ['nodes', '2 nodes', { maxNodes: 1 }],
    ['initialisers', '1 initialisers', { maxInitializers: 0 }],
    ['inputs', '1 inputs', { maxPorts: 0 }],
    ['parts of a node', '1 inputs of one Neg', { maxPartsPerNode: 0 }],
    ['elements', 'out of range', { maxElements: 1 }],
    ['axes', 'out of range', { maxRank: 0 }],
  ];
  it.each(limits)('bounds the number of %s', (_, reason, tight) => {
    const bytes = model(
      graphWith([node('Neg', ['x'], ['t']), node('Neg', ['t'], ['y'])]).messageField(
        5,
        initializer([2]).bytesField(9, new Uint8Array(8)),
      ),
    );
    expect(parseModel(bytes)).toBeInstanceOf(Graph);
    expect(() => parseModel(bytes, { limits: tight })).toThrow(ModelError);
    expect(() => parseModel(bytes, { limits: tight })).toThrow(reason);
  });

  it('refuses a million nodes by their number', () => {
    const nodes = message();
    for (let i = 0; i < 1_000_000; i++) nodes.stringField(1, '');
    expect(() => parseModel(model(nodes))).toThrow(/1000000 nodes/);
  });

  for (const [what, [reason, bytes]] of Object.entries(refused))
    it(`refuses ${what}`, () => {
      expect(() => parseModel(bytes())).toThrow(ModelError);
      expect(() => parseModel(bytes())).toThrow(reason);
    });

  for (const location of ['../secret', '/etc/passwd', 'a/b', '', '..', 'C:\\x'])
    it(`refuses external data at ${JSON.stringify(location)}`, () => {
      const pair = message().stringField(1, 'location').stringField(2, location);
      const weights = initializer([2]).messageField(13, pair).varintField(14, 1);
      const bytes = model(graphWith([negation()]).messageField(5, weights));
      expect(() => parseModel(bytes, { readExternal: () => new Uint8Array(8) })).toThrow(/plain file name/);
    });
});

describe('results that nobody uses', () => {
  /** Whether the bytes name the second result of the only pooling. */
  function asksForIndices(useThem: boolean): boolean {
    const graph = new Graph('pooling');
    const x = graph.input('x', [1, 1, 4, 4]);
    graph.output(ops.maxPool2d(x, { kernel: 2, stride: 2 }), 'y');
    const [, indices] = graph.nodes[0]?.outputs ?? [];
    if (useThem) graph.output(indices as Value, 'indices');
    return Buffer.from(serializeModel(graph)).includes(indices?.name ?? '?');
  }

  it('leaves indices of a pooling out of the model, and keeps those that are used', () => {
    expect([asksForIndices(false), asksForIndices(true)]).toEqual([false, true]);
  });
});
