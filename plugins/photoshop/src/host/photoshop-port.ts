/**
 * What the plugin needs from Photoshop, and nothing else: the one interface between our code and the editor.
 *
 * `layer/` is written against it and knows no UXP; `photoshop-host.ts` implements it on the real modules. Its shape makes
 * two rules hard to break: pixels are only reachable inside a short modal scope, and writes only inside one history step
 * of that scope. Image data of the host never crosses: what crosses are plain arrays, and the host has disposed its own.
 *
 * Bounds are pixels of the document, whatever its resolution (PPI) is; right and bottom are exclusive.
 */

/** A rectangle in document pixels; may lie outside the canvas. Right and bottom are exclusive. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type DocumentMode =
  'rgb' | 'grayscale' | 'lab' | 'cmyk' | 'indexed' | 'bitmap' | 'multichannel' | 'duotone' | 'unknown';

/** Colour spaces in which the host hands out and takes pixels. */
export type ColorSpace = 'RGB' | 'Grayscale' | 'Lab';

/** Bits of one component of a pixel: 8 is 0..255, 16 is 0..32768, 32 is linear floating point that may exceed 0..1. */
export type BitDepth = 8 | 16 | 32;

/** A document as it is now. */
export interface DocumentFacts {
  readonly id: number;
  readonly name: string;
  readonly mode: DocumentMode;
  readonly bitDepth: 1 | BitDepth;
  /** Name of the embedded colour profile; empty when the document is not colour managed. */
  readonly profile: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly historyStateId: number;
}

export type LayerKind =
  'pixel' | 'background' | 'smartObject' | 'text' | 'shape' | 'group' | 'adjustment' | 'video' | 'threeD';

/** A layer as it is now. */
export interface LayerFacts {
  readonly id: number;
  readonly name: string;
  readonly kind: LayerKind;
  /** Without effects; zero width or height when the layer is empty. */
  readonly bounds: Bounds;
  /** Whether the layer is clipped to one below it. */
  readonly isClipped: boolean;
  /** Whether another layer is clipped to this one. */
  readonly isClippingBase: boolean;
  /** Whether its own pixels cannot be written: all of it is locked, or they are. */
  readonly isLocked: boolean;
  /** Whether a group around it is locked, so that nothing can be added beside it. */
  readonly isInLockedGroup: boolean;
  readonly opacityPercent: number;
  readonly blendMode: string;
  /** Whether it is a group of which some layer blends with what lies below the group, so that by itself it looks different. */
  readonly isMixedWithBelow: boolean;
}

/** Samples of pixels, interleaved ("chunky"): the array's type says the bit depth. */
export type Samples = Uint8Array | Uint16Array | Float32Array;

/** Pixels of a rectangle. RGB and Lab have 3 components or 4 with alpha last, gray has 1 or 2. Alpha is not premultiplied. */
export interface PixelBlock {
  readonly bounds: Bounds;
  readonly components: number;
  readonly colorSpace: ColorSpace;
  /** Without the suffix that the host appends for 32 bit; empty stands for the document's own. */
  readonly profile: string;
  readonly samples: Samples;
}

export interface PixelRequest {
  readonly documentId: number;
  readonly layerId: number;
  readonly bounds: Bounds;
  /** Converted by the host. Without it, pixels come in the document's own space, profile and depth. */
  readonly convertTo?: { readonly colorSpace: ColorSpace; readonly profile: string; readonly bitDepth: BitDepth };
}

/** A small picture of a region, for detection and thumbnails only: its pixels are those of a cached pyramid level. */
export interface PreviewRequest {
  readonly documentId: number;
  readonly layerId: number;
  readonly bounds: Bounds;
  /** Longest side of the answer, in pixels. */
  readonly longestSidePx: number;
}

/** How much of each pixel is selected or shown, 0..255, one byte per pixel. */
export interface CoverageBlock {
  readonly bounds: Bounds;
  readonly samples: Uint8Array;
}

/** What may be changed, inside one step of the history. Layers are those of the step's document. */
export interface LayerWriter {
  /** An empty pixel layer directly above another one, or above the active layer. */
  createLayer(name: string, aboveLayerId: number | undefined): Promise<number>;
  rename(layerId: number, name: string): void;
  clipToBelow(layerId: number): void;
  /** @param replaceAll whether everything else on the layer is wiped. */
  writePixels(layerId: number, block: PixelBlock, replaceAll: boolean): Promise<void>;
  /** Gives the layer a mask that hides everything; drops one that it had. */
  hideByMask(layerId: number): Promise<void>;
  writeMask(layerId: number, block: CoverageBlock): Promise<void>;
  select(layerId: number): Promise<void>;
  writeXmp(text: string): Promise<void>;
}

/** What may be done while no other plugin and no tool of the user can change anything. Keep it short. */
export interface ModalScope {
  /** @throws HostError `cancelled` once the user pressed Esc. */
  checkCancelled(): void;
  /** @param fraction 0 to 1, shown by the host when the scope lasts longer than about two seconds. */
  report(fraction: number): void;
  /** Undefined when there are no pixels in the bounds. The answer's bounds may be smaller than asked for. */
  readPixels(request: PixelRequest): Promise<PixelBlock | undefined>;
  readPreview(request: PreviewRequest): Promise<PixelBlock | undefined>;
  readSelection(documentId: number, bounds: Bounds): Promise<CoverageBlock | undefined>;
  hasMask(documentId: number, layerId: number): Promise<boolean>;
  readXmp(documentId: number): Promise<string>;
  /** Runs writes as one named history step. When `work` throws, everything is rolled back and nothing is recorded. */
  inOneStep<T>(documentId: number, name: string, work: (writer: LayerWriter) => Promise<T>): Promise<T>;
}

/** A call that Photoshop makes when it plays a recorded step back. */
export type ReplayHandler = (parameters: Readonly<Record<string, string>>) => Promise<void>;

export interface PhotoshopPort {
  activeDocument(): DocumentFacts | undefined;
  document(documentId: number): DocumentFacts | undefined;
  activeLayers(documentId: number): readonly LayerFacts[];
  layer(documentId: number, layerId: number): LayerFacts | undefined;
  layersNamed(documentId: number, name: string): readonly LayerFacts[];
  selectionBounds(documentId: number): Bounds | undefined;
  /**
   * Runs `work` while the host is modal for this plugin.
   * @throws HostError `busy` when another plugin stays modal, `cancelled` when the user pressed Esc.
   */
  modal<T>(name: string, work: (scope: ModalScope) => Promise<T>): Promise<T>;
  /** Calls back when document, layer or selection may have changed. Silent while a scope is modal. Returns how to stop. */
  watch(listener: () => void): Promise<() => Promise<void>>;
  /** Adds a step to the action that is being recorded, if any: replaying it calls the handler of that method. */
  recordStep(title: string, methodName: string, parameters: Readonly<Record<string, string>>): Promise<void>;
  /** Shows a text in a dialog of the host: for commands, when there is no panel to say it. */
  alert(text: string): Promise<void>;
  /** Makes a method known to recorded actions. Inside the handler, `modal` uses the scope that the host has opened. */
  onReplay(methodName: string, handler: ReplayHandler): void;
}
