/** Questions about the place of a layer in the document, and layers by id after an await. */
import { MainFailure } from './failure.js';

const isLayer = (node: BaseNode): node is SceneNode => node.type !== 'PAGE' && node.type !== 'DOCUMENT';

/**
 * The layer of an id, as it is now. Others work in the same file: ask again after every await.
 * @throws MainFailure `layer_gone`.
 */
export async function layerById(id: string): Promise<SceneNode> {
  const node = await figma.getNodeByIdAsync(id);
  if (node === null || node.removed || !isLayer(node)) throw new MainFailure('layer_gone');
  return node;
}

/** The layers around a layer, the nearest first; without page and document. */
export function layersAround(node: SceneNode): SceneNode[] {
  const around: SceneNode[] = [];
  for (let parent = node.parent; parent !== null && isLayer(parent); parent = parent.parent) around.push(parent);
  return around;
}

/** Whether a layer, or one around it, is locked. */
export const isLocked = (node: SceneNode): boolean => [node, ...layersAround(node)].some(({ locked }) => locked);

/** Whether a layer, or one around it, is hidden. */
export const isHidden = (node: SceneNode): boolean => [node, ...layersAround(node)].some(({ visible }) => !visible);

/** Whether a layer is part of an instance: it can be overridden there, but nothing can be added beside it. */
export const isInInstance = (node: SceneNode): boolean => layersAround(node).some(({ type }) => type === 'INSTANCE');

/** The page of a layer. */
export function pageOf(node: SceneNode): PageNode {
  let parent = node.parent;
  while (parent !== null && parent.type !== 'PAGE') parent = parent.parent;
  if (parent === null) throw new MainFailure('layer_gone');
  return parent;
}
