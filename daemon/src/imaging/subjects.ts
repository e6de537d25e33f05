/**
 * The subjects of a layer: what stands apart from its background, as rectangles to edit one by one.
 *
 * The background is what is transparent, or one colour that most of the layer's border has. This finds avatars and cut-outs on
 * a board; it knows nothing of faces, and a photo, whose border has no one colour, is one subject as a whole.
 */
import type { PixelImage } from './pixel-image.js';
import type { Region } from './region.js';
import { shrinkToSide } from './shrink.js';

/** How subjects were told from the background; `whole`: they were not. */
export type SubjectSeparation = 'alpha' | 'backdrop' | 'whole';

export interface Subjects {
  readonly separation: SubjectSeparation;
  /** In reading order: by rows, each from the left. Never empty. */
  readonly regions: readonly Region[];
}

/** The search looks at a copy of this side: subjects of a few pixels there are not worth editing. */
const searchSide = 256;
/** Alpha from which a pixel is seen. */
const seenAlpha = 32;
/** Share of the layer that must be transparent for alpha to tell subjects apart. */
const transparentShare = 0.02;
/** Share of the border that must have the backdrop's colour, and the largest difference of a channel that counts as the same. */
const backdrop = { borderShare: 0.8, tolerance: 24 } as const;
/** Parts closer than this share of the side belong together: a hat to its head. */
const joiningShare = 1 / 64;
/** Subjects smaller than this share of the largest one are specks. */
const speckShare = 0.05;
/**
 * Rectangles around the subjects, in pixels of the layer; at most `maximum`, the largest. They are as tight as networks want
 * their pictures, and squares where the layer has room.
 */
export function findSubjects(layer: PixelImage, maximum: number): Subjects {
  const small = shrinkToSide(layer, searchSide);
  const found = seenPixels(small);
  const whole: Subjects = {
    separation: 'whole',
    regions: [{ x: 0, y: 0, width: layer.width, height: layer.height }],
  };
  if (found === undefined) return whole;
  const parts = connectedParts(found.seen, small.width, small.height);
  const largest = Math.max(0, ...parts.map(({ pixels }) => pixels));
  const subjects = parts
    .filter(({ pixels }) => pixels >= speckShare * largest)
    .sort((a, b) => b.pixels - a.pixels)
    .slice(0, maximum);
  if (subjects.length === 0) return whole;
  const factor = { x: layer.width / small.width, y: layer.height / small.height };
  const regions = inReadingOrder(subjects).map((part) => squared(tightened(layer, found.isSeen, part, factor), layer));
  return { separation: found.separation, regions };
}

/** Whether the pixel that begins at `at` of RGBA data is not background. */
type IsSeen = (data: Uint8Array, at: number) => boolean;

interface Background {
  readonly separation: 'alpha' | 'backdrop';
  readonly isSeen: IsSeen;
  /** 1 where a pixel is not background. */
  readonly seen: Uint8Array;
}

/** What is background, or undefined when that cannot be told. */
function seenPixels(image: PixelImage): Background | undefined {
  const { width, height, data } = image;
  const count = width * height;
  const seenBy = (isSeen: IsSeen): Uint8Array =>
    Uint8Array.from({ length: count }, (_, i) => (isSeen(data, 4 * i) ? 1 : 0));
  const isOpaque: IsSeen = (pixels, at) => (pixels[at + 3] as number) >= seenAlpha;
  const opaque = seenBy(isOpaque);
  const transparent = count - opaque.reduce((sum, value) => sum + value, 0);
  if (transparent >= transparentShare * count) return { separation: 'alpha', isSeen: isOpaque, seen: opaque };
  const border = borderPixels(width, height);
  const colour = [0, 1, 2].map((channel) => median(border.map((i) => data[4 * i + channel] as number)));
  const stands: IsSeen = (pixels, at) =>
    colour.some((value, channel) => Math.abs((pixels[at + channel] as number) - value) > backdrop.tolerance);
  if (border.filter((i) => !stands(data, 4 * i)).length < backdrop.borderShare * border.length) return undefined;
  return { separation: 'backdrop', isSeen: stands, seen: seenBy(stands) };
}

