/**
 * Draws avatars: attributes → DiceBear *avataaars* SVG → RGB pixels.
 *
 * Writing the SVG costs 0.1 ms. Of the rest, most is spent around the drawing, not in it, so:
 * - several avatars are drawn as one tall SVG, one below the other, which shares the 0.8 ms that a call of sharp costs
 *   however small its picture, and gives the pixels of a batch in their final order;
 * - the licence metadata and the full-canvas mask that DiceBear adds are cut away (the crop makes the mask invisible;
 *   the artwork is credited in NOTICE);
 * - librsvg draws at twice the wanted size and a plain 2 × 2 mean does the anti-aliasing, which also keeps neighbours
 *   in a strip from bleeding into each other: a picture is the same alone and in a strip.
 */
import { createAvatar } from '@dicebear/core';
import * as avataaars from '@dicebear/avataaars';
import sharp from 'sharp';
import { drawingOf, type Avatar } from './attributes.js';
import { visibleAttributes } from './visibility.js';

/** The square cut out of DiceBear's 280 × 280 canvas: the head fills it, the clothes keep the bottom sixth. */
const CROP = { x: 27, y: 13, size: 226 } as const;
const CANVAS_VIEW = 'viewBox="0 0 280 280"';
const SVG_NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"';
const METADATA = /<metadata.*?<\/metadata>/s;
const CANVAS_MASK = /<mask id="viewboxMask">.*?<\/mask><g mask="url\(#viewboxMask\)">/s;
/** librsvg draws this many pixels per wanted pixel and axis. */
const SUPERSAMPLING = 2;
/** Rows of pictures in one strip. Longer strips outgrow the processor's cache and get slower again. */
const STRIP_ROWS = 512;
/** Frames of glasses and the eye patch: near black, so that they never pass for clothes or hair. */
const FRAME_COLOR = '262e33';

// One libvips thread per picture: pictures are the unit of parallelism (render-pool.ts). Nothing is drawn twice,
// so libvips' operation cache would only hold memory.
sharp.concurrency(1);
sharp.cache(false);

/** The SVG of an avatar, cropped to the head and shoulders. */
export function avatarSvg(avatar: Avatar): string {
  const svg = createAvatar(avataaars, avatarOptions(avatar)).toString();
  const [x, y, size] = [CROP.x, CROP.y, CROP.size];
  return svg
    .replace(METADATA, '')
    .replace(CANVAS_MASK, '<g>')
    .replace(CANVAS_VIEW, `viewBox="${x} ${y} ${size} ${size}"`);
}

/**
 * Draws one avatar.
 * @param size width and height in pixels, ≥ 8
 * @returns RGB, uint8, [size, size, 3], sRGB, rows from the top; owned by the caller
 */
export function renderAvatar(avatar: Avatar, size: number): Promise<Uint8Array> {
  return renderStrip([avatar], size);
}

/** How many avatars of a size are drawn fastest in one strip: 8 at 64 px, 4 at 128 px. */
export function stripLength(size: number): number {
  return Math.max(1, Math.floor(STRIP_ROWS / size));
}

/**
 * Draws a few avatars at once (see stripLength), which is faster than one after another and gives equal pixels.
 * @param size width and height of each picture in pixels, ≥ 8
 * @returns RGB, uint8, [N, size, size, 3]; owned by the caller
 */
export async function renderStrip(avatars: readonly Avatar[], size: number): Promise<Uint8Array> {
  if (!Number.isInteger(size) || size < 8) throw new Error(`avatar size must be an integer ≥ 8, received ${size}`);
  const drawn = SUPERSAMPLING * size;
  const parts = avatars.map((avatar, i) => {
    return avatarSvg(avatar).replace('<svg ', `<svg y="${i * drawn}" width="${drawn}" height="${drawn}" `);
  });
  const [open, close] = [`<svg ${SVG_NAMESPACE} width="${drawn}" height="${drawn * avatars.length}">`, '</svg>'];
  const { data, info } = await sharp(Buffer.from(open + parts.join('') + close))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== drawn || info.height !== drawn * avatars.length || info.channels !== 3) {
    const expected = `${drawn}×${drawn * avatars.length}×3`;
    throw new Error(`renderer gave ${info.width}×${info.height}×${info.channels} pixels, expected ${expected}`);
  }
  return halve(data, drawn);
}

/** The mean of every 2 × 2 pixels of an RGB picture, rounded. */
function halve(pixels: Uint8Array, width: number): Uint8Array {
  const stride = 3 * width;
  const result = new Uint8Array(pixels.length / 4);
  let target = 0;
  for (let row = 0; row < pixels.length; row += 2 * stride) {
    for (let left = row; left < row + stride; left += 6) {
      for (let i = left; i < left + 3; i++) {
        const above = (pixels[i] as number) + (pixels[i + 3] as number);
        const below = (pixels[i + stride] as number) + (pixels[i + stride + 3] as number);
        result[target++] = (above + below + 2) >> 2;
      }
    }
  }
  return result;
}

function avatarOptions(avatar: Avatar): avataaars.Options & { seed: string } {
  const visible = visibleAttributes(avatar);
  const top = drawingOf(avatar, 'top');
  const accessories = drawingOf(avatar, 'accessories');
  const facialHair = drawingOf(avatar, 'facialHair');
  const hairColor = colour(avatar, 'hairColor');
  return {
    seed: 'avatar', // every choice is made below, so the seed decides nothing
    top: part<'top'>(top),
    topProbability: top === null ? 0 : 100,
    accessories: part<'accessories'>(accessories),
    accessoriesProbability: accessories === null ? 0 : 100,
    accessoriesColor: [FRAME_COLOR],
    facialHair: part<'facialHair'>(facialHair),
    facialHairProbability: facialHair === null ? 0 : 100,
    mouth: part<'mouth'>(drawingOf(avatar, 'mouth')),
    eyes: part<'eyes'>(visible.eyes ? drawingOf(avatar, 'eyes') : null),
    eyebrows: part<'eyebrows'>(visible.eyebrows ? drawingOf(avatar, 'eyebrows') : null),
    clothing: part<'clothing'>(drawingOf(avatar, 'clothing')),
    skinColor: [colour(avatar, 'skin')],
    hairColor: [hairColor],
    facialHairColor: [hairColor],
    clothesColor: [colour(avatar, 'clothesColor')],
    hatColor: [colour(avatar, 'hatColor')],
    backgroundColor: [colour(avatar, 'background')],
  };
}

/** DiceBear takes a list of candidates per component; ours has one drawing, or none to leave the component out. */
function part<K extends keyof avataaars.Options>(drawing: string | null): NonNullable<avataaars.Options[K]> {
  return (drawing === null ? [] : [drawing]) as NonNullable<avataaars.Options[K]>;
}

function colour(avatar: Avatar, key: 'skin' | 'hairColor' | 'clothesColor' | 'hatColor' | 'background'): string {
  const hex = drawingOf(avatar, key);
  if (hex === null) throw new Error(`${key} must be a colour`);
  return hex;
}
