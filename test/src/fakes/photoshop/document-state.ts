/**
 * What a document of the fake Photoshop is, as values that never change: every write makes a new state that shares what
 * is the same. So history, undo and roll-back are a list of states, and "the identical document" is a comparison of two of them.
 */
import type { Bounds, Samples } from './samples.js';

export type Mode = 'rgb' | 'grayscale' | 'lab' | 'cmyk' | 'indexed';
export type Depth = 8 | 16 | 32;

/** Pixels, interleaved, colours first, then alpha if there is one. 16 bit is 0..32768, 32 bit linear. */
export interface Raster {
  readonly bounds: Bounds;
  readonly components: number;
  readonly samples: Samples;
}

export interface MaskState {
  readonly bounds: Bounds;
  readonly samples: Uint8Array;
  /** What the mask is outside of its bounds. */
  readonly outside: 0 | 255;
}

/** Kinds by the words of the DOM. */
export type Kind = 'pixel' | 'smartObject' | 'text' | 'solidColor' | 'group' | 'curves';

export interface LayerState {
  readonly id: number;
  readonly name: string;
  readonly kind: Kind;
  readonly isBackground: boolean;
  readonly isClipped: boolean;
  readonly isLocked: boolean;
  readonly isVisible: boolean;
  /** 0..255, as files have it. */
  readonly opacity: number;
  readonly blendMode: string;
  readonly raster: Raster | undefined;
  readonly mask: MaskState | undefined;
  /** Topmost first; undefined for what is no group. */
  readonly children: readonly LayerState[] | undefined;
}

export interface DocumentState {
  /** Topmost first. */
  readonly layers: readonly LayerState[];
  readonly activeIds: readonly number[];
  readonly xmp: string;
  readonly selection: { readonly bounds: Bounds; readonly samples: Uint8Array } | undefined;
}

/** What does not change with a step of the history. */
export interface DocumentHeader {
  readonly name: string;
  readonly mode: Mode;
  readonly depth: Depth;
  readonly width: number;
  readonly height: number;
  /** Empty when there is no profile. */
  readonly profile: string;
  /** Pixels per inch: nothing of ours may depend on it. */
  readonly resolution: number;
}

export const newLayer = (id: number, name: string, parts: Partial<LayerState> = {}): LayerState => ({
  id,
  name,
  kind: 'pixel',
  isBackground: false,
  isClipped: false,
  isLocked: false,
  isVisible: true,
  opacity: 255,
  blendMode: 'normal',
  raster: undefined,
  mask: undefined,
  children: undefined,
  ...parts,
});

/** All layers, groups before their contents, with the group that each is in. */
export function* walk(
  layers: readonly LayerState[],
  parent?: LayerState,
): Generator<{ layer: LayerState; parent: LayerState | undefined; siblings: readonly LayerState[]; index: number }> {
  for (const [index, layer] of layers.entries()) {
    yield { layer, parent, siblings: layers, index };
    if (layer.children !== undefined) yield* walk(layer.children, layer);
  }
}

export function find(state: DocumentState, id: number) {
  for (const place of walk(state.layers)) if (place.layer.id === id) return place;
  return undefined;
}

/** Puts a layer to where a new one goes: above the active layer, but into a group that is active, as into an open one. */
export function insertNew(state: DocumentState, inserted: LayerState): readonly LayerState[] {
  const [activeId] = state.activeIds;
  const children = activeId === undefined ? undefined : find(state, activeId)?.layer.children;
  if (children === undefined) return insertAbove(state.layers, inserted, activeId);
  return replaceLayer(state.layers, activeId!, (group) => ({ ...group, children: [inserted, ...children] }));
}

/** Changes one layer; `undefined` takes it out. */
export function replaceLayer(
  layers: readonly LayerState[],
  id: number,
  change: (layer: LayerState) => LayerState | undefined,
): readonly LayerState[] {
  return layers.flatMap((layer) => {
    if (layer.id === id) return change(layer) ?? [];
    return layer.children === undefined ? layer : { ...layer, children: replaceLayer(layer.children, id, change) };
  });
}

/** Puts a layer directly above another one, wherever that is; on top of everything without one. */
export function insertAbove(layers: readonly LayerState[], inserted: LayerState, id?: number): readonly LayerState[] {
  if (id === undefined) return [inserted, ...layers];
  return layers.flatMap((layer) => {
    if (layer.id === id) return [inserted, layer];
    return layer.children === undefined ? layer : { ...layer, children: insertAbove(layer.children, inserted, id) };
  });
}
