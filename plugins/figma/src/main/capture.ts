/**
 * The picture of a layer as encoded bytes: the original file of an image fill, or a PNG of anything else.
 *
 * Main cannot decode: whoever receives the bytes does. Exports are in sRGB, as big as twice the layer, neither side above what
 * Figma takes back.
 */
import { bridgeLimits, type Capture } from '../bridge/index.js';
import { MainFailure } from './failure.js';
import { readImageHeader } from './image-header.js';
import { layerById } from './layers.js';
import { originOf } from './marks.js';
import { imageFillOf } from './paints.js';
import { drawingRefusalOf, requireEditable } from './targets.js';

/** Pixels of an export per pixel of the layer, where the result stays within bounds: sharp on dense screens. */
const exportScale = 2;

const exportPrefix = 'export:';

/**
 * The picture of a layer, as it is now or as it was before our edits.
 * @throws MainFailure with what is wrong with the layer, `original_gone`, `image_missing`.
 */
export async function capture(targetId: string, from: 'current' | 'original'): Promise<Capture> {
  const node = await layerById(targetId);
  requireEditable(node);
  const origin = from === 'original' ? originOf(node) : null;
  switch (origin?.kind) {
    case 'copy':
      return { ...(await captureSource(origin.sourceId)), targetId };
    case 'fill':
      if (figma.getImageByHash(origin.imageHash) === null) throw new MainFailure('original_gone');
      return imageFile(targetId, origin.imageHash);
    default:
      return pictureOf(node);
  }
}

/** What another layer was made from: never changed, so that it may be locked; one without a picture is as good as gone. */
async function captureSource(sourceId: string): Promise<Capture> {
  const source = await layerById(sourceId).catch(() => null);
  if (source === null || drawingRefusalOf(source) !== null) throw new MainFailure('original_gone');
  return pictureOf(source);
}

function pictureOf(node: SceneNode): Promise<Capture> {
  const fill = imageFillOf(node);
  return fill === null ? exportLayer(node) : imageFile(node.id, fill.paint.imageHash);
}

/** Whether a result that was made from `sourceKey` may go where the layer shows what it shows now. */
export function mayReplace(node: SceneNode, sourceKey: string): boolean {
  const fill = imageFillOf(node);
  if (fill === null) return sourceKey === exportKey(node);
  if (sourceKey === fill.paint.imageHash) return true;
  const origin = originOf(node);
  if (origin === null) return false;
  return origin.kind === 'fill' ? sourceKey === origin.imageHash : true;
}

async function imageFile(targetId: string, imageHash: string): Promise<Capture> {
  const image = figma.getImageByHash(imageHash);
  if (image === null) throw new MainFailure('image_missing');
  const [bytes, size] = [await image.getBytesAsync(), await image.getSizeAsync()];
  const header = readImageHeader(bytes);
  if (header === null) throw new MainFailure('image_missing');
  return {
    targetId,
    kind: 'fill',
    bytes,
    mediaType: header.mediaType,
    widthPx: size.width,
    heightPx: size.height,
    sourceKey: imageHash,
  };
}

/** An export has no hash: the layer stays under the result, and only its size has to be the same. */
const exportKey = (node: SceneNode): string => `${exportPrefix}${node.width}x${node.height}`;

async function exportLayer(node: SceneNode): Promise<Capture> {
  const sourceKey = exportKey(node);
  const bounds = node.absoluteBoundingBox ?? node;
  const bytes = await node.exportAsync({
    format: 'PNG',
    colorProfile: 'SRGB',
    useAbsoluteBounds: true,
    constraint: exportConstraint(bounds),
  });
  const header = readImageHeader(bytes);
  if (header?.widthPx === undefined || header.heightPx === undefined)
    throw new Error('expected a PNG from exportAsync, got something else');
  return {
    targetId: node.id,
    kind: 'export',
    bytes,
    mediaType: 'image/png',
    widthPx: header.widthPx,
    heightPx: header.heightPx,
    sourceKey,
  };
}

/** Twice the layer, or the longer side at the bound. */
export function exportConstraint({
  width,
  height,
}: {
  readonly width: number;
  readonly height: number;
}): ExportSettingsConstraints {
  if (Math.max(width, height) * exportScale <= bridgeLimits.imageSidePx) return { type: 'SCALE', value: exportScale };
  return { type: width >= height ? 'WIDTH' : 'HEIGHT', value: bridgeLimits.imageSidePx };
}
