/**
 * The picture of a target as the panel holds it: captured by the main side, brought within what Figma takes back, ready for the
 * daemon.
 *
 * Figma gives images of any size and creates none above 4096 × 4096, so that larger ones are scaled before they are edited: the
 * result then fits, and crops, which are relative, stay right. Scaling happens in the browser, as PNG.
 */
import { type CapturedLayer } from '@deltaspace/plugin-core';
import { bridgeLimits, type Capture, type Target } from '../../bridge/index.js';
import { blobOf, type PictureBytes } from '../dom/picture.js';
import { BridgeError, type UiBridge } from '../ui-bridge.js';

export interface CapturedPicture {
  readonly target: Target;
  readonly layer: CapturedLayer;
  /** Given back with results: by it the main side knows whether the layer still shows this. */
  readonly sourceKey: string;
  readonly bytes: PictureBytes;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Whether it is smaller than what Figma gave. */
  readonly isScaled: boolean;
  /** Whether it is what was there before our edits; false where that is gone, and the picture has them in it. */
  readonly isOriginal: boolean;
}

/**
 * Captures a target: what was there before our edits, where that is known and still there.
 * @throws BridgeError with words for the user.
 */
export async function capturePicture(bridge: Pick<UiBridge, 'request'>, target: Target): Promise<CapturedPicture> {
  const { capture, isOriginal } = await captureOriginal(bridge, target);
  const { widthPx, heightPx } = fitWithin(capture, bridgeLimits.imageSidePx);
  const isScaled = widthPx !== capture.widthPx || heightPx !== capture.heightPx;
  const file = isScaled ? await scale(capture, widthPx, heightPx) : capture;
  const { bytes, mediaType } = file;
  return {
    target,
    layer: { id: target.id, name: target.name, pixels: { encoding: 'file', bytes } },
    sourceKey: capture.sourceKey,
    bytes: { key: `${target.id} ${capture.sourceKey}`, bytes, mediaType },
    widthPx,
    heightPx,
    isScaled,
    isOriginal,
  };
}

async function captureOriginal(
  bridge: Pick<UiBridge, 'request'>,
  { id }: Target,
): Promise<{ readonly capture: Capture; readonly isOriginal: boolean }> {
  try {
    return { capture: await bridge.request('capture', { targetId: id, from: 'original' }), isOriginal: true };
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'original_gone') throw error;
    return { capture: await bridge.request('capture', { targetId: id, from: 'current' }), isOriginal: false };
  }
}

/** A size of the same proportions with neither side above a bound. */
export function fitWithin(
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  sidePx: number,
): { readonly widthPx: number; readonly heightPx: number } {
  const share = Math.min(1, sidePx / Math.max(widthPx, heightPx));
  if (share === 1) return { widthPx, heightPx };
  return { widthPx: Math.max(1, Math.round(widthPx * share)), heightPx: Math.max(1, Math.round(heightPx * share)) };
}

async function scale(
  capture: Capture,
  width: number,
  height: number,
): Promise<{ readonly bytes: Uint8Array; readonly mediaType: 'image/png' }> {
  const bitmap = await createImageBitmap(blobOf(capture), {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'high',
  }).catch(() => {
    throw new BridgeError({
      code: 'image_invalid',
      message: 'This image is too large to be read here. Scale it down.',
    });
  });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), mediaType: 'image/png' };
}

/** Whether the layer cuts the image that fills it, by more than rounding: the edit is of all of it. */
export function isCut({ target: { cutTo }, widthPx, heightPx }: CapturedPicture): boolean {
  return cutTo !== undefined && Math.abs(Math.log(widthPx / heightPx / cutTo)) > 0.02;
}
