/**
 * Attributes that a model we read may carry, per operator. What is not listed changes an operator's meaning in a way our
 * shape inference, gradients and passes do not know of, so it is refused rather than ignored.
 */
import type { Attribute, Attributes } from '../ir/graph.js';
import { ModelError } from './model-error.js';

/** Null when the value is fine, else what was expected. */
type Rule = (attribute: Attribute) => string | null;

const kind =
  (expected: Attribute['kind']): Rule =>
  ({ kind: got }) =>
    got === expected ? null : `a value of kind ${expected}`;
const only =
  (...values: readonly (string | number)[]): Rule =>
  ({ value }) =>
    values.some((allowed) => allowed === value) ? null : values.join(' or ');
const allEqual =
  (number: number): Rule =>
  (attribute) =>
    attribute.kind === 'ints' && attribute.value.every((value) => value === number) ? null : `only ${number}`;

const flag = only(0, 1);
const convolution = {
  strides: kind('ints'),
  pads: kind('ints'),
  group: kind('int'),
  kernel_shape: kind('ints'),
  dilations: allEqual(1),
  auto_pad: only('NOTSET'),
};
const pool = {
  kernel_shape: kind('ints'),
  strides: kind('ints'),
  pads: kind('ints'),
  ceil_mode: flag,
  dilations: allEqual(1),
  auto_pad: only('NOTSET'),
};
const reduction = { keepdims: flag, noop_with_empty_axes: only(0) };
const axis = { axis: kind('int') };

const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  LeakyRelu: { alpha: kind('float') },
  Cast: { to: kind('int'), saturate: only(1) },
  Reshape: { allowzero: flag },
  Transpose: { perm: kind('ints') },
  Concat: axis,
  Split: axis,
  Pad: { mode: only('constant') },
  Gather: axis,
  GatherElements: axis,
  ScatterElements: { ...axis, reduction: only('add') },
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  Softmax: axis,
  Gemm: { transA: flag, transB: flag, alpha: only(1), beta: only(1) },
  Conv: convolution,
  ConvTranspose: { ...convolution, output_padding: kind('ints') },
  // Without padding both ways of counting it agree.
  AveragePool: { ...pool, pads: allEqual(0), ceil_mode: only(0), count_include_pad: flag },
  MaxPool: { ...pool, storage_order: only(0) },
  Resize: {
    mode: only('nearest'),
    coordinate_transformation_mode: only('asymmetric'),
    nearest_mode: only('floor'),
    antialias: only(0),
  },
};

/** Throws when an operator carries an attribute, or a value of one, that we do not support. */
export function checkAttributes(opType: string, attributes: Attributes): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    const rule = Object.hasOwn(rules, opType) ? rules[opType]?.[name] : undefined;
    if (!rule) throw new ModelError('model/unsupported', `${opType}: attribute ${name} is not supported`);
    const expected = rule(attribute);
    if (expected !== null)
      throw new ModelError(
        'model/unsupported',
        `${opType}: attribute ${name} is ${JSON.stringify(attribute.value)}, expected ${expected}`,
      );
  }
}
