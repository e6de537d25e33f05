/** Layers as targets: whether and how each can be edited, and what the selection amounts to. */
import {
  bridgeLimits,
  type Note,
  type NoteCode,
  type Refusal,
  type RefusalCode,
  type Selection,
  type Target,
} from '../bridge/index.js';
import { MainFailure } from './failure.js';
import { isHidden, isInInstance, isLocked, layersAround } from './layers.js';
import { canRestore, originOf, recipeOf, type Origin } from './marks.js';
import { cutOf, fillsOf, hasVideo, hidesPart, imageFillOf, type ImageFill } from './paints.js';
import { failureWords, noteWords, words } from './words.js';

/** Kinds of layers that can be drawn, and beside which a rectangle makes sense. */
const editableTypes: ReadonlySet<NodeType> = new Set<NodeType>([
  'BOOLEAN_OPERATION',
  'COMPONENT',
  'COMPONENT_SET',
  'ELLIPSE',
  'FRAME',
  'GROUP',
  'INSTANCE',
  'LINE',
  'POLYGON',
  'RECTANGLE',
  'SECTION',
  'STAR',
  'TEXT',
  'TEXT_PATH',
  'TRANSFORM_GROUP',
  'VECTOR',
]);

/** Why a layer cannot be edited; null when it can. */
export function refusalOf(node: SceneNode, fill = imageFillOf(node)): RefusalCode | null {
  if (!editableTypes.has(node.type)) return 'layer_unsupported';
  if (isLocked(node)) return 'layer_locked';
  return drawingRefusalOf(node, fill);
}

/** Why there is no picture of a layer; null when there is one. Locked layers can be drawn, they are only not to be changed. */
export function drawingRefusalOf(node: SceneNode, fill = imageFillOf(node)): RefusalCode | null {
  if (!editableTypes.has(node.type)) return 'layer_unsupported';
  if (fill !== null) return null;
  if (hasVideo(node)) return 'video_fill';
  if (isHidden(node)) return 'layer_hidden';
  if (Math.min(node.width, node.height) < 1) return 'layer_too_thin';
  if (!('absoluteRenderBounds' in node) || node.absoluteRenderBounds === null) return 'layer_empty';
  return null;
}

/** @throws MainFailure with the reason why a layer cannot be edited. */
export function requireEditable(node: SceneNode): void {
  const refusal = refusalOf(node);
  if (refusal !== null) throw new MainFailure(refusal);
}

/** What the UI is told of one layer. */
export function describeLayer(node: SceneNode): Target | Refusal {
  const { id, name } = node;
  const fill = imageFillOf(node);
  const code = refusalOf(node, fill);
  if (code !== null) return { id, name, code, message: failureWords[code] };
  const origin = originOf(node);
  const cutTo = fill === null ? undefined : cutOf(fill.paint, node);
  return {
    id,
    name,
    kind: fill === null ? 'export' : 'fill',
    nodeType: node.type,
    widthPx: node.width,
    heightPx: node.height,
    ...(cutTo === undefined ? {} : { cutTo }),
    hasRecipe: recipeOf(node) !== null,
    canRestore: canRestore(origin),
    notes: notesOf(node, fill, origin).map((note): Note => ({ code: note, message: noteWords[note] })),
  };
}

function notesOf(node: SceneNode, fill: ImageFill | null, origin: Origin | null): NoteCode[] {
  const notes: NoteCode[] = [];
  if (fill?.hasOthers === true) notes.push('several_images');
  if (fill !== null && hidesPart(fill.paint)) notes.push('cropped');
  if (fill === null && fillsOf(node) === 'mixed') notes.push('mixed_fills');
  if (origin?.kind === 'board') notes.push('board_picture');
  if (isInInstance(node)) notes.push(fill === null ? 'shown_over_instance' : 'instance_override');
  else if (changesComponent(node, fill)) notes.push('component_changed');
  return notes;
}

/** Whether the result changes a component: in place, or as a rectangle within it. Over a component as a whole it lies beside. */
function changesComponent(node: SceneNode, fill: ImageFill | null): boolean {
  const around = layersAround(node);
  return (fill === null ? around : [node, ...around]).some(({ type }) => type === 'COMPONENT');
}

/** The selection of the page that is open. */
export function currentSelection(): Selection {
  const selected = figma.currentPage.selection;
  const described = selected.slice(0, bridgeLimits.targets).map(describeLayer);
  const targets = described.filter((layer): layer is Target => 'kind' in layer);
  const refusals = described.filter((layer): layer is Refusal => 'code' in layer);
  const selection = { targets, refusals, selectedCount: selected.length };
  if (targets.length > 0) return selection;
  const advice = refusals.length === 1 ? refusals[0]?.message : undefined;
  return { ...selection, advice: advice ?? (selected.length === 0 ? words.selectSomething : words.selectOther) };
}
