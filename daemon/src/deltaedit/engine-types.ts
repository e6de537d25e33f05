/**
 * What the engine takes and gives, as plain data. jobs/engine-port.ts says the same from the side of its user; the two fit
 * structurally, and neither imports the other.
 */
import type { Tensor } from '@deltaspace/onnx-graph';
import type { PixelImage, Region, Subjects } from '../imaging/index.js';
import type { EditMethod } from './edited-codes.js';
import type { EngineHooks } from './stages.js';
import type { EditWarning } from './warnings.js';

/** What the image shows now: a text, the pack's noun, or a text written for the layer (adaptive-source.ts). */
export type EditSource = { kind: 'text'; text: string } | { kind: 'domain' } | { kind: 'auto' };

export interface EditParameters {
  /** One output per text. Empty exactly when `pair` is given. */
  targets: string[];
  /** Image-pair editing (§5.5.2): the change between two pictures instead of a text. One output. */
  pair?: { from: PixelImage; to: PixelImage };
  /** The pack's default when left out. */
  source?: EditSource;
  /** ρ; negative swaps source and target. The method's default in this pack when left out. */
  strength?: number;
  /** τ (β for `styleclip-gd`). */
  threshold?: number;
  /** Keep the k most relevant channels instead of those above the threshold. */
  topChannels?: number;
  method?: EditMethod;
  heatmap?: boolean;
  reconstruction?: boolean;
  /** The part of the layer that is edited, in its pixels; all of it when left out. */
  region?: Region;
  /** Longer side of the results in pixels, when that is less than the layer's: for previews. */
  previewSide?: number;
}

export interface EditOutput {
  target?: string;
  source?: string;
  image: PixelImage;
  heatmap?: PixelImage;
  strength: number;
  threshold: number;
  /** Style channels that the relevance mask left open. */
  channelsKept: number;
  /** ‖Δ‖: how far apart the texts (or pictures) are in DeltaSpace, 0 to 2. */
  reach: number;
  /** Root mean square of the change of S in standard deviations. */
  styleChange: number;
  /** Cosine between Δ and the way the picture's embedding moved; 0 when it did not move. */
  alignment: number;
  unknownWords: string[];
  warnings: EditWarning[];
}

export interface EditResult {
  pack: string;
  reconstruction?: PixelImage;
  outputs: EditOutput[];
  /** Milliseconds by stage; `networks` is the part spent inside network runs, over all stages. */
  timingsMs: Record<string, number>;
}

export interface InvertResult {
  pack: string;
  /** `wplus` [1, rows, D], `s` [1, S], and `rgb` [1, RGB] when toRGB styles are apart. */
  latent: Map<string, Tensor>;
  reconstruction: PixelImage;
  timingsMs: Record<string, number>;
}

/** Between two texts for one layer (Fig. 10), or between two layers (Fig. 13). */
export type InterpolateParameters = { steps: number } & (
  | { between: 'texts'; from: string; to: string; source?: EditSource; strength?: number; threshold?: number }
  | { between: 'layers'; other: PixelImage }
);

export interface InterpolateResult {
  pack: string;
  frames: { weight: number; image: PixelImage }[];
  unknownWords: string[];
  timingsMs: Record<string, number>;
}

export interface MixParameters {
  /** First W+ row that comes from the style layer; the first row of the fine level when left out. */
  fromLayer?: number;
}

export interface MixResult {
  pack: string;
  image: PixelImage;
  fromLayer: number;
  layers: number;
  timingsMs: Record<string, number>;
}

export interface PackSummary {
  id: string;
  version: string;
  domain: string;
  resolution: number;
  networks: string[];
  licence: string;
  defaults: { strength: number; threshold: number };
  /** Texts that the pack is good at. */
  suggestions: string[];
}

export interface EditEngine {
  packs(): PackSummary[];
  /** What stands apart from the layer's background, at most `maximum` of them. */
  subjects(image: PixelImage, maximum: number): Subjects;
  edit(packId: string, image: PixelImage, parameters: EditParameters, hooks: EngineHooks): Promise<EditResult>;
  invert(packId: string, image: PixelImage, hooks: EngineHooks): Promise<InvertResult>;
  interpolate(
    packId: string,
    image: PixelImage,
    parameters: InterpolateParameters,
    hooks: EngineHooks,
  ): Promise<InterpolateResult>;
  mix(
    packId: string,
    content: PixelImage,
    style: PixelImage,
    parameters: MixParameters,
    hooks: EngineHooks,
  ): Promise<MixResult>;
  runNetwork(packId: string, network: string, inputs: Map<string, Tensor>): Promise<Map<string, Tensor>>;
  dispose(): Promise<void>;
}
