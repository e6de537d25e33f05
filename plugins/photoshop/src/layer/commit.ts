/**
 * Writes an edit into the document: one short modal scope, one history step, one new layer directly above the source.
 *
 * The layer holds the changed area only, under a soft mask made from the change; the source is not touched. Whatever could have
 * happened since the capture is looked at first, inside the scope. When anything throws, the step is rolled back.
 *
 * The new layer is clipped to the source where the source does not simply cover what is below (transparency, opacity, a blend
 * mode, a mask), and where it is part of a clipping group. A clipping group takes alpha, opacity, blend mode and mask from its
 * base: so alpha never grows, and the edit looks as the source does.
 */
import type {
  Bounds,
  DocumentFacts,
  LayerFacts,
  LayerWriter,
  ModalScope,
  PhotoshopPort,
} from '../host/photoshop-port.js';
import { words } from '../words.js';
import { moved, sameBounds } from './bounds.js';
import type { Capture } from './capture.js';
import { findChange, type Change } from './change.js';
import { LayerError } from './layer-error.js';
import { storeRecipe, type Recipe } from './recipe-store.js';
import { writeChange, writeMask, type WriteTask } from './write-change.js';

export interface CommitRequest {
  readonly capture: Capture;
  /** What the daemon made of `capture.rgba`, in the same form and size. Its alpha is ignored. */
  readonly edited: Uint8Array;
  /** Name of the layer and, with our name before it, of the history step: `sunglasses +1.0`. */
  readonly name: string;
  /** What is needed to do the edit again, as text; this folder does not look into it. */
  readonly recipe: string;
  /** A result of an earlier edit of the same source, whose contents are replaced instead of adding a layer. */
  readonly replaceLayerId?: number;
}

export interface CommitResult {
  readonly layerId: number;
  /** Where the layer's mask shows anything, in document pixels. */
  readonly bounds: Bounds;
  readonly isClipped: boolean;
  /** Words about what could not be done all the same. */
  readonly notes: readonly string[];
}

/**
 * Writes an edit above its source.
 * @throws LayerError `document_closed`, `layer_gone` (see `canPlace`), `document_changed`, `locked_group`, `result_locked`,
 * `nothing_changed`, `size_mismatch`; HostError. Nothing is written then.
 */
export async function commitEdit(port: PhotoshopPort, request: CommitRequest): Promise<CommitResult> {
  const change = checkedChange(request);
  const { capture, name } = request;
  return port.modal(words.writingLayer(name), async (scope) => {
    const document = checkedDocument(port, capture);
    const source = port.layer(document.id, capture.layer.id);
    if (source === undefined) throw new LayerError('layer_gone', words.layerGone(capture.layer.name));
    if (source.isInLockedGroup) throw new LayerError('locked_group', words.lockedGroup(source.name));
    const existing = request.replaceLayerId === undefined ? undefined : port.layer(document.id, request.replaceLayerId);
    if (existing?.isLocked === true) throw new LayerError('result_locked', words.resultLocked(existing.name));
    const hasMask = await scope.hasMask(document.id, source.id);
    return scope.inOneStep(document.id, words.writingLayer(name), async (writer) => {
      const layerId = await targetLayer(writer, request, source, existing);
      const bounds = fullBounds(change.bounds, capture);
      const task: WriteTask = {
        scope,
        writer,
        capture,
        edited: request.edited,
        change,
        bounds,
        layerId,
        base: 'source',
      };
      const isOpaque = await writeChange(task);
      await writeMask(task);
      const isClipped = !isOpaque || hasMask || needsClipping(source);
      if (isClipped) writer.clipToBelow(layerId);
      const recipe: Recipe = {
        layerId,
        layerName: name,
        sourceId: source.id,
        sourceName: source.name,
        edit: request.recipe,
        ...areaOf(capture),
      };
      const notes = await storeNoted(scope, writer, document, recipe);
      await writer.select(layerId);
      return { layerId, bounds, isClipped, notes };
    });
  });
}

