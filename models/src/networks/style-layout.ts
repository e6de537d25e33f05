/**
 * Layout of the style space S of a StyleGAN2 generator: which layer owns which channels, which W+ row feeds it, and which
 * of the three editing levels it belongs to.
 *
 * The order of S is: coarse level, then medium, then fine; inside a level the convolutions in network order, then (only
 * when the pack edits colours in S) the toRGB layers in network order. Levels are therefore always contiguous ranges, and
 * without toRGB styles the order is exactly the reference one: conv1, convs.0, convs.1, …
 */

/** Architecture of a generator. The parameter names follow rosinality/stylegan2-pytorch. */
export interface Stylegan2Config {
  /** Side of the square image, a power of two from 8 to 2048. */
  size: number;
  /** Length of z and of one W+ row. */
  styleDim: number;
  /** Feature channels by resolution: 4, 8, …, size. */
  channels: Readonly<Record<string, number>>;
  /** Layers of the mapping network z → w; 0 when the pack has none. */
  mappingLayers?: number;
  /**
   * `transposed-fir`: the reference (transposed convolution, then the [1,3,3,1] filter).
   * `convolve-then-nearest`: convolve at the lower resolution, then repeat pixels; four times cheaper, not interchangeable.
   */
  upsampling: 'transposed-fir' | 'convolve-then-nearest';
  /** Whether the fixed noise buffers are added (reference: yes). */
  noise: boolean;
  /** Whether modulated convolutions normalise their output variance (reference: yes). */
  demodulate: boolean;
  /** `separate`: S holds convolution styles only, as published. `in-style-code`: the toRGB styles are part of S. */
  colourStyles: 'separate' | 'in-style-code';
}

/** Editing level of DeltaEdit: coarse 4²–8², medium 16²–32², fine from 64². */
export type StyleLevel = 'coarse' | 'medium' | 'fine';
export const styleLevels: readonly StyleLevel[] = ['coarse', 'medium', 'fine'];

/** One modulated layer. */
export interface StyleLayer {
  /** Prefix of the layer's parameters: `conv1`, `convs.3`, `to_rgb1`, `to_rgbs.0`. */
  readonly name: string;
  readonly kind: 'conv' | 'rgb';
  /** Resolution of the layer's output. */
  readonly resolution: number;
  /** Whether the layer doubles the resolution. */
  readonly upsamples: boolean;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly wPlusRow: number;
  readonly level: StyleLevel;
}

/** A layer with its place in a style vector; its width is `layer.inChannels`. */
export interface StyleSlot {
  readonly layer: StyleLayer;
  readonly offset: number;
}

/** Contiguous part of S that one mapper branch edits. */
export interface LevelRange {
  readonly level: StyleLevel;
  readonly offset: number;
  readonly width: number;
  /** Widths of the layers inside, in order. */
  readonly layerWidths: readonly number[];
}

export interface StyleLayout {
  readonly rows: number;
  /** All layers in execution order: conv1, to_rgb1, convs.0, convs.1, to_rgbs.0, … */
  readonly layers: readonly StyleLayer[];
  /** Layers of S in the order of S. */
  readonly styleSlots: readonly StyleSlot[];
  /** toRGB layers kept outside S (empty with `in-style-code`). */
  readonly rgbSlots: readonly StyleSlot[];
  /** Length of S. */
  readonly styleWidth: number;
  /** Length of the separate toRGB vector; 0 with `in-style-code`. */
  readonly rgbWidth: number;
  /** Non-empty levels in the order coarse, medium, fine. */
  readonly levels: readonly LevelRange[];
}

/** Number of W+ rows of a generator of this size: 18 for 1024. */
export function wPlusRows(size: number): number {
  return 2 * Math.log2(size) - 2;
}

/** First W+ row of the medium and of the fine level, for mappers of W+ (StyleCLIP's latent mapper: 0–3, 4–7, 8 and up). */
const wPlusLevelStarts = { medium: 4, fine: 8 } as const;

