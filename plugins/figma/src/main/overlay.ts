/** A rectangle exactly over a layer, showing a picture of it. The layer itself is not touched. */
import { isInInstance, layersAround } from './layers.js';
import { type StoredImage } from './images.js';

/** Layers that take children. Into the others, and into anything within an instance, nothing can be put. */
const containers: ReadonlySet<NodeType> = new Set<NodeType>(['COMPONENT', 'FRAME', 'GROUP', 'SECTION']);

/** Adds the rectangle above the layer, in the nearest layer around it that takes children, or on the page. */
export function addOverlay(node: SceneNode, image: StoredImage, name: string): RectangleNode {
  const bounds = node.absoluteBoundingBox;
  if (bounds === null) throw new Error(`expected bounds of a layer that was captured, got none`);
  const { parent, above } = placeAbove(node);
  const rectangle = figma.createRectangle();
  rectangle.name = name;
  parent.insertChild(parent.children.indexOf(above) + 1, rectangle);
  if ('layoutMode' in parent && parent.layoutMode !== 'NONE') rectangle.layoutPositioning = 'ABSOLUTE';
  rectangle.resize(bounds.width, bounds.height);
  rectangle.relativeTransform = relativeTo(parent, bounds);
  rectangle.fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash: image.hash }];
  return rectangle;
}

/** Where to put something above a layer: outside all instances, in something that takes children. */
export function placeAbove(node: SceneNode): { readonly parent: BaseNode & ChildrenMixin; readonly above: SceneNode } {
  const chain = [node, ...layersAround(node)];
  const above = chain.find((layer) => {
    const parent = layer.parent;
    if (parent === null || isInInstance(layer)) return false;
    return parent.type === 'PAGE' || containers.has(parent.type);
  });
  if (above?.parent == null) throw new Error('expected a page around every layer');
  return { parent: above.parent, above };
}

/** The transform within a parent by which something lies unrotated at a place of the page. Groups have no axes of their own. */
function relativeTo(parent: BaseNode & ChildrenMixin, { x, y }: Rect): Transform {
  let axes: BaseNode | null = parent;
  while (axes !== null && axes.type === 'GROUP') axes = axes.parent;
  if (axes === null || !('absoluteTransform' in axes)) {
    return [
      [1, 0, x],
      [0, 1, y],
    ];
  }
  const [[a, c, e], [b, d, f]] = axes.absoluteTransform;
  const determinant = a * d - b * c;
  const [dx, dy] = [x - e, y - f];
  return [
    [d / determinant, -c / determinant, (d * dx - c * dy) / determinant],
    [-b / determinant, a / determinant, (a * dy - b * dx) / determinant],
  ];
}
