/**
 * Draws nodes of the fake document: solid and image fills, upright, children over their parents. Text is a grey bar per
 * node. What it cannot draw it refuses, so that no test passes on a picture that was never drawn.
 */
import type { ImagePaint, Paint, Rect } from '@figma/plugin-typings/plugin-api-standalone.js';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { type FakeDocument, type NodeData } from './document.js';
import { absoluteBox, absoluteTransform } from './geometry.js';
import { type FakeImages } from './images.js';

/** Renders a node and what is in it as PNG, so many pixels per unit. */
export async function renderNode(
  document: FakeDocument,
  images: FakeImages,
  node: NodeData,
  scale: number,
): Promise<Buffer> {
  document.settle();
  const box = absoluteBox(document, node);
  const [width, height] = [Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale))];
  const layers: OverlayOptions[] = [];
  const draw = async (current: NodeData): Promise<void> => {
    if (!current.visible) return;
    const own = absoluteBox(document, current);
    const place = {
      x: Math.round((own.x - box.x) * scale),
      y: Math.round((own.y - box.y) * scale),
      width: Math.max(1, Math.round(own.width * scale)),
      height: Math.max(1, Math.round(own.height * scale)),
    };
    for (const paint of paintsOf(current)) {
      requireUpright(document, current);
      const input = await drawPaint(images, paint, place);
      if (input !== null) layers.push(...(await clip(input, place, width, height)));
    }
    for (const child of document.children(current)) await draw(child);
  };
  await draw(node);
  return sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite(layers)
    .png()
    .toBuffer();
}

/** Cuts a picture to the canvas: sharp refuses what sticks out. */
async function clip(picture: Sharp, place: Rect, width: number, height: number): Promise<OverlayOptions[]> {
  const [left, top] = [Math.max(0, place.x), Math.max(0, place.y)];
  const [right, bottom] = [Math.min(width, place.x + place.width), Math.min(height, place.y + place.height)];
  if (right <= left || bottom <= top) return [];
  const part = { left: left - place.x, top: top - place.y, width: right - left, height: bottom - top };
  const whole = await picture.png().toBuffer();
  return [{ input: await sharp(whole).extract(part).png().toBuffer(), left, top }];
}

function paintsOf(node: NodeData): readonly Paint[] {
  if (node.fills === 'mixed') return [{ type: 'SOLID', color: { r: 0.5, g: 0.5, b: 0.5 } }];
  return node.fills.filter(({ visible }) => visible !== false);
}

function requireUpright(document: FakeDocument, node: NodeData): void {
  const [[a, b], [c, d]] = absoluteTransform(document, node);
  if (Math.abs(a - 1) + Math.abs(b) + Math.abs(c) + Math.abs(d - 1) > 1e-6)
    throw new Error('the fake draws upright layers only');
}

async function drawPaint(images: FakeImages, paint: Paint, { width, height }: Rect): Promise<Sharp | null> {
  if (paint.type === 'SOLID') {
    const [r, g, b] = [paint.color.r, paint.color.g, paint.color.b].map((value) => Math.round(value * 255));
    const background = { r: r as number, g: g as number, b: b as number, alpha: paint.opacity ?? 1 };
    return sharp({ create: { width, height, channels: 4, background } });
  }
  if (paint.type !== 'IMAGE') throw new Error(`the fake does not draw fills of type ${paint.type}`);
  return paint.imageHash === null ? null : drawImage(images.bytes(paint.imageHash), paint, width, height);
}

async function drawImage(bytes: Uint8Array, paint: ImagePaint, width: number, height: number): Promise<Sharp> {
  const image = sharp(bytes).ensureAlpha();
  if (paint.scaleMode === 'FILL') return image.resize(width, height, { fit: 'cover' });
  if (paint.scaleMode === 'FIT')
    return image.resize(width, height, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } });
  if (paint.scaleMode === 'TILE') throw new Error('the fake does not draw tiles');
  const size = await image.metadata();
  const [[scaleX, , x], [, scaleY, y]] = paint.imageTransform ?? [
    [1, 0, 0],
    [0, 1, 0],
  ];
  const part = {
    left: Math.round(x * size.width),
    top: Math.round(y * size.height),
    width: Math.round(scaleX * size.width),
    height: Math.round(scaleY * size.height),
  };
  return image.extract(part).resize(width, height, { fit: 'fill' });
}
