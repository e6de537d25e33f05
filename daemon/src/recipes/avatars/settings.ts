/**
 * What the avatars recipe trains: sizes, seeds and loss weights, in one place, so that `pack.json` can state them exactly.
 *
 * Numbers with a reason: notes beside them. Times are shares of `--minutes`; a stage ends at its share of the time or at its
 * step limit, whichever comes first.
 */
import {
  defaultAttributeClassifier,
  defaultClipImage,
  defaultClipText,
  defaultInverterStages,
  type AttributeClassifierConfig,
  type ClipImageConfig,
  type ClipTextConfig,
  type DeltaMapperConfig,
  type InverterConfig,
  type Stylegan2Config,
  wPlusRows,
} from '@deltaspace/models';
import { ATTRIBUTE_KEYS, valuesOf } from './attributes.js';

/** Side of the pictures that the pack works at. */
export const resolution = 128;
/** Side at which generator and inverter are trained first; the rest is grown onto them. */
export const baseResolution = 64;
/** What the inverter and CLIP see is averaged over squares of this side: an avatar is told apart at 64 px already. */
const pooling = resolution / baseResolution;

export const dataSettings = {
  /** Seed of the data set; splits differ by construction (see splits.ts). */
  dataSeed: 0,
  trainCount: 48_000,
  validationCount: 2_048,
  testCount: 4_096,
} as const;

/** The generator before it is grown: 2.4 M parameters with its inverter, 0.75 GFLOP per trained image. */
export const baseGeneratorConfig: Stylegan2Config = {
  size: baseResolution,
  styleDim: 128,
  channels: { 4: 128, 8: 128, 16: 96, 32: 48, 64: 24 },
  upsampling: 'convolve-then-nearest',
  noise: false,
  demodulate: true,
  // With so few channels colours live in the toRGB styles: edits that leave them alone fail on colour words.
  colourStyles: 'in-style-code',
};

export const generatorConfig: Stylegan2Config = {
  ...baseGeneratorConfig,
  size: resolution,
  channels: { ...baseGeneratorConfig.channels, 128: 16 },
};

export const baseInverterConfig: InverterConfig = {
  resolution: baseResolution,
  styleDim: baseGeneratorConfig.styleDim,
  rows: wPlusRows(baseResolution),
  stages: defaultInverterStages(baseResolution),
  hidden: 384,
};

export const inverterConfig: InverterConfig = {
  ...baseInverterConfig,
  resolution,
  pooling,
  rows: wPlusRows(resolution),
};

export const embedDim = 128;
export const clipImageConfig: ClipImageConfig = { ...defaultClipImage(baseResolution, embedDim), resolution, pooling };

/** The text tower for a vocabulary of `words` words; row 0 of the table is padding. */
export function clipTextConfig(words: number): ClipTextConfig {
  // 36 words hold nearly every caption; longer texts are cut, and the answer says so.
  return { ...defaultClipText(words + 1, embedDim), contextLength: 36 };
}

export const classifierConfig: AttributeClassifierConfig = {
  ...defaultAttributeClassifier(
    resolution,
    ATTRIBUTE_KEYS.map((name) => ({ name, values: valuesOf(name).length })),
  ),
  // Half of what the defaults have: the pack carries the classifier, and 128 is enough.
  hidden: 128,
};

/** The mapper sees standardised style codes; a linear end because those are as often negative as positive. */
export const mapperConfig: DeltaMapperConfig = {
  conditionWidth: 2 * embedDim,
  hidden: 320,
  output: 'linear',
  standardize: true,
  shareLayers: false,
  weights: 'folded',
};

/** How one stage is trained. */
export interface StageSettings {
  readonly seed: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly beta2: number;
  /** Share of the recipe's minutes. */
  readonly timeShare: number;
  /** Minutes when the recipe is not time-boxed. */
  readonly minutes: number;
}

export const stageSettings = {
  // Equalised rates of 1e-2 are stable here; plain Adam at 1.5e-3 diverged within 200 steps.
  autoencoder: { seed: 17, batch: 8, learningRate: 1e-2, beta2: 0.99, timeShare: 0.45, minutes: 45 },
  growth: { seed: 18, batch: 8, learningRate: 6e-3, beta2: 0.99, timeShare: 0.18, minutes: 90 },
  clip: { seed: 7, batch: 256, learningRate: 1.5e-2, beta2: 0.99, timeShare: 0.25, minutes: 30 },
  alignment: { seed: 8, batch: 256, learningRate: 8e-3, beta2: 0.99, timeShare: 0.25, minutes: 28 },
  classifier: { seed: 23, batch: 64, learningRate: 1e-2, beta2: 0.99, timeShare: 0.05, minutes: 7 },
  // 1.8 on the reference's rates (0.01/√fan-in) is 1e-3 on the weights of a layer of width 320.
  mapper: { seed: 91, batch: 256, learningRate: 1.8, beta2: 0.99, timeShare: 0.05, minutes: 8 },
  straightforward: { seed: 92, batch: 256, learningRate: 1.8, beta2: 0.99, timeShare: 0.02, minutes: 3 },
  wplus: { seed: 93, batch: 256, learningRate: 1.8, beta2: 0.99, timeShare: 0.03, minutes: 4 },
} as const satisfies Record<string, StageSettings>;

/**
 * Which pairs of pictures the mappers learn from. No text and no label enters; one-attribute pairs use that the renderer can
 * draw the same avatar again with one part exchanged. All other pairs are two random pictures.
 */
export const pairSettings = {
  /** Pairs that differ in one attribute, drawn for training only. */
  oneAttributePairs: 12_288,
  /** How often such a pair is drawn. */
  oneAttributeShare: 0.5,
  /** Noise on the unit difference Δi, as a multiple of its length. */
  differenceNoise: 0,
} as const;

export const relevanceSettings = {
  /** See deltaedit/relevance-matrix.ts. */
  method: 'regression',
} as const;

/** One strength and threshold for all texts; chosen on validation avatars. */
export const editDefaults = { strength: 1, threshold: 0.05, clampStyles: true } as const;

export type TrainedStage = keyof typeof stageSettings;