/** W+ [rows · styleDim] as one vector with levels, in the shape that mappers take layouts. */
export function wPlusLayout(rows: number, styleDim: number): Pick<StyleLayout, 'levels' | 'styleWidth'> {
  const { medium, fine } = wPlusLevelStarts;
  const ranges = [
    ['coarse', 0, Math.min(rows, medium)],
    ['medium', medium, Math.min(rows, fine)],
    ['fine', fine, rows],
  ] as const;
  return {
    styleWidth: rows * styleDim,
    levels: ranges.flatMap(([level, from, to]) =>
      to <= from
        ? []
        : [
            {
              level,
              offset: from * styleDim,
              width: (to - from) * styleDim,
              layerWidths: Array.from({ length: to - from }, () => styleDim),
            },
          ],
    ),
  };
}

/** The layout of a configuration. Throws when the configuration is inconsistent. */
export function styleLayout(config: Stylegan2Config): StyleLayout {
  const layers = layersOf(config);
  const convs = layers.filter((layer) => layer.kind === 'conv');
  const colours = layers.filter((layer) => layer.kind === 'rgb');
  const inStyle = config.colourStyles === 'in-style-code' ? [...convs, ...colours] : convs;
  const ordered = styleLevels.flatMap((level) => inStyle.filter((layer) => layer.level === level));
  const style = placed(ordered);
  const rgb = placed(config.colourStyles === 'in-style-code' ? [] : colours);
  return {
    rows: wPlusRows(config.size),
    layers,
    styleSlots: style.slots,
    rgbSlots: rgb.slots,
    styleWidth: style.width,
    rgbWidth: rgb.width,
    levels: styleLevels.flatMap((level) => levelRange(level, style.slots)),
  };
}

function layersOf(config: Stylegan2Config): StyleLayer[] {
  checkConfig(config);
  const width = (resolution: number): number => config.channels[resolution] as number;
  const conv = (name: string, resolution: number, from: number, wPlusRow: number): StyleLayer => ({
    name,
    kind: 'conv',
    resolution,
    upsamples: from !== resolution,
    inChannels: width(from),
    outChannels: width(resolution),
    wPlusRow,
    level: levelOf(resolution),
  });
  const rgb = (name: string, resolution: number, wPlusRow: number): StyleLayer => ({
    name,
    kind: 'rgb',
    resolution,
    upsamples: false,
    inChannels: width(resolution),
    outChannels: 3,
    wPlusRow,
    level: levelOf(resolution),
  });
  const layers = [conv('conv1', 4, 4, 0), rgb('to_rgb1', 4, 1)];
  for (let resolution = 8, block = 0; resolution <= config.size; resolution *= 2, block++) {
    layers.push(conv(`convs.${2 * block}`, resolution, resolution / 2, 2 * block + 1));
    layers.push(conv(`convs.${2 * block + 1}`, resolution, resolution, 2 * block + 2));
    layers.push(rgb(`to_rgbs.${block}`, resolution, 2 * block + 3));
  }
  return layers;
}

function checkConfig(config: Stylegan2Config): void {
  const { size, channels, styleDim } = config;
  if (!Number.isInteger(Math.log2(size)) || size < 8 || size > 2048)
    throw new Error(`generator size ${size} is not a power of two in 8–2048`);
  if (!isWidth(styleDim)) throw new Error(`styleDim ${styleDim} is not a positive integer`);
  for (let resolution = 4; resolution <= size; resolution *= 2) {
    if (!isWidth(channels[resolution]))
      throw new Error(`generator channels at ${resolution} are ${String(channels[resolution])}`);
  }
  if (config.noise && config.upsampling === 'convolve-then-nearest')
    throw new Error('noise needs transposed-fir upsampling');
}

function isWidth(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 8192;
}

function levelOf(resolution: number): StyleLevel {
  if (resolution <= 8) return 'coarse';
  return resolution <= 32 ? 'medium' : 'fine';
}

function placed(layers: readonly StyleLayer[]): { slots: StyleSlot[]; width: number } {
  let width = 0;
  const slots = layers.map((layer) => {
    const offset = width;
    width += layer.inChannels;
    return { layer, offset };
  });
  return { slots, width };
}

function levelRange(level: StyleLevel, slots: readonly StyleSlot[]): LevelRange[] {
  const inside = slots.filter((slot) => slot.layer.level === level);
  const first = inside[0];
  if (first === undefined) return [];
  const layerWidths = inside.map((slot) => slot.layer.inChannels);
  return [{ level, offset: first.offset, width: layerWidths.reduce((a, b) => a + b, 0), layerWidths }];
}
