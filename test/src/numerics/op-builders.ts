/**
 * Operator names of the fixture → our public builders. Matched by pattern, so that a folder with other kernel sizes, strides
 * or axes needs no change here; an operator that no row matches is an error, never skipped.
 */
import * as ops from '@deltaspace/onnx-graph';
import type { Shape, Value } from '@deltaspace/onnx-graph';
import { flagOf, kernelOf, numberOf, numbersIn, type OpCase, pairOf, rangesOf, textOf } from './op-case.js';

type Inputs = Readonly<Record<string, Value>>;
type Build = (inputs: Inputs, entry: OpCase) => Value;

const arg = (inputs: Inputs, name: string): Value => {
  const value = inputs[name];
  if (!value) throw new Error(`the fixture has no input named ${name}`);
  return value;
};
const onX =
  (f: (x: Value, entry: OpCase) => Value): Build =>
  (inputs, entry) =>
    f(arg(inputs, 'x'), entry);
const onAB =
  (f: (a: Value, b: Value, entry: OpCase) => Value): Build =>
  (inputs, entry) =>
    f(arg(inputs, 'a'), arg(inputs, 'b'), entry);
const axisOf = (shape: Shape, index: number): number => shape.at(index) ?? 1;
const digits = (name: string): number[] => Array.from(/_(\d+)$/.exec(name)?.[1] ?? '', Number);
/** An axis given as a number, or as text that starts with one. */
const axisParameter = (entry: OpCase): number =>
  typeof entry['axis'] === 'number' ? entry['axis'] : Number.parseInt(textOf(entry, 'axis'), 10);
const withBias = (inputs: Inputs) => (inputs['b'] ? { bias: inputs['b'] } : {});

const convolution: Build = (inputs, entry) =>
  ops.conv2d(arg(inputs, 'x'), arg(inputs, 'w'), {
    stride: numberOf(entry, 'stride', 1),
    padding: numberOf(entry, 'padding', 0),
    groups: numberOf(entry, 'groups', 1),
    ...withBias(inputs),
  });

const transposedConvolution: Build = (inputs, entry) => {
  const [x, w] = [arg(inputs, 'x'), arg(inputs, 'w')];
  const [stride, padding] = [numberOf(entry, 'stride', 1), numberOf(entry, 'padding', 0)];
  const outputPadding = [2, 3].map((axis) => {
    const plain = (axisOf(x.shape, axis) - 1) * stride - 2 * padding + axisOf(w.shape, axis);
    return axisOf(entry.output, axis) - plain;
  });
  return ops.convTranspose2d(x, w, { stride, padding, outputPadding, ...withBias(inputs) });
};

const linear: Build = (inputs) => ops.linear(arg(inputs, 'x'), arg(inputs, 'w'), inputs['b']);

const equalLinear: Build = (inputs, entry) => {
  const y = ops.equalLinear(arg(inputs, 'x'), arg(inputs, 'w'), arg(inputs, 'b'), numberOf(entry, 'lr_mul'));
  return ops.mul(ops.leakyRelu(y, numberOf(entry, 'slope')), numberOf(entry, 'gain'));
};

const groupNorm: Build = (inputs, entry) =>
  ops.groupNorm(
    arg(inputs, 'x'),
    numberOf(entry, 'groups'),
    arg(inputs, 'w'),
    arg(inputs, 'b'),
    numberOf(entry, 'eps'),
  );

const layerNorm: Build = (inputs, entry) =>
  ops.layerNorm(arg(inputs, 'x'), arg(inputs, 'w'), arg(inputs, 'b'), numberOf(entry, 'eps'));

const batchNorm: Build = (inputs, entry) => {
  const parameters = {
    scale: arg(inputs, 'w'),
    shift: arg(inputs, 'b'),
    mean: arg(inputs, 'mean'),
    variance: arg(inputs, 'var'),
  };
  return ops.batchNormInference(arg(inputs, 'x'), parameters, numberOf(entry, 'eps'));
};

const upfirdn = onX((x, entry) =>
  ops.upfirdn2d(x, kernelOf(textOf(entry, 'kernel')), {
    up: numberOf(entry, 'up'),
    down: numberOf(entry, 'down'),
    padding: pairOf(entry, 'pad'),
  }),
);

const slice = onX((x, entry) => ops.sliceAxes(x, rangesOf(textOf(entry, 'note'), x.shape)));

const ordinals = ['first', 'second', 'third', 'fourth'];
const splitPart = onX((x, entry) => {
  const note = textOf(entry, 'note');
  const sizes = (/sizes ([\d, ]+)/.exec(note)?.[1] ?? '').split(',').map(Number);
  const wanted = ordinals.findIndex((word) => note.includes(`${word} part`));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // The note names no axis: it is the one, batch aside, that the sizes fill.
  return ops.split(x, x.shape.indexOf(total, 1), sizes)[wanted] as Value;
});

