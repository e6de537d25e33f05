/**
 * Reads the layer that is to be edited: a short modal scope that ends before anything is sent.
 *
 * What comes out is the crop as the daemon wants it (RGBA, 8 bit, sRGB; converted by Photoshop, which knows the profiles)
 * and all that `commit.ts` needs to find its way back. Pixels of the document's own depth are not kept: they are read again, tile
 * by tile, when the result is written. The layer is only read here; what cannot be edited is refused with words.
 *
 * A group is read as the one picture that it is by itself (Photoshop renders it), so a group whose layers blend with what is
 * below it is refused: over it, its picture would look different also where the edit changes nothing.
 */
import type {
  Bounds,
  DocumentFacts,
  LayerFacts,
  LayerKind,
  ModalScope,
  PhotoshopPort,
} from '../host/photoshop-port.js';
import { words } from '../words.js';
import { intersect, isEmpty, partOfShare, tilesOf } from './bounds.js';
import { LayerError } from './layer-error.js';
import { layCoverage, layTile, sentSizeOf, tileSideFor, type SentSize } from './reduction.js';

/** The profile that pixels travel in. */
export const wireProfile = 'sRGB IEC61966-2.1';

/** A layer, or the selected part of it, as it was when an edit was asked for. */
export interface Capture {
  readonly document: DocumentFacts;
  readonly layer: LayerFacts;
  /** What was read, in document pixels. */
  readonly bounds: Bounds;
  readonly size: SentSize;
  /** `[size.heightPx, size.widthPx, 4]`, 0..255, sRGB, alpha not premultiplied. Owned by the capture: do not change it. */
  readonly rgba: Uint8Array;
  /** The part that was asked for, in document pixels: one of several subjects; undefined when it was the whole layer. */
  readonly within: Bounds | undefined;
  /** How much of each sent pixel was selected, 0..255; undefined when nothing was, which means all of it. */
  readonly selected: Uint8Array | undefined;
}

export interface CaptureOptions {
  /** Document to read from instead of the active one: another may have come to the front since somebody asked. */
  readonly document?: Pick<DocumentFacts, 'id' | 'name'>;
  /** Layer to read instead of the active one. Ids count within a document: name the document too when it is known. */
  readonly layerId?: number;
  /** Whether the selection limits what is read and changed. Default true. */
  readonly withinSelection?: boolean;
  /** Reads this part only, in document pixels: one of several subjects. */
  readonly within?: Bounds;
  /** Reads this part only, as shares of the layer's bounds, 0..1: the place of a subject in some other layer. */
  readonly share?: Bounds;
  /** Bounds of the sent picture, for tests. */
  readonly limits?: { sentPixels: number; sentSidePx: number };
}

const editableModes: readonly string[] = ['rgb', 'grayscale', 'lab'];
const editableKinds: readonly LayerKind[] = ['pixel', 'background', 'smartObject', 'text', 'shape', 'group'];

/**
 * Captures the active layer of the active document, or the one that the options name.
 * @throws LayerError one of the codes up to `document_closed`; HostError `busy`, `cancelled`, `refused`.
 */
export async function captureLayer(port: PhotoshopPort, options: CaptureOptions = {}): Promise<Capture> {
  findTarget(port, options); // before any work, also before Photoshop is made modal
  return port.modal(words.readingLayer, async (scope) => {
    const { document, layer, selection, bounds } = findTarget(port, options); // it may be another one by now
    const within = partOf(layer, options);
    const size = sentSizeOf(bounds, options.limits);
    const rgba = await readReduced(scope, document, layer, bounds, size);
    const selected = selection && (await readSelected(scope, document.id, bounds, size));
    return { document, layer, bounds, size, rgba, within, selected };
  });
}

/** What an edit would be made of now. */
export interface EditTarget {
  readonly document: DocumentFacts;
  readonly layer: LayerFacts;
  readonly selection: Bounds | undefined;
  /** What would be read, in document pixels; never empty. */
  readonly bounds: Bounds;
}

/**
 * The document, the layer and the part of it to edit, when they can be. Reads no pixels.
 * @throws LayerError one of the codes up to `document_closed`.
 */
