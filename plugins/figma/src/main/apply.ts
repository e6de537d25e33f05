/**
 * A result onto its layer, and the way back.
 *
 * A layer filled with an image gets another image in the same paint; any other layer gets a rectangle over it. Everything that
 * can fail is looked at first, then the document changes without an await in between. Undo steps are the caller's.
 */
import { type Result } from '../bridge/index.js';
import { mayReplace } from './capture.js';
import { MainFailure } from './failure.js';
import { storeImage, type StoredImage } from './images.js';
import { layerById, pageOf } from './layers.js';
import {
  canRestore,
  encodeRecipe,
  mark,
  marksOf,
  originOf,
  putMarks,
  unmark,
  type Marks,
  type Origin,
} from './marks.js';
import { addOverlay } from './overlay.js';
import { imageFillOf, setPaint, withImage, type ImageFill } from './paints.js';
import { requireEditable } from './targets.js';
import { words } from './words.js';

/** What was changed, enough to take it back by hand. */
export interface Applied {
  readonly targetId: string;
  /** The layer that shows the result. */
  readonly nodeId: string;
  readonly appliedHash: string;
  /** Absent when the layer is a new rectangle. */
  readonly before?: { readonly paint: ImagePaint; readonly marks: Marks };
}

/** A result that was checked and can be put in place at once. */
export type ReadyResult = () => Applied;

/**
 * Checks a result against its layer. What it gives must be called without an await in between.
 * @param selects whether a new rectangle is selected in place of its layer.
 * @throws MainFailure, before anything is changed.
 */
export async function prepareResult(result: Result, selects: boolean): Promise<ReadyResult> {
  const recipeText = encodeRecipe(result.recipe);
  const node = await layerById(result.targetId);
  requireEditable(node);
  if (!mayReplace(node, result.sourceKey)) throw new MainFailure('layer_changed');
  const image = storeImage(result.image);
  const shown = imageFillOf(node);
  if (shown === null) return () => applyOver(node, image, recipeText, result.label, selects);
  const oldSize = await figma.getImageByHash(shown.paint.imageHash)?.getSizeAsync();
  if (node.removed) throw new MainFailure('layer_gone');
  requireEditable(node);
  const fill = imageFillOf(node);
  if (fill?.paint.imageHash !== shown.paint.imageHash) throw new MainFailure('layer_changed');
  const widthRatio = oldSize === undefined ? 1 : image.widthPx / oldSize.width;
  return () => replaceImage(node, fill, image, widthRatio, recipeText);
}

function applyOver(node: SceneNode, image: StoredImage, recipeText: string, label: string, selects: boolean): Applied {
  const rectangle = addOverlay(node, image, words.overlayName(node.name, label));
  mark(rectangle, recipeText, { kind: 'copy', sourceId: node.id, appliedHash: image.hash, isOverlay: true });
  if (selects) selectInPlaceOf(node, rectangle);
  return { targetId: node.id, nodeId: rectangle.id, appliedHash: image.hash };
}

/** The user may have gone on to something else while the edit was made; that stays selected. */
function selectInPlaceOf(node: SceneNode, rectangle: SceneNode): void {
  const page = pageOf(rectangle);
  if (page.id !== figma.currentPage.id) return;
  const { selection } = page;
  if (selection.length === 0 || selection.some(({ id }) => id === node.id)) page.selection = [rectangle];
}

function replaceImage(
  node: SceneNode,
  { index, paint }: ImageFill,
  image: StoredImage,
  widthRatio: number,
  recipeText: string,
): Applied {
  const before = { paint, marks: marksOf(node) };
  const origin = originOf(node);
  setPaint(requireFills(node), index, withImage(paint, image.hash, widthRatio));
  const next: Origin =
    origin === null || origin.kind === 'board'
      ? { kind: 'fill', imageHash: paint.imageHash, appliedHash: image.hash }
      : { ...origin, appliedHash: image.hash };
  mark(node, recipeText, next);
  return { targetId: node.id, nodeId: node.id, appliedHash: image.hash, before };
}

function requirePresent(node: SceneNode): SceneNode {
  if (node.removed) throw new MainFailure('layer_gone');
  return node;
}

function requireFills(node: SceneNode): SceneNode & MinimalFillsMixin {
  if (!('fills' in node)) throw new Error(`expected a layer with fills, got ${node.type}`);
  return node;
}

/**
 * Takes an applied result back without undo, as if it had never been there.
 * @throws MainFailure `layer_gone`, `layer_locked`, or `layer_changed` when the layer shows something else by now.
 */
export async function takeBack({ nodeId, appliedHash, before }: Applied): Promise<void> {
  const node = await layerById(nodeId);
  requireEditable(node);
  const fill = imageFillOf(node);
  if (fill?.paint.imageHash !== appliedHash) throw new MainFailure('layer_changed');
  if (before === undefined) return node.remove();
  setPaint(requireFills(node), fill.index, before.paint); // others may have laid fills under or over it
  putMarks(node, before.marks);
}

/** What brings a layer's original back when it is called, without an await in between. */
export type ReadyRestore = () => void;

/**
 * Looks up what a layer showed before our edits.
 * @throws MainFailure `nothing_to_restore`, `layer_gone`, `layer_locked`, `image_missing`.
 */
export async function prepareRestore(targetId: string): Promise<ReadyRestore> {
  const node = await layerById(targetId);
  requireEditable(node);
  const origin = originOf(node);
  const fill = imageFillOf(node);
  if (origin === null || fill === null || !canRestore(origin)) throw new MainFailure('nothing_to_restore');
  if (origin.kind !== 'fill') return () => requirePresent(node).remove();
  const original = figma.getImageByHash(origin.imageHash);
  if (original === null) throw new MainFailure('image_missing');
  const now = await figma.getImageByHash(fill.paint.imageHash)?.getSizeAsync();
  const widthRatio = now === undefined ? 1 : (await original.getSizeAsync()).width / now.width;
  return () => {
    setPaint(requireFills(requirePresent(node)), fill.index, withImage(fill.paint, origin.imageHash, widthRatio));
    unmark(node);
  };
}
