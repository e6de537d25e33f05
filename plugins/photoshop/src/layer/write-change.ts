/**
 * The pixels of a result: the document's own, at its own depth, changed only where the edit changes them.
 *
 * For each tile of the changed area:
 * 1. read the source in the document's space and depth: these samples are the result wherever nothing changes;
 * 2. read the same tile as sRGB of the same depth, converted by Photoshop, and add the magnified difference;
 * 3. where the document is sRGB that is all. Otherwise write the tile as sRGB, so that Photoshop converts it to the document's
 *    profile (or to gray, or Lab), and read it back in the document's space;
 * 4. write the samples of step 1, with the changed pixels taken from step 2 or 3.
 * So colour is converted by Photoshop alone, which knows every profile, and pixels outside the edit keep their bits.
 */
import type { BitDepth, Bounds, LayerWriter, ModalScope, PixelBlock, Samples } from '../host/photoshop-port.js';
import { words } from '../words.js';
import { heightOf, sameBounds, tilesOf, widthOf } from './bounds.js';
import { wireProfile, type Capture } from './capture.js';
import { cornersAt, differenceAt, type Change, type Corners } from './change.js';
import { LayerError } from './layer-error.js';
import { captureLimits } from './reduction.js';
import { addDifference, fullScale, toLight } from './tone.js';

export interface WriteTask {
  readonly scope: ModalScope;
  readonly writer: LayerWriter;
  readonly capture: Capture;
  readonly edited: Uint8Array;
  readonly change: Change;
  /** The change in document pixels. */
  readonly bounds: Bounds;
  readonly layerId: number;
  /** What the difference is added to: the source layer as it is now, or the sent picture when there is no source any more. */
  readonly base: 'source' | 'sent';
}

/**
 * Writes the pixels of a result. Answers whether all of them are opaque.
 * @throws LayerError `nothing_changed` when the source has no pixels there any more.
 */
export async function writeChange(task: WriteTask): Promise<boolean> {
  const { scope, writer, layerId, bounds } = task;
  let isFirst = true;
  let isOpaque = true;
  for (const tile of tilesOf(bounds, captureLimits.tileSidePx)) {
    scope.checkCancelled();
    const result = task.base === 'source' ? await tileOfSource(task, tile, isFirst) : tileOfSent(task, tile);
    if (result === undefined) isOpaque = false;
    else {
      isOpaque &&= sameBounds(result.bounds, tile) && isFullyOpaque(result, depthOf(task.capture));
      await writer.writePixels(layerId, result, isFirst);
      isFirst = false;
    }
    scope.report((tile.bottom - bounds.top) / heightOf(bounds));
  }
  if (isFirst) throw new LayerError('nothing_changed', words.nothingChanged); // painted away meanwhile
  return isOpaque;
}

/** Writes the mask of a result, magnified like the difference. Outside the changed bounds the layer stays hidden. */
export async function writeMask({ writer, capture, change, bounds, layerId }: WriteTask): Promise<void> {
  await writer.hideByMask(layerId);
  const width = widthOf(change.bounds);
  const { widthPx } = capture.size;
  const shownAt = (pixel: number): number => {
    const x = (pixel % widthPx) - change.bounds.left;
    const y = Math.floor(pixel / widthPx) - change.bounds.top;
    return x < 0 || y < 0 || x >= width || y >= heightOf(change.bounds) ? 0 : change.mask[y * width + x]!;
  };
  for (const tile of tilesOf(bounds, captureLimits.tileSidePx)) {
    const samples = new Uint8Array(widthOf(tile) * heightOf(tile));
    forEachPixel(tile, capture, (index, { pixels, weights }) => {
      let shown = 0;
      for (let corner = 0; corner < 4; corner++) shown += shownAt(pixels[corner]!) * weights[corner]!;
      samples[index] = Math.round(shown);
    });
    await writer.writeMask(layerId, { bounds: tile, samples });
  }
}

const depthOf = (capture: Capture): BitDepth => capture.document.bitDepth as BitDepth;

async function tileOfSource(task: WriteTask, tile: Bounds, isFirst: boolean): Promise<PixelBlock | undefined> {
  const { scope, writer, capture, layerId } = task;
  const source = { documentId: capture.document.id, layerId: capture.layer.id, bounds: tile };
  let own = await scope.readPixels(source);
  if (own === undefined) return undefined;
  const bitDepth = depthOf(capture);
  const isWireSpace = own.colorSpace === 'RGB' && own.profile === wireProfile;
  const convertTo = { colorSpace: 'RGB', profile: wireProfile, bitDepth } as const;
  const read = isWireSpace ? own : await scope.readPixels({ ...source, convertTo });
  if (read === undefined) return undefined;
  if (!sameBounds(read.bounds, own.bounds)) {
    // Read without alpha, nothing is trimmed: the tile is read once more, where the other reading found pixels.
    own = await scope.readPixels({ ...source, bounds: read.bounds });
    if (own === undefined || !sameBounds(read.bounds, own.bounds)) {
      throw new Error('the host answered with other bounds for the same tile in another profile');
    }
  }
  const wire = withAlpha(read, bitDepth);
  const result = withAlphaOf(own, wire, bitDepth);
  const changed = addChange(task, wire, bitDepth);
  if (changed.length === 0) return result;
  let converted = wire;
  if (!isWireSpace) {
    await writer.writePixels(layerId, wire, isFirst);
    const back = await scope.readPixels({ documentId: capture.document.id, layerId, bounds: own.bounds });
    if (back === undefined) return result; // nothing but fully transparent pixels
    converted = withAlpha(back, bitDepth);
  }
  takeColours(result, converted, changed);
  return result;
}

