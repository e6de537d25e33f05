/** A document as a designer has it, made of an avatar of the examples: the portrait on a layer of its own over a Background. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { colourCount, convert } from './colour.js';
import { newLayer, type DocumentHeader, type Raster } from './document-state.js';
import { pixelSpaceOf } from './pixel-space.js';
import { writePsd } from './psd-writer.js';
import type { Bounds } from './samples.js';
import { header, sRgb, state } from './scenes.js';

export interface AvatarDocument {
  readonly header: DocumentHeader;
  /** The bytes of the PSD. */
  readonly file: Uint8Array;
  /** Where the portrait lies, in document pixels. */
  readonly bounds: Bounds;
}

export interface AvatarOptions extends Partial<Pick<DocumentHeader, 'depth' | 'profile'>> {
  /** Avatars of the examples, beside each other on one layer. */
  readonly avatars?: readonly (1 | 2 | 3 | 4)[];
  /** Side of one avatar, in pixels. */
  readonly sidePx?: number;
  /** Transparent pixels around each avatar. */
  readonly gapPx?: number;
}

const margin = { left: 24, top: 16, right: 40, bottom: 32 } as const;

export async function avatarPsd(options: AvatarOptions = {}): Promise<AvatarDocument> {
  const { avatars = [1], sidePx = 128, gapPx = 0, depth = 8, profile = sRgb } = options;
  const width = avatars.length * sidePx + (avatars.length - 1) * gapPx;
  const bounds = { left: margin.left, top: margin.top, right: margin.left + width, bottom: margin.top + sidePx };
  const of = header({
    depth,
    profile,
    width: bounds.right + margin.right,
    height: bounds.bottom + margin.bottom,
  });
  const rgba = await portraits(avatars, { sidePx, gapPx, width });
  const portrait = newLayer(7, 'portrait', { raster: rasterOf(of, bounds, rgba, 4) });
  const canvas = { left: 0, top: 0, right: of.width, bottom: of.height };
  const grey = new Uint8Array(of.width * of.height * 3).fill(200);
  const background = newLayer(2, 'Background', { isBackground: true, raster: rasterOf(of, canvas, grey, 3) });
  return { header: of, bounds, file: writePsd(of, state([portrait, background], 7)) };
}

async function portraits(
  avatars: readonly number[],
  { sidePx, gapPx, width }: { sidePx: number; gapPx: number; width: number },
): Promise<Uint8Array> {
  const pictures = await Promise.all(
    avatars.map(async (number, index) => ({
      input: await sharp(await readFile(new URL(`../../../../examples/avatar-0${number}.png`, import.meta.url)))
        .resize(sidePx, sidePx)
        .png()
        .toBuffer(),
      left: index * (sidePx + gapPx),
      top: 0,
    })),
  );
  const blank = { width, height: sidePx, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
  return sharp({ create: blank }).composite(pictures).raw().toBuffer();
}

/** sRGB of 8 bit as a document's own samples. */
function rasterOf(of: DocumentHeader, bounds: Bounds, pixels: Uint8Array, components: 3 | 4): Raster {
  const own = pixelSpaceOf(of);
  const samples = convert(pixels.slice(), components, { space: 'RGB', profile: sRgb, depth: 8 }, own);
  return { bounds, components: colourCount(own) + (components - 3), samples };
}
