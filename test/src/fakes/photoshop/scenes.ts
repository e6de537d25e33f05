/** Documents to test the Photoshop plugin on, and an edit that stands in for the daemon's. All pictures are computed. */
import type { Capture } from '@deltaspace/photoshop-plugin';
import { colourCount, convert, type PixelSpace } from './colour.js';
import { newLayer, type DocumentHeader, type DocumentState, type LayerState, type Raster } from './document-state.js';
import { pixelSpaceOf } from './pixel-space.js';
import { areaOf, widthOf, type Bounds } from './samples.js';

export const sRgb = 'sRGB IEC61966-2.1';
export const canvas: Bounds = { left: 0, top: 0, right: 48, bottom: 40 };

export const header = (parts: Partial<DocumentHeader> = {}): DocumentHeader => ({
  name: 'portrait.psd',
  mode: 'rgb',
  depth: 8,
  width: canvas.right,
  height: canvas.bottom,
  profile: sRgb,
  resolution: 300,
  ...parts,
});

/**
 * A smooth picture with fine steps in 16 and 32 bit, in the space of a document.
 * @param alphaAt 0..1; left out, the picture has no alpha component.
 * @param profile of the tones: the document's own, so that wide spaces hold colours that sRGB has not.
 */
export function picture(
  of: DocumentHeader,
  bounds: Bounds,
  alphaAt?: (x: number, y: number) => number,
  profile = of.mode === 'rgb' ? of.profile : sRgb,
): Raster {
  const own = pixelSpaceOf(of);
  const rough: PixelSpace = { space: 'RGB', profile, depth: 16 };
  const components = alphaAt === undefined ? 3 : 4;
  const samples = new Uint16Array(areaOf(bounds) * components);
  for (let pixel = 0; pixel < areaOf(bounds); pixel++) {
    const [x, y] = [pixel % widthOf(bounds), Math.floor(pixel / widthOf(bounds))];
    const tones = [6000 + x * 411 + y * 3, 9000 + y * 397 + x * 5, 15_000 + ((x * 67 + y * 131) % 9001)];
    samples.set(tones, pixel * components);
    if (alphaAt !== undefined) samples[pixel * components + 3] = Math.round(alphaAt(x, y) * 32_768);
  }
  const converted = convert(samples, components, rough, own);
  return { bounds, components: colourCount(own) + (components - 3), samples: converted };
}

export const opaque = (): number => 1;

export const state = (
  layers: readonly LayerState[],
  activeId: number,
  parts: Partial<DocumentState> = {},
): DocumentState => ({
  layers,
  activeIds: [activeId],
  xmp: '',
  selection: undefined,
  ...parts,
});

/** A face on a layer of the canvas' size, over a Background. */
export function portrait(of: DocumentHeader, parts: Partial<LayerState> = {}): DocumentState {
  const face = newLayer(7, 'face', { raster: picture(of, canvas, opaque), ...parts });
  const background = newLayer(2, 'Background', { isBackground: true, raster: picture(of, canvas) });
  return state([newLayer(9, 'above', {}), face, background], 7);
}

/** Where `paintGlasses` paints, as a share of the picture: two lenses and a bridge. */
const isGlasses = (u: number, v: number): boolean =>
  Math.hypot(u - 0.35, v - 0.45) < 0.09 ||
  Math.hypot(u - 0.65, v - 0.45) < 0.09 ||
  (Math.abs(v - 0.43) < 0.03 && u > 0.4 && u < 0.6);

/** Stands in for the daemon: darkens what would be glasses, and leaves every other pixel as it is. */
export function paintGlasses({ rgba, size }: Capture): Uint8Array {
  const edited = rgba.slice();
  for (let y = 0; y < size.heightPx; y++) {
    for (let x = 0; x < size.widthPx; x++) {
      if (!isGlasses((x + 0.5) / size.widthPx, (y + 0.5) / size.heightPx)) continue;
      const at = (y * size.widthPx + x) * 4;
      edited.set([Math.max(0, rgba[at]! - 40), Math.max(0, rgba[at + 1]! - 50), Math.max(0, rgba[at + 2]! - 30)], at);
    }
  }
  return edited;
}
