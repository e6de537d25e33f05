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
/** What inverter, CLIP and classifier see is averaged over squares of this side: an avatar is told apart at 64 px. */
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
    baseResolution,
    ATTRIBUTE_KEYS.map((name) => ({ name, values: valuesOf(name).length })),
  ),
  resolution,
  pooling,
  // Half of what the defaults have: the pack carries the classifier, and 128 is enough.
  hidden: 128,
};

/**
 * The mapper, and that of W+ for comparison, sees standardised codes; a linear end because those are as often negative as
 * positive. Wider is not better in the time there is: 384 ended at 0.149 on validation pairs after 13 minutes, 256 at 0.115 after 35.
 */
export const mapperConfig: DeltaMapperConfig = {
  conditionWidth: 2 * embedDim,
  hidden: 256,
  output: 'linear',
  standardize: true,
  shareLayers: false,
  weights: 'folded',
};

/** The straightforward solution's mapper: narrower, so that the pack stays small. More would not mend what it lacks. */
export const straightforwardMapperConfig: DeltaMapperConfig = { ...mapperConfig, hidden: 176 };

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
  autoencoder: { seed: 17, batch: 8, learningRate: 1e-2, beta2: 0.99, timeShare: 0.2, minutes: 65 },
  growth: { seed: 18, batch: 8, learningRate: 6e-3, beta2: 0.99, timeShare: 0.23, minutes: 90 },
  refinement: { seed: 20, batch: 8, learningRate: 2.5e-3, beta2: 0.99, timeShare: 0.04, minutes: 28 },
  clip: { seed: 7, batch: 256, learningRate: 1.5e-2, beta2: 0.99, timeShare: 0.12, minutes: 30 },
  alignment: { seed: 8, batch: 256, learningRate: 8e-3, beta2: 0.99, timeShare: 0.17, minutes: 60 },
  classifier: { seed: 23, batch: 64, learningRate: 1e-2, beta2: 0.99, timeShare: 0.03, minutes: 7 },
  // 1.8 on the reference's rates (0.01/√fan-in) is 1.1e-3 on the weights of a layer of width 256.
  mapper: { seed: 91, batch: 256, learningRate: 1.8, beta2: 0.99, timeShare: 0.1, minutes: 35 },
  straightforward: { seed: 92, batch: 256, learningRate: 1.8, beta2: 0.99, timeShare: 0.02, minutes: 2.5 },
  wplus: { seed: 93, batch: 256, learningRate: 1.8, beta2: 0.99, timeShare: 0.09, minutes: 33 },
} as const satisfies Record<string, StageSettings>;

/**
 * Which pairs of pictures the mappers learn from: two random ones, or an avatar before and after a change of one to three
 * attributes. No text and no label enters; that the renderer can draw an avatar again, a little changed, is all that is used.
 */
export const pairSettings = {
  /** Pairs of the second kind, drawn for training only. */
  changedPairs: 12_288,
  /** How often such a pair is drawn. */
  changedShare: 0.6,
  /** Noise on the unit difference Δi, as a multiple of its length. */
  differenceNoise: 0,
} as const;

export const relevanceSettings = {
  /** See deltaedit/relevance-matrix.ts. */
  method: 'regression',
} as const;

/** One strength and threshold for all texts. Validation avatars do not tell thresholds from 0 to 0.05 apart. */
export const editDefaults = {
  strength: 1.1,
  threshold: 0.02,
  clampStyles: true,
  source: 'auto',
  // What `evaluate` finds best for the baselines, also on validation avatars.
  styleclip: { strength: 3, threshold: 0.25 },
  wplusStrength: 1,
} as const;

export type TrainedStage = keyof typeof stageSettings;