const gatherRows = onX((x, entry) => {
  const rows = (/rows ([\d, ]+)/.exec(textOf(entry, 'note'))?.[1] ?? '').split(',').map(Number);
  return ops.gather(x, x.graph.constant(rows, [rows.length], 'int64'), 0);
});

/** Counts such as `left 2, right 1, top 1, bottom 2`. */
const sides = (entry: OpCase): Record<'left' | 'right' | 'top' | 'bottom', number> => {
  const side = (name: string) => numbersIn(textOf(entry, 'note'), new RegExp(`${name} (\\d+)`))[0] ?? 0;
  return { left: side('left'), right: side('right'), top: side('top'), bottom: side('bottom') };
};
const padZero = onX((x, entry) => {
  const { left, right, top, bottom } = sides(entry);
  return ops.pad(x, [0, 0, top, left], [0, 0, bottom, right]);
});
const padReflect = onX((x, entry) => {
  const { left, right, top, bottom } = sides(entry);
  return ops.padReflect(ops.padReflect(x, 2, top, bottom), 3, left, right);
});

/** DiffAE's block entry: GN, scale and shift from time, scale from the condition, SiLU. */
const adaptiveGroupNorm: Build = (inputs, entry) => {
  const [x, time, condition] = [arg(inputs, 'x'), arg(inputs, 'te'), arg(inputs, 'z')];
  const channels = axisOf(x.shape, 1);
  const perChannel = (value: Value) => ops.reshape(value, [axisOf(x.shape, 0), channels, 1, 1]);
  const [scale, shift] = ops.split(time, 1, [channels, channels]).map(perChannel) as [Value, Value];
  const normalized = ops.groupNorm(x, numberOf(entry, 'groups'), arg(inputs, 'w'), arg(inputs, 'b'));
  const timed = ops.add(ops.mul(normalized, ops.add(scale, 1)), shift);
  return ops.silu(ops.mul(timed, ops.add(perChannel(condition), 1)));
};

const modulatedConvolution: Build = (inputs, entry) => {
  const [x, w, style] = [arg(inputs, 'x'), arg(inputs, 'w'), arg(inputs, 's')];
  const weightScale = 1 / Math.sqrt(axisOf(w.shape, 1) * axisOf(w.shape, 2) * axisOf(w.shape, 3));
  const upsample = (input: Value, weight: Value) => {
    const spread = ops.convTranspose2d(input, ops.transpose(weight, [1, 0, 2, 3]), { stride: 2 });
    const [before, after] = numbersIn(textOf(entry, 'note'), /pad \((\d+),(\d+)\)/);
    return ops.upfirdn2d(spread, kernelOf(textOf(entry, 'note')), { padding: [before ?? 0, after ?? 0] });
  };
  return ops.modulatedConv2d(x, w, style, {
    demodulate: flagOf(entry, 'demodulate'),
    weightScale,
    ...(flagOf(entry, 'upsample') ? { convolve: upsample } : {}),
  });
};

const resizeNearest = onX((x, entry) => ops.resizeNearest(x, axisOf(entry.output, 2) / axisOf(x.shape, 2)));
const resizeNearestThenPool = onX((x, entry) => {
  const [up, down] = numbersIn(entry.op, /x(\d+)_avgpool(\d+)/) as [number, number];
  return ops.averagePool(ops.resizeNearest(x, up), down);
});

