/**
 * A picture of the canvas for the docs: the layers of the fake document as Figma would show them. Solid and image fills,
 * rounded corners and real text, upright; drawn as SVG by sharp.
 *
 * `renderNode` of the fakes is for what tests compare; this is for people.
 */
import type { Rect } from '@figma/plugin-typings/plugin-api-standalone.js';
import sharp from 'sharp';
import type { FakeDocument, NodeData } from '../fakes/figma/document.js';
import { absoluteBox } from '../fakes/figma/geometry.js';
import type { FakeImages } from '../fakes/figma/images.js';
import { letter } from '../fakes/figma/layout.js';

/** Figma’s grey behind everything. */
const canvasColour = '#f5f5f5';
/** Room around the layers, in Figma’s pixels. */
const marginPx = 40;
/** Real letters are narrower than those of the fake’s layout, so that text fits where the layout put it. */
const fontFamily = 'Inter, DejaVu Sans, sans-serif';

/** Draws all layers of the page that is first, so many pixels per unit, as PNG. */
export async function drawCanvas(document: FakeDocument, images: FakeImages, scale: number): Promise<Buffer> {
  document.settle();
  const layers = document.children(document.page);
  const boxes = layers.map((layer) => absoluteBox(document, layer));
  const left = Math.min(...boxes.map(({ x }) => x)) - marginPx;
  const top = Math.min(...boxes.map(({ y }) => y)) - marginPx;
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + marginPx - left;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + marginPx - top;
  const parts: string[] = [];
  const draw = (node: NodeData): void => {
    if (!node.visible) return;
    parts.push(drawNode(node, absoluteBox(document, node), images));
    document.children(node).forEach(draw);
  };
  layers.forEach(draw);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${height * scale}" ` +
    `viewBox="${left} ${top} ${width} ${height}">` +
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${canvasColour}"/>${parts.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

function drawNode(node: NodeData, box: Rect, images: FakeImages): string {
  if (node.type === 'TEXT') return drawText(node, box);
  if (node.fills === 'mixed') throw new Error(`expected fills that can be drawn, got mixed ones on ${node.name}`);
  const radius = Number(node.settings['topLeftRadius'] ?? 0);
  const place = `x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}"`;
  return node.fills
    .map((paint) => {
      if (paint.type === 'SOLID') return `<rect ${place} rx="${radius}" fill="${colourOf(paint.color)}"/>`;
      if (paint.type !== 'IMAGE' || paint.imageHash === null)
        throw new Error(`expected a solid or an image, got ${paint.type}`);
      const clip = `clip-${node.id.replace(':', '-')}`;
      const data = Buffer.from(images.bytes(paint.imageHash)).toString('base64');
      return (
        `<clipPath id="${clip}"><rect ${place} rx="${radius}"/></clipPath>` +
        `<image ${place} clip-path="url(#${clip})" preserveAspectRatio="xMidYMid slice" href="data:image/png;base64,${data}"/>`
      );
    })
    .join('');
}

function drawText(node: NodeData, box: Rect): string {
  const { characters, fontSize, textAutoResize } = node.settings as {
    readonly characters: string;
    readonly fontSize: number;
    readonly textAutoResize: string;
  };
  const [paint] = node.fills === 'mixed' ? [] : node.fills;
  const fill = paint?.type === 'SOLID' ? colourOf(paint.color) : '#000000';
  const perLine =
    textAutoResize === 'HEIGHT' ? Math.max(1, Math.floor(box.width / (fontSize * letter.width))) : Infinity;
  return wrapped(characters, perLine)
    .map((line, index) => {
      const baseline = box.y + fontSize * (index * letter.height + 0.95);
      return `<text x="${box.x}" y="${baseline}" font-family="${fontFamily}" font-size="${fontSize * 0.9}" fill="${fill}">${escaped(line)}</text>`;
    })
    .join('');
}

function wrapped(characters: string, perLine: number): string[] {
  const lines: string[] = [''];
  for (const word of characters.split(' ')) {
    const last = lines[lines.length - 1] as string;
    const longer = last === '' ? word : `${last} ${word}`;
    if (longer.length <= perLine || last === '') lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

function colourOf({ r, g, b }: { readonly r: number; readonly g: number; readonly b: number }): string {
  return `rgb(${[r, g, b].map((value) => Math.round(value * 255)).join(',')})`;
}
