/** Where nodes of the fake document lie on the page: transforms, boxes, and whether anything of them can be seen. */
import type { Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type FakeDocument, type NodeData } from './document.js';

const identity: Transform = [
  [1, 0, 0],
  [0, 1, 0],
];

function multiply([[a, b, c], [d, e, f]]: Transform, [[g, h, i], [j, k, l]]: Transform): Transform {
  return [
    [a * g + b * j, a * h + b * k, a * i + b * l + c],
    [d * g + e * j, d * h + e * k, d * i + e * l + f],
  ];
}

/** From the axes of a node to those of its page. A group has those of what it is in. */
export function absoluteTransform(document: FakeDocument, node: NodeData): Transform {
  if (node.type === 'PAGE' || node.type === 'DOCUMENT') return identity;
  const axes = document.around(node).find(({ type }) => type !== 'GROUP') as NodeData;
  return multiply(absoluteTransform(document, axes), node.transform);
}

/** The upright box around a node on its page. */
export function absoluteBox(document: FakeDocument, node: NodeData): Rect {
  if (node.type === 'GROUP') return union(document.children(node).map((child) => absoluteBox(document, child)));
  const [[a, b, c], [d, e, f]] = absoluteTransform(document, node);
  const points = [
    [0, 0],
    [node.width, 0],
    [0, node.height],
    [node.width, node.height],
  ] as const;
  const xs = points.map(([x, y]) => a * x + b * y + c);
  const ys = points.map(([x, y]) => d * x + e * y + f);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function union(boxes: readonly Rect[]): Rect {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Whether anything of a node can be seen. */
export function isSeen(document: FakeDocument, node: NodeData): boolean {
  if ([node, ...document.around(node)].some(({ visible }) => !visible)) return false;
  return hasInk(document, node);
}

function hasInk(document: FakeDocument, node: NodeData): boolean {
  if (!node.visible) return false;
  if (node.type === 'TEXT') return node.settings['characters'] !== '';
  const painted =
    node.fills === 'mixed' || node.fills.some(({ visible, opacity }) => visible !== false && opacity !== 0);
  return painted || document.children(node).some((child) => hasInk(document, child));
}

/** Whether two boxes share an area. */
export function overlaps(one: Rect, other: Rect): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