export function findTarget(port: PhotoshopPort, options: CaptureOptions = {}): EditTarget {
  const { layerId } = options;
  const document = findDocument(port, options);
  if (!editableModes.includes(document.mode)) {
    throw new LayerError('mode_unsupported', words.modeUnsupported(document.mode));
  }
  const layer = layerId === undefined ? onlyActiveLayer(port, document) : port.layer(document.id, layerId);
  if (layer === undefined) throw new LayerError('no_layer', words.noLayer);
  if (!editableKinds.includes(layer.kind)) {
    throw new LayerError('kind_unsupported', words.kindUnsupported(layer.kind, layer.name));
  }
  if (layer.isMixedWithBelow) throw new LayerError('group_mixed', words.groupMixed(layer.name));
  if (layer.isInLockedGroup) throw new LayerError('locked_group', words.lockedGroup(layer.name));
  if (isEmpty(layer.bounds)) throw new LayerError('layer_empty', words.layerEmpty(layer.name));
  const canvas = { left: 0, top: 0, right: document.widthPx, bottom: document.heightPx };
  if (isEmpty(intersect(layer.bounds, canvas))) {
    throw new LayerError('layer_off_canvas', words.layerOffCanvas(layer.name));
  }
  const selection = options.withinSelection === false ? undefined : port.selectionBounds(document.id);
  const limits = [selection, partOf(layer, options)].filter((limit) => limit !== undefined);
  const bounds = limits.reduce(intersect, layer.bounds);
  if (isEmpty(bounds)) throw new LayerError('selection_misses_layer', words.selectionMissesLayer(layer.name));
  return { document, layer, selection, bounds };
}

/** The part that the options ask for, in document pixels. */
function partOf({ bounds }: LayerFacts, { within, share }: CaptureOptions): Bounds | undefined {
  return within ?? (share && partOfShare(share, bounds));
}

function findDocument(port: PhotoshopPort, { document: named }: CaptureOptions): DocumentFacts {
  const document = named === undefined ? port.activeDocument() : port.document(named.id);
  if (document !== undefined) return document;
  if (named === undefined) throw new LayerError('no_document', words.noDocument);
  throw new LayerError('document_closed', words.documentClosed(named.name));
}

function onlyActiveLayer(port: PhotoshopPort, document: DocumentFacts): LayerFacts | undefined {
  const layers = port.activeLayers(document.id);
  if (layers.length > 1) throw new LayerError('many_layers', words.manyLayers(layers.length));
  return layers[0];
}

async function readReduced(
  scope: ModalScope,
  document: DocumentFacts,
  layer: LayerFacts,
  bounds: Bounds,
  size: SentSize,
): Promise<Uint8Array> {
  const rgba = new Uint8Array(size.widthPx * size.heightPx * 4);
  const convertTo = { colorSpace: 'RGB', profile: wireProfile, bitDepth: 8 } as const;
  let isBlank = true;
  for (const tile of tilesOf(bounds, tileSideFor(size.factor))) {
    scope.checkCancelled();
    const request = { documentId: document.id, layerId: layer.id, bounds: tile, convertTo };
    const block = await scope.readPixels(request).catch((cause: unknown) => {
      // That groups can be read is documented nowhere; a version that cannot must not look like a bug of ours.
      if (layer.kind !== 'group') throw cause;
      throw new LayerError('kind_unsupported', words.groupUnreadable(layer.name), { cause });
    });
    if (block === undefined) continue;
    isBlank = false;
    layTile(rgba, size, bounds, tile, block);
    scope.report((tile.bottom - bounds.top) / (bounds.bottom - bounds.top));
  }
  if (isBlank) throw new LayerError('layer_empty', words.layerEmpty(layer.name));
  return rgba;
}

async function readSelected(
  scope: ModalScope,
  documentId: number,
  bounds: Bounds,
  size: SentSize,
): Promise<Uint8Array> {
  const selected = new Uint8Array(size.widthPx * size.heightPx);
  for (const tile of tilesOf(bounds, tileSideFor(size.factor))) {
    scope.checkCancelled();
    const block = await scope.readSelection(documentId, tile);
    if (block !== undefined) layCoverage(selected, size, bounds, tile, block);
  }
  return selected;
}