const rows: readonly (readonly [RegExp, Build])[] = [
  [/^conv[12]d_/, convolution],
  [/^conv_transpose2d_/, transposedConvolution],
  [/^linear(_\dd)?$/, linear],
  [/^equal_linear_flrelu$/, equalLinear],
  [/^leaky_relu_/, onX((x, entry) => ops.leakyRelu(x, numberOf(entry, 'slope')))],
  [/^prelu$/, (inputs) => ops.prelu(arg(inputs, 'x'), arg(inputs, 'a'))],
  [/^relu$/, onX(ops.relu)],
  [/^silu$/, onX(ops.silu)],
  [/^sigmoid$/, onX(ops.sigmoid)],
  [/^gelu$/, onX(ops.gelu)],
  [/^quick_gelu$/, onX(ops.quickGelu)],
  [/^tanh$/, onX(ops.tanh)],
  [/^exp$/, onX(ops.exp)],
  [/^log$/, onX(ops.log)],
  [/^sqrt$/, onX(ops.sqrt)],
  [/^rsqrt$/, onX(ops.rsqrt)],
  [/^pow\d+$/, onX((x, entry) => ops.pow(x, numbersIn(entry.op, /(\d+)$/)[0] ?? 1))],
  [/^abs$/, onX(ops.abs)],
  [/^clamp$/, onX((x, entry) => ops.clamp(x, numberOf(entry, 'low'), numberOf(entry, 'high')))],
  [/^softmax_(last|axis\d)$/, onX((x, entry) => ops.softmax(x, axisParameter(entry)))],
  [/^softmax_causal_mask$/, onX((x) => ops.softmax(ops.add(x, ops.causalMask(x, axisOf(x.shape, -1)))))],
  [/^group_norm/, groupNorm],
  [/^layer_norm$/, layerNorm],
  [/^batch_norm_eval$/, batchNorm],
  [/^pixel_norm_/, onX((x, entry) => ops.pixelNorm(x, numberOf(entry, 'eps')))],
  [/^l2_normalize$/, onX((x, entry) => ops.l2Normalize(x, -1, numberOf(entry, 'eps')))],
  [/^cosine_similarity$/, onAB((a, b, entry) => ops.cosineSimilarity(a, b, -1, numberOf(entry, 'eps')))],
  [/^upfirdn_/, upfirdn],
  [/^nearest_x\d+_avgpool\d+$/, resizeNearestThenPool],
  [/^nearest_x\d+$/, resizeNearest],
  [
    /^bilinear_/,
    onX((x, entry) =>
      ops.resizeBilinear(x, axisOf(entry.output, 2), axisOf(entry.output, 3), flagOf(entry, 'align_corners')),
    ),
  ],
  [/^avg_pool\d+$/, onX((x, entry) => ops.averagePool(x, numbersIn(entry.op, /(\d+)$/)[0] ?? 1))],
  [
    /^adaptive_avg_pool_/,
    onX((x, entry) => ops.adaptiveAveragePool2d(x, axisOf(entry.output, 2), axisOf(entry.output, 3))),
  ],
  [
    /^max_pool/,
    onX((x, entry) =>
      ops.maxPool2d(x, {
        kernel: numberOf(entry, 'kernel'),
        stride: numberOf(entry, 'stride'),
        ceilMode: flagOf(entry, 'ceil_mode'),
      }),
    ),
  ],
  [/^matmul/, onAB(ops.matmul)],
  [/^add_broadcast$/, onAB(ops.add)],
  [/^sub_broadcast$/, onAB(ops.sub)],
  [/^mul_broadcast$/, onAB(ops.mul)],
  [/^div_broadcast$/, onAB(ops.div)],
  [/^mean_all$/, onX(ops.meanAll)],
  [/^sum_all$/, onX(ops.sumAll)],
  [/^mean_axes_/, onX((x, entry) => ops.mean(x, numbersIn(entry.op, /_(\d)_(\d)$/)))],
  [/^sum_axis\d_keep$/, onX((x, entry) => ops.sum(x, numbersIn(entry.op, /axis(\d)/), true))],
  [/^var_population_last$/, onX((x) => ops.variance(x, [-1]))],
  [/^cumprod$/, onX((x) => ops.cumulativeProduct(x, 0))],
  [/^concat_axis\d$/, (inputs, entry) => ops.concat(Object.values(inputs), numbersIn(entry.op, /(\d)$/)[0] ?? 0)],
  [/^concat_last$/, (inputs) => ops.concat(Object.values(inputs), -1)],
  [/^stack_axis\d$/, (inputs, entry) => ops.stack(Object.values(inputs), numbersIn(entry.op, /(\d)$/)[0] ?? 0)],
  [/^slice$/, slice],
  [/^(transpose|permute)_\d+$/, onX((x, entry) => ops.transpose(x, digits(entry.op)))],
  [/^reshape$/, onX((x, entry) => ops.reshape(x, entry.output))],
  [/^transpose_then_reshape$/, onX((x, entry) => ops.reshape(ops.transposeLast(x), entry.output))],
  [/^split_middle$/, splitPart],
  [/^repeat_axis$/, onX((x, entry) => ops.expand(x, entry.output))],
  [/^gather_rows$/, gatherRows],
  [/^pad_reflect$/, padReflect],
  [/^pad_zero$/, padZero],
  [
    /^attention$/,
    (inputs, entry) =>
      ops.attention(arg(inputs, 'q'), arg(inputs, 'k'), arg(inputs, 'v'), { scale: numberOf(entry, 'scale') }),
  ],
  [/^mse_loss$/, onAB(ops.meanSquaredError)],
  [/^l1_loss$/, onAB(ops.meanAbsoluteError)],
  [/^adagn$/, adaptiveGroupNorm],
  [/^modulated_conv_/, modulatedConvolution],
];

/**
 * The entry with every value of what the fixture leaves unsaid: `adagn` does not state its number of groups, so each divisor
 * of its channels is a candidate, and the stored result decides (the gradients then have no choice left).
 */
export function candidatesOf(entry: OpCase): OpCase[] {
  if (entry.op !== 'adagn' || 'groups' in entry) return [entry];
  const channels = entry.inputs['x']?.[1] ?? 0;
  const divisors = Array.from({ length: channels }, (_, k) => k + 1).filter((count) => channels % count === 0);
  return divisors.map((groups) => ({ ...entry, groups }));
}

/** The builder of a fixture operator. Throws for operators that we do not have. */
export function builderOf(op: string): Build {
  const row = rows.find(([pattern]) => pattern.test(op));
  if (!row) throw new Error(`no builder for the fixture operator ${op}`);
  return row[1];
}
