/**
 * StyleGAN2 generator: mapping z → w, affine layers W+ → S, and synthesis S → image.
 *
 * Structure and parameter names follow rosinality/stylegan2-pytorch (constant input, modulated convolutions with
 * demodulation, fixed noise, toRGB skips), except that parameters are folded (see `layers.ts`), leading axes of length 1
 * are dropped, and filter kernels are constants. `rosinality.ts` converts a published state dict.
 *
 * Progressive growing and random noise are left out.
 */
import {
  add,
  addChannelBias,
  binomialKernel,
  concat,
  conv2d,
  convTranspose2d,
  matmul,
  modulatedConv2d,
  mul,
  pixelNorm,
  repeatOverBatch,
  reshape,
  resizeNearest,
  slice,
  transpose,
  upfirdn2d,
  type ParameterScope,
  type Value,
} from '@deltaspace/onnx-graph';
import { constantInit, dense, expectShape, fanInNormal, fusedLeaky, leaky } from './layers.js';
import { styleLayout, type StyleLayer, type Stylegan2Config, type StyleSlot } from './style-layout.js';

/** Learning-rate multiplier of the mapping network (reference value). */
const mappingLearningRate = 0.01;
const demodulationEpsilon = 1e-8;
/** toRGB starts small, so that an untrained image stays inside [-1, 1]. */
const colourGain = 0.3;

/** Mapping network: z [N, styleDim] → w [N, styleDim]. Throws when the configuration has no mapping layers. */
export function mappingNetwork(scope: ParameterScope, config: Stylegan2Config, z: Value): Value {
  const { styleDim, mappingLayers = 0 } = config;
  if (mappingLayers < 1) throw new Error('this generator has no mapping network');
  expectShape(z, [z.shape[0] as number, styleDim], 'mapping z');
  const scaled: ParameterScope = (name, shape, init) =>
    scope(name, shape, { ...init, learningRateScale: (init.kind === 'normal' ? init.std : 1) * mappingLearningRate });
  let w = pixelNorm(z, 1e-8);
  for (let layer = 1; layer <= mappingLayers; layer++) w = fusedLeaky(dense(scaled, `style.${layer}`, w, styleDim));
  return w;
}

/** Styles of one batch: `s` [N, styleWidth], and `rgb` [N, rgbWidth] unless the toRGB styles are part of S. */
export interface Styles {
  s: Value;
  rgb: Value | null;
}

/** Affine layers: W+ [N, rows, styleDim] → styles in the order of `styleLayout(config)`. */
export function affine(scope: ParameterScope, config: Stylegan2Config, wPlus: Value): Styles {
  const layout = styleLayout(config);
  const batch = wPlus.shape[0] as number;
  expectShape(wPlus, [batch, layout.rows, config.styleDim], 'affine wplus');
  const rows = Array.from({ length: layout.rows }, (_, row) =>
    reshape(slice(wPlus, 1, row, row + 1), [batch, config.styleDim]),
  );
  const style = ({ layer }: StyleSlot): Value =>
    dense(scope, `${layer.name}.conv.modulation`, rows[layer.wPlusRow] as Value, layer.inChannels, { bias: 1 });
  const rgb = layout.rgbSlots.map(style);
  return { s: concat(layout.styleSlots.map(style), 1), rgb: rgb.length > 0 ? concat(rgb, 1) : null };
}

/**
 * Synthesis network: styles → image [N, 3, size, size], about [-1, 1] but not clamped, RGB.
 * `rgb` must be given exactly when the layout keeps toRGB styles apart.
 */
export function synthesis(scope: ParameterScope, config: Stylegan2Config, { s, rgb }: Styles): Value {
  const layout = styleLayout(config);
  const batch = s.shape[0] as number;
  expectShape(s, [batch, layout.styleWidth], 'synthesis s');
  if ((rgb === null) !== (layout.rgbWidth === 0)) throw new Error('synthesis: rgb styles given and expected disagree');
  if (rgb !== null) expectShape(rgb, [batch, layout.rgbWidth], 'synthesis rgb');
  const styles = new Map([
    ...stylesByLayer(s, layout.styleSlots),
    ...(rgb === null ? [] : stylesByLayer(rgb, layout.rgbSlots)),
  ]);

  const constantShape = [1, config.channels[4] as number, 4, 4];
  let x = repeatOverBatch(scope('input.input', constantShape, { kind: 'normal', std: 1 }), batch);
  let image: Value | null = null;
  let convIndex = 0;
  for (const layer of layout.layers) {
    const style = styles.get(layer.name) as Value;
    if (layer.kind === 'conv') x = styledConvolution(scope, config, layer, x, style, convIndex++);
    else image = addColour(scope, config, layer, x, style, image);
  }
  return image as Value;
}