function borderPixels(width: number, height: number): number[] {
  const pixels: number[] = [];
  for (let x = 0; x < width; x++) pixels.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) pixels.push(y * width, y * width + width - 1);
  return pixels;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

/** Bounds in pixels of the small copy, the ends excluded, and how many pixels were seen. */
interface Part {
  left: number;
  top: number;
  right: number;
  bottom: number;
  pixels: number;
}

/** Connected parts of what is seen, over gaps of `joiningShare`. */
function connectedParts(seen: Uint8Array, width: number, height: number): Part[] {
  const reach = Math.max(1, Math.round(Math.max(width, height) * joiningShare));
  const visited = new Uint8Array(seen.length);
  const parts: Part[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 0 || visited[start] === 1) continue;
    const part: Part = { left: width, top: height, right: 0, bottom: 0, pixels: 0 };
    const open = [start];
    visited[start] = 1;
    for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      part.left = Math.min(part.left, x);
      part.right = Math.max(part.right, x + 1);
      part.top = Math.min(part.top, y);
      part.bottom = Math.max(part.bottom, y + 1);
      part.pixels++;
      for (let ny = Math.max(0, y - reach); ny <= Math.min(height - 1, y + reach); ny++) {
        for (let nx = Math.max(0, x - reach); nx <= Math.min(width - 1, x + reach); nx++) {
          const next = ny * width + nx;
          if (seen[next] === 0 || visited[next] === 1) continue;
          visited[next] = 1;
          open.push(next);
        }
      }
    }
    parts.push(part);
  }
  return parts;
}

/** By rows, each from the left: a part belongs to a row when its middle lies within the row's first part. */
function inReadingOrder(parts: readonly Part[]): Part[] {
  const rest = [...parts].sort((a, b) => a.top - b.top);
  const ordered: Part[] = [];
  while (rest.length > 0) {
    const { bottom } = rest[0] as Part;
    const row = rest.filter((part) => (part.top + part.bottom) / 2 < bottom);
    ordered.push(...row.sort((a, b) => a.left - b.left));
    for (const part of row) rest.splice(rest.indexOf(part), 1);
  }
  return ordered;
}

/** The rectangle of a part in the layer itself: found in the small copy to a block, here to the pixel. */
function tightened(layer: PixelImage, isSeen: IsSeen, part: Part, factor: { x: number; y: number }): Region {
  const bounds = {
    left: Math.max(0, Math.floor((part.left - 1) * factor.x)),
    right: Math.min(layer.width, Math.ceil((part.right + 1) * factor.x)),
    top: Math.max(0, Math.floor((part.top - 1) * factor.y)),
    bottom: Math.min(layer.height, Math.ceil((part.bottom + 1) * factor.y)),
  };
  const found = { left: bounds.right, right: bounds.left, top: bounds.bottom, bottom: bounds.top };
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      if (!isSeen(layer.data, 4 * (y * layer.width + x))) continue;
      found.left = Math.min(found.left, x);
      found.right = Math.max(found.right, x + 1);
      found.top = Math.min(found.top, y);
      found.bottom = Math.max(found.bottom, y + 1);
    }
  }
  const { left, right, top, bottom } = found.right > found.left ? found : bounds;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A square around a rectangle, inside the layer. */
function squared({ x, y, width, height }: Region, layer: Pick<PixelImage, 'width' | 'height'>): Region {
  const side = Math.max(width, height);
  const span = (from: number, length: number, whole: number): [number, number] => {
    const size = Math.min(whole, side);
    return [Math.min(whole - size, Math.max(0, Math.round(from + (length - size) / 2))), size];
  };
  const [left, wide] = span(x, width, layer.width);
  const [top, high] = span(y, height, layer.height);
  return { x: left, y: top, width: wide, height: high };
}
