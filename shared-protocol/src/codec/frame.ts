/**
 * Binary frames: the only way bytes travel. Text frames carry all control (envelope.ts).
 *
 * ```text
 * byte 0   u8   frame version, 1
 * byte 1   u8   type: 1 upload chunk (client → daemon), 2 download chunk (daemon → client)
 * byte 2   u16  flags, 0
 * byte 4   u32  header length H, 2 … 4096
 * byte 8        header: H bytes of UTF-8, one JSON object
 *               zeros up to the next multiple of 8
 *               payload: 1 … 1048576 bytes, to the end of the message
 * ```
 * Numbers are little endian. The padding lets a receiver view the payload as float32 or float64 without a copy.
 * Everything that does not fit exactly is refused: a peer that is slightly off is a peer with a defect.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { digestSchema, identifierSchema } from '../messages/schema.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

export const frameVersion = 1;
const fixedBytes = 8;
const alignment = 8;

export const uploadChunkHeader = z.strictObject({
  uploadId: identifierSchema.describe('from `blob.begin`'),
  offset: z.int().min(0).describe('position of the payload in the blob, in bytes'),
});

export const downloadChunkHeader = z.strictObject({
  request: z
    .int()
    .min(0)
    .describe('id of the `blob.get` request that this chunk belongs to, or of the job whose result it is'),
  digest: digestSchema,
  offset: z.int().min(0).describe('position of the payload in the blob, in bytes'),
});

/** Type numbers of the frames that exist, with their header schemas. Numbers are never reused. */
export const frameTypes = {
  uploadChunk: {
    number: 1,
    from: 'client',
    header: uploadChunkHeader,
    summary: 'client → daemon: bytes of an open upload',
  },
  downloadChunk: {
    number: 2,
    from: 'daemon',
    header: downloadChunkHeader,
    summary: 'daemon → client: bytes asked for by `blob.get`, or a small result',
  },
} as const;

export type Frame =
  | { readonly type: 'uploadChunk'; readonly header: z.output<typeof uploadChunkHeader>; readonly payload: Uint8Array }
  | {
      readonly type: 'downloadChunk';
      readonly header: z.output<typeof downloadChunkHeader>;
      readonly payload: Uint8Array;
    };

/** A frame that breaks the layout. The receiver closes the connection: it cannot know what the sender meant. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * Lays out one frame. Copies the payload.
 * @throws FrameError when the header or payload exceeds its limit, so that a defect shows at the sender.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const header = encodeUtf8(JSON.stringify(frame.header));
  if (header.length > protocolLimits.frameHeaderBytes) {
    throw new FrameError(`frame header has ${header.length} bytes, at most ${protocolLimits.frameHeaderBytes} allowed`);
  }
  checkPayloadSize(frame.payload.length);
  const payloadStart = alignUp(fixedBytes + header.length);
  const bytes = new Uint8Array(payloadStart + frame.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, frameVersion);
  view.setUint8(1, frameTypes[frame.type].number);
  view.setUint16(2, 0, true);
  view.setUint32(4, header.length, true);
  bytes.set(header, fixedBytes);
  bytes.set(frame.payload, payloadStart);
  return bytes;
}

/**
 * Reads one frame. The payload is a view into `bytes`, not a copy.
 * @throws FrameError saying which field is wrong and what was expected.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < fixedBytes)
    throw new FrameError(`frame has ${bytes.length} bytes, at least ${fixedBytes} expected`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version !== frameVersion) throw new FrameError(`frame version ${version}, expected ${frameVersion}`);
  const flags = view.getUint16(2, true);
  if (flags !== 0) throw new FrameError(`frame flags 0x${flags.toString(16)}, expected 0`);
  const headerLength = view.getUint32(4, true);
  if (headerLength < 2 || headerLength > protocolLimits.frameHeaderBytes) {
    throw new FrameError(`frame header length ${headerLength}, expected 2 to ${protocolLimits.frameHeaderBytes}`);
  }
  const payloadStart = alignUp(fixedBytes + headerLength);
  if (payloadStart > bytes.length) {
    throw new FrameError(`frame header length ${headerLength} exceeds the frame of ${bytes.length} bytes`);
  }
  if (bytes.subarray(fixedBytes + headerLength, payloadStart).some((byte) => byte !== 0)) {
    throw new FrameError('frame padding between header and payload must be zero');
  }
  checkPayloadSize(bytes.length - payloadStart);
  const header = parseHeader(bytes.subarray(fixedBytes, fixedBytes + headerLength));
  return typedFrame(view.getUint8(1), header, bytes.subarray(payloadStart));
}

function typedFrame(type: number, header: unknown, payload: Uint8Array): Frame {
  switch (type) {
    case frameTypes.uploadChunk.number:
      return { type: 'uploadChunk', header: checkHeader(uploadChunkHeader, header), payload };
    case frameTypes.downloadChunk.number:
      return { type: 'downloadChunk', header: checkHeader(downloadChunkHeader, header), payload };
    default:
      throw new FrameError(`unknown frame type ${type}`);
  }
}

function parseHeader(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    throw new FrameError('frame header is not JSON in UTF-8', { cause });
  }
}

function checkHeader<Header>(schema: z.ZodType<Header>, header: unknown): Header {
  const parsed = schema.safeParse(header);
  if (!parsed.success) throw new FrameError(`frame header: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function checkPayloadSize(size: number): void {
  if (size < 1 || size > protocolLimits.chunkBytes) {
    throw new FrameError(`frame payload has ${size} bytes, expected 1 to ${protocolLimits.chunkBytes}`);
  }
}

function alignUp(position: number): number {
  return Math.ceil(position / alignment) * alignment;
}