/** Copies the colour, not the alpha, of some pixels of `result` (by index) from another block of the same space. */
function takeColours(result: PixelBlock, from: PixelBlock, pixels: readonly number[]): void {
  const { bounds, components } = result;
  const width = widthOf(bounds);
  const [offsetX, offsetY] = [bounds.left - from.bounds.left, bounds.top - from.bounds.top];
  const [fromWidth, fromHeight] = [widthOf(from.bounds), heightOf(from.bounds)];
  for (const pixel of pixels) {
    const x = (pixel % width) + offsetX;
    const y = Math.floor(pixel / width) + offsetY;
    if (x < 0 || y < 0 || x >= fromWidth || y >= fromHeight) continue; // trimmed by the host: fully transparent
    const at = (y * fromWidth + x) * components;
    for (let channel = 0; channel < components - 1; channel++) {
      result.samples[pixel * components + channel] = from.samples[at + channel]!;
    }
  }
}

/** Adds the difference to a block of sRGB with alpha, in place. Answers the indices of the pixels whose samples changed. */
function addChange({ capture, edited }: WriteTask, block: PixelBlock, bitDepth: BitDepth): number[] {
  const changed: number[] = [];
  const { samples } = block;
  forEachPixel(block.bounds, capture, (index, corners) => {
    const at = index * 4;
    if (samples[at + 3] === 0) return;
    let isChanged = false;
    for (let channel = 0; channel < 3; channel++) {
      const before = samples[at + channel]!;
      samples[at + channel] = addDifference(before, magnified(capture, edited, corners, channel), bitDepth);
      isChanged ||= samples[at + channel] !== before;
    }
    if (isChanged) changed.push(index);
  });
  return changed;
}

/** The difference at a document pixel, between the four sent pixels around it. */
function magnified(capture: Capture, edited: Uint8Array, { pixels, weights }: Corners, channel: number): number {
  let difference = 0;
  for (let corner = 0; corner < 4; corner++) {
    if (weights[corner] === 0) continue;
    difference += weights[corner]! * differenceAt(capture, edited, pixels[corner]!, channel);
  }
  return difference;
}

/** The edited picture itself, as sRGB of the document's depth. */
function tileOfSent({ capture, edited }: WriteTask, tile: Bounds): PixelBlock {
  const bitDepth = depthOf(capture);
  const samples = emptySamples(bitDepth, widthOf(tile) * heightOf(tile) * 4);
  forEachPixel(tile, capture, (index, corners) => {
    for (let channel = 0; channel < 4; channel++) {
      let value = 0;
      for (let corner = 0; corner < 4; corner++) {
        const at = corners.pixels[corner]! * 4 + channel;
        value += corners.weights[corner]! * (channel === 3 ? capture.rgba[at]! : edited[at]!);
      }
      const isLight = bitDepth === 32 && channel < 3;
      const scaled = (value / 255) * fullScale[bitDepth];
      samples[index * 4 + channel] = isLight ? toLight(scaled) : bitDepth === 32 ? scaled : Math.round(scaled);
    }
  });
  return { bounds: tile, components: 4, colorSpace: 'RGB', profile: wireProfile, samples };
}

function forEachPixel(bounds: Bounds, capture: Capture, visit: (index: number, corners: Corners) => void): void {
  let index = 0;
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      visit(index++, cornersAt(x - capture.bounds.left, y - capture.bounds.top, capture.size));
    }
  }
}

function emptySamples(bitDepth: BitDepth, length: number): Samples {
  if (bitDepth === 8) return new Uint8Array(length);
  return bitDepth === 16 ? new Uint16Array(length) : new Float32Array(length);
}

/**
 * The same pixels with the alpha of another reading of them, unless they have their own: of gray and Lab layers Photoshop leaves
 * alpha out even when they are transparent (seen in AdobeDocs/uxp-photoshop, issue 501); as RGB it gives it.
 * The samples are a copy when the other block's would be shared.
 */
function withAlphaOf(block: PixelBlock, other: PixelBlock, bitDepth: BitDepth): PixelBlock {
  if (block.components % 2 === 0)
    return block.samples === other.samples ? { ...block, samples: block.samples.slice() } : block;
  const result = withAlpha(block, bitDepth);
  const { components, samples } = result;
  for (let pixel = 0; pixel < samples.length / components; pixel++) {
    samples[(pixel + 1) * components - 1] = other.samples[(pixel + 1) * other.components - 1]!;
  }
  return result;
}

/** The same pixels with an alpha component: the host leaves it out for opaque sources such as the Background. */
function withAlpha(block: PixelBlock, bitDepth: BitDepth): PixelBlock {
  const { components, samples } = block;
  if (components === 2 || components === 4) return block;
  const count = samples.length / components;
  const full = emptySamples(bitDepth, count * (components + 1));
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < components; channel++) {
      full[pixel * (components + 1) + channel] = samples[pixel * components + channel]!;
    }
    full[pixel * (components + 1) + components] = fullScale[bitDepth];
  }
  return { ...block, components: components + 1, samples: full };
}

function isFullyOpaque({ samples, components }: PixelBlock, bitDepth: BitDepth): boolean {
  for (let at = components - 1; at < samples.length; at += components) {
    if (samples[at]! < fullScale[bitDepth]) return false;
  }
  return true;
}