function stylesByLayer(vector: Value, slots: readonly StyleSlot[]): [string, Value][] {
  return slots.map(({ layer, offset }) => [layer.name, slice(vector, 1, offset, offset + layer.inChannels)]);
}

/**
 * Modulated 3×3 convolution, noise, bias and fused activation. x [N, in, h, h] → [N, out, resolution, resolution], or half that
 * side after `convolve-then-nearest`: the next layer enlarges what it gets, once its style has scaled the smaller picture.
 */
function styledConvolution(
  scope: ParameterScope,
  config: Stylegan2Config,
  layer: StyleLayer,
  x: Value,
  style: Value,
  convIndex: number,
): Value {
  const { name, inChannels, outChannels, resolution } = layer;
  const shape = [outChannels, inChannels, 3, 3];
  const weight = scope(`${name}.conv.weight`, shape, fanInNormal(shape));
  const useFir = layer.upsamples && config.upsampling === 'transposed-fir';
  const isSmall = !layer.upsamples && x.shape[2] !== resolution;
  // √2 of the fused activation is moved onto the small factors: √2·leaky(v) = leaky(√2·v).
  const convolve = (input: Value, kernel: Value): Value =>
    useFir
      ? convolveUp(input, mul(kernel, Math.SQRT2))
      : conv2d(isSmall ? resizeNearest(input, 2) : input, mul(kernel, Math.SQRT2), { padding: 1 });
  let y = modulatedConv2d(x, weight, style, { demodulate: config.demodulate, epsilon: demodulationEpsilon, convolve });
  if (config.noise) {
    const buffer = scope(`noises.noise_${convIndex}`, [1, 1, resolution, resolution], {
      kind: 'normal',
      std: 1,
      learningRateScale: 0,
    });
    const strength = scope(`${name}.noise.weight`, [1], constantInit(0));
    y = add(y, mul(buffer, mul(strength, Math.SQRT2)));
  }
  const bias = scope(`${name}.activate.bias`, [outChannels], constantInit(0));
  return leaky(addChannelBias(y, mul(bias, Math.SQRT2)));
}

/**
 * toRGB: modulated 1×1 convolution without demodulation, added to the upsampled image so far. As a product of matrices with the
 * style on its weight: three rows are fewer to scale than all channels of x.
 */
function addColour(
  scope: ParameterScope,
  config: Stylegan2Config,
  layer: StyleLayer,
  x: Value,
  style: Value,
  image: Value | null,
): Value {
  const shape = [3, layer.inChannels, 1, 1];
  const weight = scope(`${layer.name}.conv.weight`, shape, fanInNormal(shape, colourGain));
  const bias = scope(`${layer.name}.bias`, [3], constantInit(0));
  const [batch, inChannels, side] = [x.shape[0] as number, layer.inChannels, x.shape[2] as number];
  const styled = mul(reshape(weight, [1, 3, inChannels]), reshape(style, [batch, 1, inChannels]));
  const product = matmul(styled, reshape(x, [batch, inChannels, side * side]));
  const colour = addChannelBias(reshape(product, [batch, 3, side, side]), bias);
  if (image === null) return colour;
  const useFir = config.upsampling === 'transposed-fir';
  return add(
    colour,
    useFir ? upfirdn2d(image, binomialKernel(4), { up: 2, padding: [2, 1] }) : resizeNearest(image, 2),
  );
}

/** Transposed convolution with stride 2 to side 2H+1, then the low-pass filter with one pixel of padding: side 2H. */
function convolveUp(x: Value, weight: Value): Value {
  const up = convTranspose2d(x, transpose(weight, [1, 0, 2, 3]), { stride: 2 });
  return upfirdn2d(up, binomialKernel(4), { padding: [1, 1] });
}
