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
import { isHidden, isInInstance, isLocked } from './layers.js';
import { canRestore, originOf, recipeOf } from './marks.js';
import { fillsOf, hasVideo, imageFillOf, type ImageFill } from './paints.js';
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
  return {
    id,
    name,
    kind: fill === null ? 'export' : 'fill',
    nodeType: node.type,
    widthPx: node.width,
    heightPx: node.height,
    hasRecipe: recipeOf(node) !== null,
    canRestore: canRestore(originOf(node)),
    notes: notesOf(node, fill).map((note): Note => ({ code: note, message: noteWords[note] })),
  };
}

function notesOf(node: SceneNode, fill: ImageFill | null): NoteCode[] {
  const notes: NoteCode[] = [];
  if (fill?.hasOthers === true) notes.push('several_images');
  if (fill === null && fillsOf(node) === 'mixed') notes.push('mixed_fills');
  if (isInInstance(node)) notes.push(fill === null ? 'shown_over_instance' : 'instance_override');
  return notes;
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
