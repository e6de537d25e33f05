/**
 * What an edit works on, and what it delivers: a whole layer, one region of it, or a small copy for a preview.
 *
 * The layer (or its region) is inverted in full whatever the size of the results, so that a preview shows what the edit will.
 * A region is composed at its own size, pasted into the layer, and only then shrunk.
 */
import { cropRegion, isInside, pasteRegion, shrinkToSide, type PixelImage, type Region } from '../imaging/index.js';
import { EditError } from './edit-error.js';
import type { LayerContext, Memory } from './memory.js';
import type { PackSession } from './pack-session.js';

export interface AskedFrame {
  readonly region?: Region;
  readonly previewSide?: number;
}

/** @throws EditError `edit_failed` when the region does not lie inside the layer. */
export async function layerContext(
  memory: Memory,
  session: PackSession,
  image: PixelImage,
  { region, previewSide }: AskedFrame,
): Promise<LayerContext> {
  if (region !== undefined) return regionContext(memory, session, image, region, previewSide);
  const layer = await memory.layerOf(session, image);
  const shown = previewSide === undefined ? image : await memory.previewOf(layer.key, image, previewSide);
  return { memory, session, image: shown, layer, frame: { before: shown, deliver: (picture) => picture } };
}

async function regionContext(
  memory: Memory,
  session: PackSession,
  whole: PixelImage,
  region: Region,
  previewSide: number | undefined,
): Promise<LayerContext> {
  if (!isInside(region, whole)) {
    const { x, y, width, height } = region;
    const asked = `the region ${width} × ${height} at ${x}, ${y}`;
    throw new EditError('edit_failed', `${asked} does not lie inside the layer of ${whole.width} × ${whole.height}`);
  }
  const image = cropRegion(whole, region);
  const layer = await memory.layerOf(session, image);
  const sized = (picture: PixelImage): PixelImage =>
    previewSide === undefined ? picture : shrinkToSide(picture, previewSide);
  const deliver = (picture: PixelImage): PixelImage => sized(pasteRegion(whole, picture, region));
  return { memory, session, image, layer, frame: { before: sized(whole), deliver } };
}
