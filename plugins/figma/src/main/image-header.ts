/**
 * What an image file says of itself in its first bytes: format and size.
 *
 * Nothing is decoded, and only the headers are walked: the sandbox is an interpreter, a loop over pixels would stall
 * the editor.
 */

/** Format of a file and, where its header tells, its size in pixels. */
export interface ImageHeader {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly widthPx?: number;
  readonly heightPx?: number;
}

const startsWith = (bytes: Uint8Array, at: number, ...expected: number[]): boolean =>
  expected.every((byte, index) => bytes[at + index] === byte);

const bigEndian16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const bigEndian32 = (bytes: Uint8Array, at: number): number =>
  bigEndian16(bytes, at) * 0x10000 + bigEndian16(bytes, at + 2);

/** Reads the header of an image file; null when it is none that we know. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  if (startsWith(bytes, 0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))
    return { mediaType: 'image/png', widthPx: bigEndian32(bytes, 16), heightPx: bigEndian32(bytes, 20) };
  if (startsWith(bytes, 0, 0x47, 0x49, 0x46, 0x38))
    return {
      mediaType: 'image/gif',
      widthPx: (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8),
      heightPx: (bytes[8] ?? 0) | ((bytes[9] ?? 0) << 8),
    };
  if (startsWith(bytes, 0, 0x52, 0x49, 0x46, 0x46) && startsWith(bytes, 8, 0x57, 0x45, 0x42, 0x50))
    return { mediaType: 'image/webp' };
  if (startsWith(bytes, 0, 0xff, 0xd8, 0xff)) return { mediaType: 'image/jpeg', ...jpegSize(bytes) };
  return null;
}

/** Size from the frame header of a JPEG: segments are skipped by their lengths until it comes. */
function jpegSize(bytes: Uint8Array): { widthPx?: number; heightPx?: number } {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bigEndian16(bytes, at + 2)) {
    if (bytes[at] !== 0xff) return {};
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { heightPx: bigEndian16(bytes, at + 5), widthPx: bigEndian16(bytes, at + 7) };
  }
  return {};
}
