/**
 * Images of a job: blobs to pixels on the way in, pixels to blobs on the way out. Files are decoded in a process of their own,
 * raw pixels are used as they are.
 */
import { existsSync } from 'node:fs';
import {
  protocolLimits,
  ProtocolError,
  type ImageEncoding,
  type ImageInput,
  type ImageResult,
} from '@deltaspace/shared-protocol';
import { blobMissing, blobPath, readBlobFile, writeDerivedBlob } from '../jobs/blob-files.js';
import type { PixelImage } from '../jobs/engine-port.js';
import type { WorkerParts } from './run-job.js';

/** The pixels of an input, from the worker's recent images when it was used before. Throws coded errors. */
export function readImage(parts: WorkerParts, input: ImageInput, signal: AbortSignal): Promise<PixelImage> {
  return parts.images.get(JSON.stringify(input), () => decode(parts, input, signal));
}

async function decode(parts: WorkerParts, input: ImageInput, signal: AbortSignal): Promise<PixelImage> {
  if (input.encoding === 'file') {
    const file = blobPath(parts.blobDirectory, input.digest);
    if (!existsSync(file)) throw blobMissing(input.digest);
    return parts.codecs.decodeFile(file, signal);
  }
  const { width, height } = input;
  if (width * height > protocolLimits.imagePixels) {
    throw new ProtocolError('image_too_large', `${width} × ${height} pixels exceed ${protocolLimits.imagePixels}`);
  }
  const bytes = readBlobFile(parts.blobDirectory, input.digest);
  if (bytes.length !== width * height * 4) {
    throw new ProtocolError(
      'image_invalid',
      `rgba8 pixels of ${width} × ${height} need ${width * height * 4} bytes, the blob has ${bytes.length}`,
    );
  }
  return { width, height, data: bytes };
}

/** Encodes a picture and puts it into the blob folder. */
export async function writeImage(parts: WorkerParts, image: PixelImage, encoding: ImageEncoding): Promise<ImageResult> {
  const bytes = encoding === 'png' ? await parts.codecs.encodePng(image) : image.data;
  const blob = writeDerivedBlob(parts.blobDirectory, bytes);
  return { encoding, ...blob, width: image.width, height: image.height };
}