/**
 * Places an edit whose source is gone: the edited pixels themselves, as a new layer above the active one.
 * @throws LayerError `document_closed`, `document_changed`, `nothing_changed`, `size_mismatch`; HostError.
 */
export async function placeEdit(port: PhotoshopPort, request: CommitRequest): Promise<CommitResult> {
  const change = checkedChange(request);
  const { capture, name } = request;
  return port.modal(words.placing(name), (scope) => {
    const document = checkedDocument(port, capture);
    return scope.inOneStep(document.id, words.placing(name), async (writer) => {
      const layerId = await writer.createLayer(name, undefined);
      const bounds = fullBounds(change.bounds, capture);
      const task: WriteTask = { scope, writer, capture, edited: request.edited, change, bounds, layerId, base: 'sent' };
      await writeChange(task);
      await writeMask(task);
      await writer.select(layerId);
      return { layerId, bounds, isClipped: false, notes: [] };
    });
  });
}

function checkedChange({ capture, edited }: CommitRequest): Change {
  if (edited.length !== capture.rgba.length) {
    const expected = `${capture.size.widthPx} × ${capture.size.heightPx} pixels`;
    throw new LayerError('size_mismatch', words.sizeMismatch(expected, `${edited.length / 4} pixels`));
  }
  const change = findChange(capture, edited);
  if (change === undefined) throw new LayerError('nothing_changed', words.nothingChanged);
  return change;
}

function checkedDocument(port: PhotoshopPort, capture: Capture): DocumentFacts {
  const document = port.document(capture.document.id);
  if (document === undefined) throw new LayerError('document_closed', words.documentClosed(capture.document.name));
  if (document.mode !== capture.document.mode || document.bitDepth !== capture.document.bitDepth) {
    throw new LayerError('document_changed', words.documentChanged(document.name));
  }
  return document;
}

async function targetLayer(
  writer: LayerWriter,
  { name }: CommitRequest,
  source: LayerFacts,
  existing: LayerFacts | undefined,
): Promise<number> {
  const layerId = existing?.kind === 'pixel' ? existing.id : await writer.createLayer(name, source.id);
  if (layerId === existing?.id) writer.rename(layerId, name);
  return layerId;
}

/** Blend modes in which a source covers what is below it. A group passes through plainly, or it was refused. */
const plainModes: readonly string[] = ['normal', 'passThrough'];

const needsClipping = (source: LayerFacts): boolean =>
  source.isClipped || source.isClippingBase || source.opacityPercent < 100 || !plainModes.includes(source.blendMode);

/** Bounds of sent pixels as document pixels. */
function fullBounds(bounds: Bounds, { bounds: crop, size: { factor } }: Capture): Bounds {
  return {
    left: crop.left + bounds.left * factor,
    top: crop.top + bounds.top * factor,
    right: Math.min(crop.right, crop.left + bounds.right * factor),
    bottom: Math.min(crop.bottom, crop.top + bounds.bottom * factor),
  };
}

/** What was read of the source, as its recipe remembers it: the source may be moved before the edit is edited again. */
function areaOf({ bounds, layer }: Capture): Pick<Recipe, 'area'> {
  if (sameBounds(bounds, layer.bounds)) return {};
  return { area: moved(bounds, -layer.bounds.left, -layer.bounds.top) };
}

/** Stores the recipe; foreign metadata that cannot be extended safely costs the recipe, not the edit. */
async function storeNoted(
  scope: ModalScope,
  writer: LayerWriter,
  document: DocumentFacts,
  recipe: Recipe,
): Promise<readonly string[]> {
  const xmp = storeRecipe(await scope.readXmp(document.id), recipe);
  if (xmp === undefined) return [words.recipeNotStored];
  await writer.writeXmp(xmp);
  return [];
}
