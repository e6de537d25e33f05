/**
 * What jobs need of the method: the engine as an interface, owned by its user. deltaedit/engine.ts fits it
 * structurally; tests bring scripted ones. Types only.
 */
import type { Tensor } from '@deltaspace/onnx-graph';

/** RGBA, straight alpha, sRGB, row-major from the top, 4 bytes per pixel. */
export interface PixelImage {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface EditParameters {
  targets: string[];
  source?: string;
  strength?: number;
  threshold?: number;
  method?: 'deltaedit' | 'straightforward';
  heatmap?: boolean;
  reconstruction?: boolean;
}

export interface EditOutput {
  target: string;
  source: string;
  image: PixelImage;
  heatmap?: PixelImage;
  strength: number;
  threshold: number;
  channelsKept: number;
  reach: number;
  unknownWords: string[];
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
}

export interface EditEngine {
  packs(): EnginePack[];
  edit(packId: string, image: PixelImage, parameters: EditParameters, hooks: EngineHooks): Promise<EngineEditResult>;
  invert(packId: string, image: PixelImage, hooks: EngineHooks): Promise<EngineInvertResult>;
  runNetwork(packId: string, network: string, inputs: Map<string, Tensor>): Promise<Map<string, Tensor>>;
  dispose(): Promise<void>;
}
