/**
 * What jobs need of the method: the engine as an interface, owned by its user. deltaedit/engine-types.ts fits it
 * structurally; tests bring scripted ones. Types only.
 */
import type { Tensor } from '@deltaspace/onnx-graph';

/** RGBA, straight alpha, sRGB, row-major from the top, 4 bytes per pixel. */
export interface PixelImage {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A rectangle in pixels from the top left of a layer. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Rectangles around the subjects of a layer, in reading order, and how they were told from the background. */
export interface Subjects {
  readonly separation: 'alpha' | 'backdrop' | 'whole';
  readonly regions: readonly Region[];
}

/** How a direction in the latent space is found; everything but `deltaedit` is a baseline of the paper. */
export type EditMethod = 'deltaedit' | 'straightforward' | 'wplus' | 'styleclip-gd';

/** What the image shows now: a text, the bare noun of the pack's domain, or a text written for the layer. */
export type EditSource = { kind: 'text'; text: string } | { kind: 'domain' } | { kind: 'auto' };

export interface EditParameters {
  /** One output per text. Empty exactly when `pair` is given. */
  targets: string[];
  /** Image-pair editing: the change from one picture to the other, instead of a text. One output. */
  pair?: { from: PixelImage; to: PixelImage };
  /** The pack's default when left out. */
  source?: EditSource;
  /** ρ; negative swaps source and target. */
  strength?: number;
  /** τ; not together with `topChannels`. */
  threshold?: number;
  /** Keep the k most relevant channels of S instead of those above a threshold. */
  topChannels?: number;
  method?: EditMethod;
  heatmap?: boolean;
  reconstruction?: boolean;
  /** The part of the layer that is edited, in its pixels; all of it when left out. */
  region?: Region;
  /** Longer side of the results in pixels, when that is less than the layer's: for previews. */
  previewSide?: number;
}

export type EditWarningCode = 'unknown_words' | 'already_there' | 'no_change' | 'out_of_reach';

export interface EditWarning {
  code: EditWarningCode;
  message: string;
}

export interface EditOutput {
  /** Absent for image pairs, as is `source`. */
  target?: string;
  source?: string;
  image: PixelImage;
  heatmap?: PixelImage;
  strength: number;
  threshold: number;
  channelsKept: number;
  /** ‖Δ‖: how far apart the texts (or pictures) are in DeltaSpace, 0 to 2. */
  reach: number;
  /** Root mean square change of S in standard deviations. */
  styleChange: number;
  /** Cosine between the asked direction and the way the picture's own embedding moved, −1 to 1; 0 when nothing moved. */
  alignment: number;
  unknownWords: string[];
  warnings: EditWarning[];
}

export interface EngineEditResult {
  pack: string;
  reconstruction?: PixelImage;
  outputs: EditOutput[];
  timingsMs: Record<string, number>;
}

export interface EngineInvertResult {
  pack: string;
  latent: Map<string, Tensor>;
  reconstruction: PixelImage;
  timingsMs: Record<string, number>;
}

/** Between two texts for one layer (attributes), or between two layers (latents). */
export type InterpolateParameters = {
  /** Frames, both ends included; at least 2. */
  steps: number;
} & (
  | {
      between: 'texts';
      from: string;
      to: string;
      source?: EditSource;
      strength?: number;
      threshold?: number;
    }
  | { between: 'layers'; other: PixelImage }
);

export interface EngineInterpolateResult {
  pack: string;
  /** Weight of the second end, 0 to 1, and the picture, at the size of the first layer. */
  frames: { weight: number; image: PixelImage }[];
  unknownWords: string[];
  timingsMs: Record<string, number>;
}

export interface MixParameters {
  /** First row of W+ that comes from the style layer; default: the first row of the fine level. */
  fromLayer?: number;
}

export interface EngineMixResult {
  pack: string;
  image: PixelImage;
  fromLayer: number;
  /** Rows of W+; `fromLayer` may be 0 to this number. */
  layers: number;
  timingsMs: Record<string, number>;
}

/** Progress goes out, cancellation comes in; the engine looks at the signal between stages. */
export interface EngineHooks {
  progress: (stage: string, fraction: number) => void;
  signal: AbortSignal;
}

export interface EnginePack {
  id: string;
  version: string;
  domain: string;
  resolution: number;
  networks: string[];
  licence?: string;
  defaults?: { strength: number; threshold: number };
  /** Texts that the pack is good at. */
  suggestions?: string[];
}

export interface EditEngine {
  packs(): EnginePack[];
  subjects(image: PixelImage, maximum: number): Subjects;
  edit(packId: string, image: PixelImage, parameters: EditParameters, hooks: EngineHooks): Promise<EngineEditResult>;
  invert(packId: string, image: PixelImage, hooks: EngineHooks): Promise<EngineInvertResult>;
  /** Fails with `edit_failed` when the steps or the pack do not allow it. */
  interpolate(
    packId: string,
    image: PixelImage,
    parameters: InterpolateParameters,
    hooks: EngineHooks,
  ): Promise<EngineInterpolateResult>;
  mix(
    packId: string,
    content: PixelImage,
    style: PixelImage,
    parameters: MixParameters,
    hooks: EngineHooks,
  ): Promise<EngineMixResult>;
  runNetwork(packId: string, network: string, inputs: Map<string, Tensor>): Promise<Map<string, Tensor>>;
  dispose(): Promise<void>;
}
