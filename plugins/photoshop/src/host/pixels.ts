/**
 * Pixels out of and into documents, by the imaging API. Whatever the host hands out is disposed here, in `finally`: what
 * leaves this file is a plain array.
 *
 * Quirks that are dealt with here and nowhere else: bounds come back trimmed; with `targetSize` they count pixels of a pyramid
 * level; 32-bit profile names carry a suffix; `dispose` belongs to the image data, not to the array.
 */
import { plainBounds, plainProfileName } from './document-facts.js';
import { HostError } from './host-error.js';
import type { HostImageData, HostModules } from './host-modules.js';
import type { Bounds, ColorSpace, CoverageBlock, PixelBlock, PixelRequest, PreviewRequest } from './photoshop-port.js';

/** How masks and selections are described to the host. */
const coverageFormat = {
  components: 1,
  chunky: false,
  colorSpace: 'Grayscale',
  colorProfile: 'Gray Gamma 2.2',
} as const;

const isEmpty = ({ left, top, right, bottom }: Bounds): boolean => right <= left || bottom <= top;

export async function readPixels(modules: HostModules, request: PixelRequest): Promise<PixelBlock | undefined> {
  if (isEmpty(request.bounds)) return undefined;
  const { convertTo } = request;
  const { imageData, sourceBounds } = await modules.imaging.getPixels({
    documentID: request.documentId,
    layerID: request.layerId,
    sourceBounds: request.bounds,
    ...(convertTo === undefined
      ? {}
      : { colorSpace: convertTo.colorSpace, colorProfile: convertTo.profile, componentSize: convertTo.bitDepth }),
  });
  return takePixels(imageData, plainBounds(sourceBounds));
}

export async function readPreview(modules: HostModules, request: PreviewRequest): Promise<PixelBlock | undefined> {
  if (isEmpty(request.bounds)) return undefined;
  const { left, top, right, bottom } = request.bounds;
  const isWide = right - left >= bottom - top;
  const longest = Math.min(request.longestSidePx, Math.max(right - left, bottom - top));
  const { imageData, sourceBounds, level } = await modules.imaging.getPixels({
    documentID: request.documentId,
    layerID: request.layerId,
    sourceBounds: request.bounds,
    targetSize: isWide ? { width: longest } : { height: longest },
    colorSpace: 'RGB',
    colorProfile: 'sRGB IEC61966-2.1',
    componentSize: 8,
  });
  const scale = 2 ** level;
  return takePixels(imageData, {
    left: sourceBounds.left * scale,
    top: sourceBounds.top * scale,
    right: sourceBounds.right * scale,
    bottom: sourceBounds.bottom * scale,
  });
}

export async function readSelection(
  modules: HostModules,
  documentId: number,
  bounds: Bounds,
): Promise<CoverageBlock | undefined> {
  const answer = await modules.imaging.getSelection({ documentID: documentId, sourceBounds: bounds });
  const block = await takePixels(answer.imageData, plainBounds(answer.sourceBounds));
  if (block === undefined) return undefined;
  if (!(block.samples instanceof Uint8Array) || block.components !== 1) {
    throw new Error(`expected a selection of one 8-bit component, got ${block.components} of another size`);
  }
  return { bounds: block.bounds, samples: block.samples };
}

/** Copies the samples out of image data of the host and gives it back, also when that fails. */
async function takePixels(imageData: HostImageData, bounds: Bounds): Promise<PixelBlock | undefined> {
  try {
    if (isEmpty(bounds)) return undefined;
    const samples = await imageData.getData({ chunky: true });
    const expected = imageData.width * imageData.height * imageData.components;
    if (samples.length !== expected) {
      throw new HostError('refused', `Photoshop answered with ${samples.length} samples instead of ${expected}`);
    }
    return {
      bounds,
      components: imageData.components,
      colorSpace: imageData.colorSpace,
      profile: plainProfileName(imageData.colorProfile),
      samples,
    };
  } finally {
    await imageData.dispose();
  }
}

/** Puts pixels onto a pixel layer. @param replaceAll whether everything else on it is wiped. */
export async function writePixels(
  modules: HostModules,
  documentId: number,
  layerId: number,
  block: PixelBlock,
  replaceAll: boolean,
): Promise<void> {
  const { left, top } = block.bounds;
  await withImageData(modules, block.samples, block.bounds, pixelFormat(block), (imageData) =>
    modules.imaging.putPixels({
      documentID: documentId,
      layerID: layerId,
      imageData,
      replace: replaceAll,
      targetBounds: { left, top, width: imageData.width, height: imageData.height },
    }),
  );
}

export async function writeMask(
  modules: HostModules,
  documentId: number,
  layerId: number,
  { bounds, samples }: CoverageBlock,
): Promise<void> {
  await withImageData(modules, samples, bounds, coverageFormat, (imageData) =>
    modules.imaging.putLayerMask({
      documentID: documentId,
      layerID: layerId,
      kind: 'user',
      imageData,
      replace: false,
      targetBounds: plainBounds(bounds),
    }),
  );
}

function pixelFormat(block: PixelBlock): { components: number; colorSpace: ColorSpace; colorProfile?: string } {
  const { components, colorSpace, profile } = block;
  return { components, colorSpace, ...(profile === '' ? {} : { colorProfile: profile }) };
}

async function withImageData(
  modules: HostModules,
  samples: PixelBlock['samples'],
  bounds: Bounds,
  format: { components: number; colorSpace: string; colorProfile?: string; chunky?: boolean },
  work: (imageData: HostImageData) => Promise<void>,
): Promise<void> {
  const size = { width: bounds.right - bounds.left, height: bounds.bottom - bounds.top };
  const imageData = await modules.imaging.createImageDataFromBuffer(samples, { ...size, ...format });
  try {
    await work(imageData);
  } finally {
    await imageData.dispose();
  }
}
